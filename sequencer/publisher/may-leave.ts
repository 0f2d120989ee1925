/** Whether a batch may go to L1: not before the shadow agreed, nor while L1 does not have what it executes. */

import type { Storage } from '../../storage/index.ts';
import { unverifiedBatch } from '../batcher/unverified.ts';
import { findSight } from '../mempool/taken-back.ts';
import { planTakeBack } from '../reorg/take-back.ts';

/** The first batch with an operation that L1 is seen not to have as it was taken on. */
function firstDoubted(storage: Storage): number | undefined {
  const sight = findSight(storage);
  return sight === undefined ? undefined : planTakeBack(storage, sight.queueIndex).batch;
}

/** Whether neither it nor one before it waits for the shadow, or for L1 to have what it executes. */
export function mayLeave(storage: Storage, batch: number): boolean {
  const first = Math.min(
    unverifiedBatch(storage) ?? Number.POSITIVE_INFINITY,
    firstDoubted(storage) ?? Number.POSITIVE_INFINITY,
  );
  return batch < first;
}
