/** `quittance devnet stop`: ends the devnet in the background, and waits until it has ended. */

import { setTimeout as sleep } from 'node:timers/promises';
import { RollupError } from '@quittance/protocol';
import type { Values } from '../config/setting.ts';
import type { Context } from '../process/command.ts';
import { forgetRunning, isAlive, type RunningDevnet, readRunning, runningFiles } from './running.ts';
import type { STOP_SETTINGS } from './settings.ts';

const POLL_MS = 100;
/** Proofs and transactions in progress are finished first. */
const LIMIT_MS = 60_000;
const ANSWER_MS = 5_000;

/** Whether the process is the devnet: after a restart of the machine another one may have its number. */
async function isDevnet({ rpcUrl }: RunningDevnet): Promise<boolean> {
  if (rpcUrl === undefined) return true; // started a moment ago
  const signal = AbortSignal.timeout(ANSWER_MS);
  return fetch(new URL('/readyz', rpcUrl), { signal }).then(
    () => true,
    () => false,
  );
}

/** @throws RollupError NOT_FOUND when none runs, TIMEOUT when it does not end. */
export async function runDevnetStop({ output, signal }: Context, values: Values<typeof STOP_SETTINGS>): Promise<void> {
  const files = runningFiles(values.state);
  const running = readRunning(files);
  if (running === undefined) {
    forgetRunning(files);
    throw new RollupError('NOT_FOUND', `no devnet runs in the background (${files.state})`, { state: files.state });
  }
  const { pid } = running;
  if (!(await isDevnet(running))) {
    throw new RollupError(
      'NOT_FOUND',
      `process ${pid} does not answer as the devnet at ${running.rpcUrl}: if it is the devnet, end it with kill ${pid}; ` +
        `if not, remove ${files.state}`,
      { pid },
    );
  }
  process.kill(pid, 'SIGTERM');
  for (let waitedMs = 0; isAlive(pid); waitedMs += POLL_MS) {
    if (waitedMs >= LIMIT_MS) {
      throw new RollupError('TIMEOUT', `the devnet (process ${pid}) did not end within ${LIMIT_MS / 1_000} s`, {
        timeoutMs: LIMIT_MS,
      });
    }
    await sleep(POLL_MS, undefined, { signal });
  }
  forgetRunning(files);
  output.result({ pid, stopped: true }, () => `stopped (process ${pid})`);
}
