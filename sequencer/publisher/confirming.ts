/** Takes as final what L1 made final and what has its confirmations. For batches that were asserted. */

import type { BlockReference } from '@quittance/chain';
import type { BatchRow } from '../../storage/index.ts';
import type { AssertingParts } from './asserting.ts';
import { firstBlockOf } from './assertion-search.ts';
import { isOnL1, placeOf } from './batch-states.ts';
import { ahead, mismatch } from './refusals.ts';

/** @returns whether the batch is final and has its confirmations. */
async function confirm(parts: AssertingParts, batch: BatchRow, head: BlockReference): Promise<boolean> {
  const { context, states, find, bonds } = parts;
  const { chain, config, storage } = context;
  const hash = await chain.headerHash(batch.number);
  if (hash === undefined) return false; // a reorg between two answers
  if (hash !== batch.headerHash) throw mismatch(batch, hash);
  const finalised = await chain.findBatch(batch.number, firstBlockOf(context, batch), head.number);
  if (finalised === undefined || finalised.headerHash !== batch.headerHash) return false;
  const found = await find(batch, head);
  // Somebody else may have posted the very same batch.
  if (!isOnL1(batch.state)) states.posted(batch, found?.place ?? placeOf(finalised));
  if (head.number < finalised.blockNumber + config.confirmations - 1) return false;
  // Proven by another way than through its assertion, it still has its bond.
  if (found !== undefined) await bonds.release(found);
  states.final(storage.batches.get(batch.number)!);
  return true;
}

/** @throws RollupError STATE_MISMATCH when a batch that is not ours is final. */
export async function confirmFinal(parts: AssertingParts, head: BlockReference): Promise<void> {
  const { chain, storage } = parts.context;
  const { number: onL1 } = await chain.finalState();
  const last = storage.batches.last()?.number ?? 0;
  if (onL1 > last) throw ahead(onL1, last);
  const first = (storage.batches.lastFinal()?.number ?? 0) + 1;
  for (const batch of storage.batches.range(first, onL1)) if (!(await confirm(parts, batch, head))) return;
}
