/** Bounds the database: forgets the events of settled batches, and actions begun long ago. */

import type { WatcherStore } from '../store/store.ts';
import { MAX_REORG_BLOCKS } from './follower.ts';
import type { L1Model } from './model.ts';

/** No action on L1 stays undecided for longer. */
const KEPT_MS = 90 * 86_400_000;

/**
 * Forgets the events of assertions about which nothing relevant can happen any more, once no reorg can revive them.
 *
 * @param isOurs whether an account is ours: its bonds are waited for.
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
  const beforeMs = nowMs - KEPT_MS;
  if (closed.length === 0 && !store.journal.isOld(beforeMs)) return;
  store.commit(() => {
    store.events.forget(closed.map(({ assertionId }) => assertionId));
    store.journal.prune(beforeMs);
  });
}
