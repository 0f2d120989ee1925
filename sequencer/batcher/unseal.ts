/**
 * A batch that did not reach L1 in time can never be accepted: its time is too far back. Its operations are opened
 * again, to be sealed with a new time. What was dropped stays dropped.
 */

import type { RollupChain, RollupConstants } from '../../chain/index.ts';
import type { Logger } from '../../runtime/index.ts';
import type { BatchRow, Storage } from '../../storage/index.ts';

/** Whether L1 refuses the batch from now on, whatever happens. */
export function isTooOld(batch: BatchRow, l1Time: number, { maxBatchAgeSeconds }: RollupConstants): boolean {
  return batch.header.time + maxBatchAgeSeconds < l1Time;
}

/** The first batch that is not on L1. */
function firstUnposted(storage: Storage): BatchRow | undefined {
  return storage.batches.get((storage.batches.lastPosted()?.number ?? 0) + 1);
}

function unsealFrom(storage: Storage, batch: BatchRow, nowMs: number): void {
  const lastSequence = batch.firstSequence - 1;
  storage.commit(() => {
    storage.leaves.removeFrom(batch.number);
    storage.batches.removeFrom(batch.number);
    storage.log.append([{ type: 'unseal', batch: batch.number, lastSequence }], nowMs);
  });
}

/**
 * Opens again what was sealed too long ago and is not on L1. Only before recovery: nothing in memory knows of it.
 *
 * @throws RollupError L1_UNREACHABLE.
 */
export async function unsealTooOld(
  storage: Storage,
  chain: RollupChain,
  constants: RollupConstants,
  logger: Logger,
  nowMs: number,
): Promise<void> {
  const first = firstUnposted(storage);
  if (first === undefined) return;
  const { timestamp } = await chain.head();
  const { number: onL1 } = await chain.finalState();
  // A batch that L1 has is adopted later, however old it is.
  if (onL1 >= first.number || !isTooOld(first, timestamp, constants)) return;
  logger.warn('batches are too old for L1 and are sealed again', { first: first.number, time: first.header.time });
  unsealFrom(storage, first, nowMs);
}
