/** Notices that a deep reorg put the batch of another producer in the place of a final one. */

import type { SequencerContext } from '../context.ts';
import { mismatch } from './refusals.ts';

/**
 * Compares the last batch that is final here and on L1. Each header holds the hash of its parent, so one comparison covers all.
 *
 * @param onL1 number of the last final batch on L1. @throws RollupError FOREIGN_BATCH_FINAL, or why L1 could not be asked.
 */
export async function requireOwnFinal(
  { storage, chain }: Pick<SequencerContext, 'storage' | 'chain'>,
  onL1: number,
): Promise<void> {
  const last = storage.batches.get(Math.min(onL1, storage.batches.lastFinal()?.number ?? 0));
  if (last === undefined) return;
  const hash = await chain.headerHash(last.number);
  // A reorg may have removed it between the two answers; the next look sees that.
  if (hash !== undefined && hash !== last.headerHash) throw mismatch(last, hash);
}
