/** The time of a batch: how it is chosen, and when L1 refuses it as too old or too early. Pure. */

import type { RollupConstants } from '@quittance/chain';
import type { BatchRow } from '../../storage/index.ts';

/**
 * Time of the next batch in Unix seconds: never before its parent, nor after our clock or the latest block of L1. When the
 * two are far apart (L1 stood still, or its clock was moved), it trails the later one by half of the age that L1 allows,
 * which leaves the other half for posting.
 */
export function chooseBatchTime(parentTime: number, now: number, l1Time: number, maxBatchAgeSeconds: number): number {
  const oldest = Math.max(now, l1Time) - Math.floor(maxBatchAgeSeconds / 2);
  return Math.max(parentTime, Math.min(now, l1Time), oldest);
}

/** Whether L1 refuses the batch from now on because of its age. */
export function isTooOld(batch: BatchRow, l1Time: number, { maxBatchAgeSeconds }: RollupConstants): boolean {
  return batch.header.time + maxBatchAgeSeconds < l1Time;
}

/**
 * Whether L1 refuses the batch for longer than any batch should wait: a node gave a false time when it was sealed, or our
 * clock was wrong.
 */
export function isFromFuture(batch: BatchRow, l1Time: number, now: number, constants: RollupConstants): boolean {
  return batch.header.time > Math.max(l1Time, now) + constants.maxBatchAgeSeconds;
}
