/** Which devnet runs in the background: its process, and where it is reached. */

import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { UsageError } from '../process/errors.ts';

const FILE = 'running.json';

/** A devnet in the background. */
export interface RunningDevnet {
  readonly pid: number;
  /** Undefined until it is up. */
  readonly rpcUrl?: string;
}

/** Files about the devnet in the background. */
export interface RunningFiles {
  readonly folder: string;
  /** What it prints goes there. */
  readonly stdout: string;
  readonly log: string;
  readonly state: string;
}

/** Beside the state that is kept, or in the person’s home where none is. */
export function runningFiles(state: string | undefined): RunningFiles {
  const folder = state === undefined ? join(homedir(), '.quittance', 'devnet') : resolve(state);
  return {
    folder,
    stdout: join(folder, 'devnet.out'),
    log: join(folder, 'devnet.log'),
    state: join(folder, FILE),
  };
}

/** Whether a process lives, be it somebody else’s. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** The devnet that was noted; undefined when there is none, or its process is gone. @throws UsageError for another file. */
export function readRunning({ state }: RunningFiles): RunningDevnet | undefined {
  if (!existsSync(state)) return undefined;
  let noted: Partial<RunningDevnet>;
  try {
    noted = JSON.parse(readFileSync(state, 'utf8')) as Partial<RunningDevnet>;
  } catch {
    noted = {};
  }
  if (!Number.isSafeInteger(noted.pid)) throw new UsageError(`${state} names no process: remove it`);
  return isAlive(noted.pid!) ? (noted as RunningDevnet) : undefined;
}

/** Notes it. */
export function noteRunning({ folder, state }: RunningFiles, running: RunningDevnet): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  writeFileSync(state, `${JSON.stringify(running)}\n`, { mode: 0o600 });
}

/** Forgets it. */
export function forgetRunning({ state }: RunningFiles): void {
  rmSync(state, { force: true });
}
