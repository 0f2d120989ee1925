/** Waits for what comes by itself, and not for ever. */

import { setTimeout as pause } from 'node:timers/promises';
import { RollupError } from '@quittance/protocol';

const WITHIN_MS = 600_000;

/** Resolves once `isSo`. @throws RollupError TIMEOUT. */
export async function until(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
  for (const end = performance.now() + WITHIN_MS; performance.now() < end; await pause(200)) if (await isSo()) return;
  throw new RollupError('TIMEOUT', `${what} took longer than ${WITHIN_MS / 1_000} s`, {});
}
