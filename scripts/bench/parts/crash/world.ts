/** A local L1 with a rollup, and a sequencer on it in a process of its own that can be killed. */

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { createProvider, createRollupReader, type RollupReader } from '@quittance/chain';
import { PROFILES } from '@quittance/protocol';
import { LOCAL_CHAIN_ID, startAnvil } from '../../../../cli/devnet/anvil.ts';
import { deployLocally } from '../../../../cli/devnet/deploy.ts';
import { l1Wallet, PRODUCER_POSITION } from '../../../../cli/devnet/people.ts';
import { createGroth16Simulator } from '../../../../test/support/contracts/groth16-simulator.ts';
import { rollupAt } from '../../../../test/support/contracts/types.ts';
import { depositFor } from '../../../../test/support/l1/deposits.ts';
import type { Person } from '../../../../test/support/rollup/person.ts';
import type { SequencerProcessSettings } from '../../../../test/support/sequencer/process.ts';
import type { KillPoint } from '../../../../test/support/storage/kill-points.ts';

const SCRIPT = fileURLToPath(new URL('../../../../test/support/sequencer/process.ts', import.meta.url));
const FUNDER_POSITION = 5;
const SEED = 'bench-crash';

/** L1 and the process. */
export interface World {
  readonly reader: RollupReader;
  readonly contract: string;
  readonly deploymentBlock: number;
  /** Of the process that runs; undefined while none does. */
  readonly url: string | undefined;
  /** Starts a process on the database. @returns whether it lived until it could be asked. */
  start(file: string, killAt?: KillPoint): Promise<boolean>;
  /** Resolves when the process has ended. */
  readonly ended: Promise<void>;
  kill(): Promise<void>;
  stop(): Promise<void>;
}

/** @param people who get money on L1. @param cache a folder for compiled code, which halves what it takes to load a process. */
export async function createWorld(people: readonly Person[], amount: bigint, cache: string): Promise<World> {
  const l1 = await startAnvil();
  const provider = createProvider({ url: l1.url, chainId: LOCAL_CHAIN_ID });
  const { verifyingKey } = createGroth16Simulator(SEED);
  const { contract, block } = await deployLocally(provider, PROFILES.quick, verifyingKey, { blobsAllowed: false });
  const rollup = rollupAt(contract, l1Wallet(FUNDER_POSITION).connect(provider));
  for (const person of people) await depositFor(rollup, person, amount);
  const settings: Omit<SequencerProcessSettings, 'file'> = {
    ...{ l1Url: l1.url, contract, deploymentBlock: block, producer: PRODUCER_POSITION },
    ...{ simulatorSeed: SEED, data: 'calldata' },
  };
  let child: ChildProcess | undefined;
  /** Has everything loaded, which takes longer than a start: it waits for its settings. */
  const env = { ...process.env, NODE_COMPILE_CACHE: cache };
  const idle = (): ChildProcess => spawn(process.execPath, [SCRIPT], { stdio: ['pipe', 'pipe', 'inherit'], env });
  // One that ends by itself keeps what it compiled.
  spawnSync(process.execPath, [SCRIPT], { input: '', env });
  let spare = idle();
  let ended: Promise<void> = Promise.resolve();
  let url: string | undefined;
  const kill = async (): Promise<void> => {
    child?.kill('SIGKILL');
    await ended;
  };
  return {
    reader: createRollupReader({ provider, chainId: LOCAL_CHAIN_ID, contract }),
    contract,
    deploymentBlock: block,
    get url() {
      return url;
    },
    get ended() {
      return ended;
    },
    async start(file, killAt) {
      const all: SequencerProcessSettings =
        killAt === undefined ? { ...settings, file } : { ...settings, file, killAt };
      const started = spare;
      child = started;
      ended = once(started, 'exit').then(() => {
        url = undefined;
      });
      started.stdin!.end(`${JSON.stringify(all)}\n`);
      spare = idle();
      for await (const line of createInterface({ input: started.stdout! })) {
        url = line;
        return true;
      }
      await ended;
      if (killAt === undefined) throw new Error(`the sequencer ended at its start with code ${started.exitCode}`);
      return false;
    },
    kill,
    async stop() {
      await kill();
      spare.kill('SIGKILL');
      provider.destroy();
      await l1.stop();
    },
  };
}
