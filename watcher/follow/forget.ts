/** Bounds what is kept: events of batches that are over, and what was begun long ago. */

import type { WatcherStore } from '../store/store.ts';
import { MAX_REORG_BLOCKS } from './follower.ts';
import type { L1Model } from './model.ts';

/** Nothing that was begun on L1 is undecided for longer. */
const KEPT_MS = 90 * 86_400_000;

/**
 * Forgets the events of assertions on which nothing can happen any more that matters, once no reorg can bring them back.
 *
 * @param isOurs whose bonds are waited for.
 */
export function forgetClosed(
  store: WatcherStore,
  model: L1Model,
  headNumber: number,
  isOurs: (account: string) => boolean,
  nowMs: number,
): void {
  const finalNumber = store.checkpoint.get()?.header.number ?? 0;
  const closed = [...model.assertions.values()].filter(({ assertionId, header, asserter, isProven }) => {
    if (header.number > finalNumber) return false;
    if ((model.lastBlocks.get(assertionId) ?? headNumber) > headNumber - MAX_REORG_BLOCKS) return false;
    if (model.disputesOf(assertionId).some(({ isSettled }) => !isSettled)) return false;
    return isProven || !isOurs(asserter) || model.released.has(assertionId) || model.rejected.has(assertionId);
  });
  store.commit(() => {
    store.events.forget(closed.map(({ assertionId }) => assertionId));
    store.journal.prune(nowMs - KEPT_MS);
  });
}
