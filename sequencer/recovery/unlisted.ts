/** What the database says of transfers that are not in its log, because their batches were made anew from L1. */

import type { Storage } from '../../storage/index.ts';

const UNLISTED_THROUGH = 'unlisted_through';

/** The last batch some of whose transfers are known by no id and in no history; 0 when all of all batches are. */
export function unlistedThrough({ meta }: Pick<Storage, 'meta'>): number {
  return Number(meta.get(UNLISTED_THROUGH) ?? 0);
}

/** Notes that a batch has such transfers. Call it inside a commit. */
export function noteUnlisted({ meta }: Pick<Storage, 'meta'>, batch: number): void {
  meta.set(UNLISTED_THROUGH, String(batch));
}
