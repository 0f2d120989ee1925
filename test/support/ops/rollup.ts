/** A rollup in optimistic mode whose processes are those of the command line: no prover, so it is there in seconds. */

import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type LocalChain, startAnvil } from '../../../cli/devnet/anvil.ts';
import { l1Wallet } from '../../../cli/devnet/people.ts';
import { encodeVerifyingKey, type VerifyingKeyJson } from '../../../prover/index.ts';
import { createL1 } from '../contracts/deployment.ts';
import { createGroth16Simulator } from '../contracts/groth16-simulator.ts';
import { type CliResult, runCli, spawnCli, writePrivate } from '../process/cli.ts';

/** Positions on the development mnemonic. */
export const PEOPLE = { deployer: 0, producer: 1, watcher: 4, alice: 5 } as const;

/** A process that runs. */
export interface Running {
  /** What its first line says, which is JSON. */
  readonly said: Readonly<Record<string, unknown>>;
  readonly child: ChildProcess;
  /** What it has written to stderr so far. */
  readonly log: () => string;
  /** Sends the signal, and resolves with the exit code. */
  end(signal?: NodeJS.Signals): Promise<number | null>;
}

/** A deployed rollup. */
export interface OpsRollup {
  readonly folder: string;
  readonly l1: LocalChain;
  readonly contract: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Where the key of a person lies. */
  readonly keys: Readonly<Record<keyof typeof PEOPLE, string>>;
  run(...args: string[]): Promise<CliResult>;
  /** Starts a process and waits for its line. */
  start(...args: string[]): Promise<Running>;
  stop(): Promise<void>;
}

function startProcess(args: readonly string[], environment: Readonly<Record<string, string>>): Promise<Running> {
  const child = spawnCli(args, { environment });
  let log = '';
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    log += text;
  });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  return new Promise((resolve, reject) => {
    createInterface({ input: child.stdout! }).once('line', (line) => {
      resolve({
        said: JSON.parse(line) as Record<string, unknown>,
        child,
        log: () => log,
        end(signal = 'SIGTERM') {
          child.kill(signal);
          return ended;
        },
      });
    });
    void ended.then((code) => reject(new Error(`it ended with ${code} before it was ready:\n${log}`)));
  });
}

/** Deploys, with a key whose secrets the Groth16 simulator knows. @param terms further flags of `quittance deploy`. */
export function startOpsRollup(...terms: string[]): Promise<OpsRollup> {
  return startOpsRollupOf(encodeVerifyingKey(createGroth16Simulator('ops').verifyingKey, true), ...terms);
}

/** Deploys with this key, which lies in `key.json` of its folder. */
export async function startOpsRollupOf(verifyingKey: VerifyingKeyJson, ...terms: string[]): Promise<OpsRollup> {
  await createL1(); // compiles
  const folder = mkdtempSync(join(tmpdir(), 'quittance-ops-'));
  const l1 = await startAnvil();
  const keyOf = (name: keyof typeof PEOPLE) =>
    writePrivate(folder, `${name}.key`, `${l1Wallet(PEOPLE[name]).privateKey}\n`);
  const keys = {
    deployer: keyOf('deployer'),
    producer: keyOf('producer'),
    watcher: keyOf('watcher'),
    alice: keyOf('alice'),
  };
  const key = writePrivate(folder, 'key.json', JSON.stringify(verifyingKey));
  const producer = l1Wallet(PEOPLE.producer).address;
  const deploy = ['deploy', '--profile', 'quick', '--verifying-key', key, '--producer', producer, '--json', ...terms];
  const base = { QUITTANCE_L1_URL: l1.url };
  const deployed = await runCli([...deploy, '--keystore', keys.deployer], { environment: base });
  if (deployed.code !== 0) throw new Error(deployed.stderr);
  const { contract, block } = JSON.parse(deployed.stdout) as { contract: string; block: number };
  const environment = { ...base, QUITTANCE_CONTRACT: contract, QUITTANCE_FROM_BLOCK: String(block) };
  const running = new Set<ChildProcess>();
  return {
    ...{ folder, l1, contract, environment, keys },
    run: (...args) => runCli(args, { environment }),
    async start(...args) {
      const started = await startProcess([...args, '--json'], environment);
      running.add(started.child);
      started.child.once('close', () => running.delete(started.child));
      return started;
    },
    async stop() {
      for (const child of running) child.kill('SIGKILL');
      await l1.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
