/** Waits for a sequencer process to end. */

import type { Clock } from '../../runtime/index.ts';
import { isReadable, type SyncStatus } from '../../sequencer/index.ts';
import type { Output } from '../process/output.ts';

const LOOK_MS = 500;

/**
 * Ends when it is interrupted. A sequencer that stopped while its database is sound answers reads until then, so that people
 * can still prove what is theirs; any other stop ends it at once.
 *
 * @throws why it stopped.
 */
export async function untilEnd(
  status: () => Pick<SyncStatus, 'halted'>,
  clock: Clock,
  output: Pick<Output, 'warn'>,
  signal: AbortSignal,
): Promise<void> {
  let isTold = false;
  while (!signal.aborted) {
    const { halted } = status();
    if (halted !== undefined && !isReadable(halted)) throw halted;
    if (halted !== undefined && !isTold) {
      output.warn(`READ ONLY, ${halted.code}: ${halted.message}. It answers reads until you end this process`);
      isTold = true;
    }
    await clock.sleep(LOOK_MS, signal).catch(() => undefined);
  }
  const { halted } = status();
  if (halted !== undefined) throw halted;
}
