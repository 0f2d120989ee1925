/** Whether L1 made a batch final that is not ours. */

import type { RollupError } from '@quittance/protocol';
import type { SequencerContext } from '../context.ts';
import { ahead, mismatch } from '../publisher/refusals.ts';

/**
 * Compares the last final batch of L1 with ours: each header has the hash of the one before, so one comparison is enough.
 *
 * @throws RollupError FOREIGN_BATCH_FINAL when the database has no batch at all: there is nothing in it to read.
 */
export async function findForeignBatch({ chain, storage }: SequencerContext): Promise<RollupError | undefined> {
  const { number } = await chain.finalState();
  const last = storage.batches.last()?.number ?? 0;
  if (number > last && last === 0) throw ahead(number, last);
  if (number > last) return ahead(number, last);
  const batch = storage.batches.get(number);
  const hash = await chain.headerHash(number);
  // None, when a reorg removed it between the two answers: the publisher looks again.
  if (batch === undefined || hash === undefined || hash === batch.headerHash) return undefined;
  return mismatch(batch, hash);
}
