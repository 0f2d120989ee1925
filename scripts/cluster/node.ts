/** One node of a cluster on this machine: `quittance sequencer --journal` in a process of its own. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, globSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { CuttableProxy } from './proxy.ts';

const MAIN = fileURLToPath(new URL('../../cli/main.ts', import.meta.url));
const CLOCK = fileURLToPath(new URL('./clock-offset.ts', import.meta.url));
const READY_WITHIN_MS = 90_000;

/** A node. */
export interface ClusterNode {
  readonly name: string;
  readonly url: string;
  readonly proverUrl: string | undefined;
  readonly database: string;
  /** Between it and each PostgreSQL, and between other nodes and it. */
  readonly network: readonly CuttableProxy[];
  readonly isUp: boolean;
  /** @param clockOffsetMs how far its clock goes ahead. */
  start(clockOffsetMs?: number): Promise<void>;
  /** Its clock jumps, while it runs. @param offsetMs how far it goes ahead from then on. */
  jump(offsetMs: number): void;
  /** SIGKILL: as if its machine lost power. */
  kill(): Promise<void>;
  /** Its database is gone, with all that belongs to it. Call it while it is down. */
  eraseDisk(): void;
  /** Stops it in its tracks, or lets it go on. */
  freeze(isFrozen: boolean): void;
  /** Ends it cleanly. */
  stop(): Promise<void>;
  /** What it logged last. */
  log(): string;
}

export interface NodeOptions {
  readonly name: string;
  readonly folder: string;
  readonly port: number;
  readonly proverPort: number | undefined;
  readonly network: readonly CuttableProxy[];
  /** Where other nodes reach it. */
  readonly peerUrl: string;
  /** Everything but what is of this node alone. */
  readonly settings: readonly string[];
}

/** Whether it answers. */
async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/livez`, { signal: AbortSignal.timeout(2_000) })).ok;
  } catch {
    return false;
  }
}

/** A node that is not started yet. */
export function createClusterNode(options: NodeOptions): ClusterNode {
  const { name, folder, port, proverPort, network, peerUrl, settings } = options;
  const url = `http://127.0.0.1:${port}`;
  const database = join(folder, `${name}.db`);
  const logFile = join(folder, `${name}.log`);
  const clockFile = join(folder, `${name}.clock`);
  const jump = (offsetMs: number): void => writeFileSync(clockFile, String(offsetMs));
  let child: ChildProcess | undefined;
  const isUp = (): boolean => child !== undefined && child.exitCode === null && child.signalCode === null;
  const own = [
    ...['--database', database, '--port', String(port), '--metrics-port', '0', '--advertise-url', peerUrl],
    ...['--node-name', name, '--log-format', 'json', '--json', '--quiet'],
    ...(proverPort === undefined ? [] : ['--prover-port', String(proverPort)]),
  ];
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (!isUp()) return;
    const exited = once(child!, 'exit');
    child!.kill(signal);
    await exited;
  };
  return {
    ...{ name, url, database, network },
    proverUrl: proverPort === undefined ? undefined : `http://127.0.0.1:${proverPort}`,
    get isUp() {
      return isUp();
    },
    async start(clockOffsetMs = 0) {
      const log = openSync(logFile, 'a');
      jump(clockOffsetMs);
      child = spawn(process.execPath, ['--import', CLOCK, MAIN, 'sequencer', ...settings, ...own], {
        env: { ...process.env, CLOCK_OFFSET_FILE: clockFile },
        stdio: ['ignore', log, log],
      });
      closeSync(log);
      const until = performance.now() + READY_WITHIN_MS;
      while (!(await answers(url))) {
        if (!isUp())
          throw new Error(`node ${name} ended while it started:\n${readFileSync(logFile, 'utf8').slice(-3_000)}`);
        if (performance.now() > until)
          throw new Error(`node ${name} did not start within ${READY_WITHIN_MS / 1_000} s`);
        await pause(50);
      }
    },
    jump,
    kill: () => end('SIGKILL'),
    eraseDisk() {
      for (const file of globSync(`${database}*`)) rmSync(file, { recursive: true });
    },
    freeze: (isFrozen) => void child?.kill(isFrozen ? 'SIGSTOP' : 'SIGCONT'),
    async stop() {
      child?.kill('SIGCONT');
      const timer = setTimeout(() => child?.kill('SIGKILL'), 20_000);
      await end('SIGTERM');
      clearTimeout(timer);
    },
    log: () => readFileSync(logFile, 'utf8').slice(-4_000),
  };
}
