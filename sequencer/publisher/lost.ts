/** Batches that we posted and that L1 does not have waiting any more: a reorg, removed, or rejected. */

import type { BlockReference } from '@quittance/chain';
import type { BatchRow } from '../../storage/index.ts';
import type { AssertingParts } from './asserting.ts';
import { type FoundAssertion, isAssertedBy } from './assertion-search.ts';
import { isOnL1 } from './batch-states.ts';
import { type Rejection, rejectionError } from './rejection.ts';

/** Whether it is our own assertion that L1 rejected; what others make of our batch is their affair. */
export function isRejection({ assertions }: AssertingParts, { status }: FoundAssertion): boolean {
  return status.isRejected && isAssertedBy(assertions, status);
}

/** Keeps the rejection and takes back all that followed. @returns the error that stops the sequencer. */
export function reject(parts: AssertingParts, batch: BatchRow, found: FoundAssertion): Error {
  const { storage } = parts.context;
  const rejection: Rejection = {
    batch: batch.number,
    headerHash: batch.headerHash,
    assertionId: found.assertionId.toString(),
    isUnanswered: found.isUnanswered,
  };
  const later = storage.batches.range(batch.number + 1, Number.MAX_SAFE_INTEGER);
  parts.states.rejected(rejection, [batch, ...later.filter(({ state }) => isOnL1(state))]);
  return rejectionError(rejection);
}

/**
 * Says of each of these batches, which follow one another, what happened to it.
 *
 * @throws RollupError BATCH_REJECTED when L1 rejected one.
 */
export async function explainLost(
  parts: AssertingParts,
  lost: readonly BatchRow[],
  head: BlockReference,
): Promise<void> {
  const { context, find, states, bonds } = parts;
  const { logger, chain } = context;
  for (const [position, batch] of lost.entries()) {
    const found = await find(batch, head);
    if (found === undefined) {
      logger.warn('a reorg removed batches from L1; they are posted again', {
        first: batch.number,
        count: lost.length - position,
      });
      for (const later of lost.slice(position).reverse()) states.unposted(later, 'sealed');
      return;
    }
    if (isRejection(parts, found)) throw reject(parts, batch, found);
    // It waits after all, or is final: L1 went on between two answers, and the next look sees it.
    if (found.status.isPending || (await chain.finalState()).number >= batch.number) return;
    await bonds.release(found);
    states.unposted(batch, 'reverted');
    logger.warn('L1 removed a batch through no fault of ours; it is posted again', {
      batch: batch.number,
      assertionId: found.assertionId,
    });
  }
}
