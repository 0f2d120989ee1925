/** One complete look at L1, for scripts. */

import { isPassing, RollupError } from '@quittance/protocol';
import { retry, systemClock } from '../../runtime/index.ts';
import { hasLie, type Watcher, type WatchReport } from '../../watcher/index.ts';
import type { Context } from '../process/command.ts';
import type { OpenWatcher } from './open.ts';
import { faultLines, waitingText } from './view.ts';

/** Whether an error ends the watcher: all but those that the next look may not meet. */
export const isFatal = (error: unknown): boolean => !isPassing(error);

/** Looks that may fail before `--once` gives up. */
const ONCE_ATTEMPTS = 5;

function lieOf({ waiting }: WatchReport): RollupError {
  const wrong = waiting.filter(({ verdict }) => verdict === 'wrong');
  const lines = wrong.flatMap(faultLines).join(' ');
  return new RollupError('LIE_WAITING', `a waiting batch is wrong. ${lines}`, {
    batches: wrong.map(({ number }) => number).join(','),
  });
}

/** Looks until all blobs have come that are on their way. Each ends: its places have timeouts. @throws as `Watcher.poll`. */
export async function lookOn(watcher: Watcher, signal: AbortSignal): Promise<WatchReport> {
  for (;;) {
    const report = await watcher.poll(signal);
    if (!report.isCatchingUp) return report;
  }
}

/** One complete look. @throws RollupError LIE_WAITING when a waiting batch is wrong. */
export async function lookOnce({ output, signal }: Context, { watcher }: OpenWatcher): Promise<void> {
  const isTransient = (error: unknown) => !isFatal(error);
  const look = async (): Promise<WatchReport> => {
    const report = await lookOn(watcher, signal);
    const [failure] = report.failures;
    if (failure !== undefined) throw failure;
    if (!report.isSynced) throw new RollupError('L1_REORG', 'L1 moved on while it was read');
    return report;
  };
  const clock = systemClock;
  const report = await retry(look, {
    clock,
    attempts: ONCE_ATTEMPTS,
    firstDelayMs: 200,
    maxDelayMs: 2_000,
    isTransient,
    signal,
  });
  const { head, finalBatch, stateRoot, waiting, chunks, disputes, actions } = report;
  output.result({ head, finalBatch, stateRoot, waiting, chunks, disputes, actions }, () =>
    [`last final batch ${finalBatch} at L1 block ${head.number}`, waitingText(report, head.timestamp)].join('\n'),
  );
  if (hasLie(report)) throw lieOf(report);
}
