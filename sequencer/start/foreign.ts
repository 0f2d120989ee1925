/** Detects at start-up that L1 made a batch final that is not ours. */

import type { RollupError } from '@quittance/protocol';
import type { SequencerContext } from '../context.ts';
import { ahead, mismatch } from '../publisher/refusals.ts';

/**
 * Compares the last final batch on L1 with ours. Each header holds the hash of its parent, so one comparison covers all.
 *
 * @throws RollupError FOREIGN_BATCH_FINAL when the database has no batch at all, and so nothing worth reading.
 */
export async function findForeignBatch({ chain, storage }: SequencerContext): Promise<RollupError | undefined> {
  const { number } = await chain.finalState();
  const last = storage.batches.last()?.number ?? 0;
  if (number > last && last === 0) throw ahead(number, last);
  if (number > last) return ahead(number, last);
  const batch = storage.batches.get(number);
  const hash = await chain.headerHash(number);
  // A reorg may have removed it between the two answers; the publisher looks again.
  if (batch === undefined || hash === undefined || hash === batch.headerHash) return undefined;
  return mismatch(batch, hash);
}
