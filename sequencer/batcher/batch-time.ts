/** The time of a batch: chosen when it is sealed, and how old L1 lets it become. Pure. */

import type { RollupConstants } from '@quittance/chain';
import type { BatchRow } from '../../storage/index.ts';

/**
 * Time of the next batch in Unix seconds: never before its parent, nor after our clock or the latest block of L1. When
 * the two are far apart (an L1 that stood still, or whose clock was moved), it follows the later one at a distance that
 * leaves half of the age that L1 allows: the block that includes the batch will not be older than that.
 */
export function chooseBatchTime(parentTime: number, now: number, l1Time: number, maxBatchAgeSeconds: number): number {
  const oldest = Math.max(now, l1Time) - Math.floor(maxBatchAgeSeconds / 2);
  return Math.max(parentTime, Math.min(now, l1Time), oldest);
}

/** Whether L1 refuses the batch from now on, whatever happens. */
export function isTooOld(batch: BatchRow, l1Time: number, { maxBatchAgeSeconds }: RollupConstants): boolean {
  return batch.header.time + maxBatchAgeSeconds < l1Time;
}
