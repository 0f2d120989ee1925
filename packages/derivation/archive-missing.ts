/** The blobs that an archive still looks for: a bounded list, and how many fell off it. */

import type { BlobRequest } from '@quittance/chain';
import type { Bytes32 } from '@quittance/protocol';

/**
 * Missing blobs that are remembered: more than 128 blocks of L1 have at 21 a block, so that what is read again after a
 * restart (`archive-postings.ts`) is still on the list.
 */
export const MAX_MISSING = 4_096;

/** What of it is written down. */
export interface MissingProgress {
  /** Blobs that no source had, each in a request of its own. Those at the front are asked for next. */
  readonly missing: readonly BlobRequest[];
  /** How many more there were. They are not asked for again until all batches are read again. */
  readonly droppedCount: number;
}

/** The list while a look goes on. */
export interface MissingList {
  /** Puts a blob at the end, in place of what the list has of it. */
  add(request: BlobRequest): void;
  /** The list, and what fell off it: the oldest blobs, since nodes forget those first. */
  progress(): MissingProgress;
}

const hashOf = ({ versionedHashes }: BlobRequest): Bytes32 => versionedHashes[0]!;

/** A list that goes on from what was written down. */
export function createMissingList({ missing, droppedCount }: MissingProgress): MissingList {
  const list = new Map<Bytes32, BlobRequest>(missing.map((request) => [hashOf(request), request]));
  let dropped = droppedCount;

  function trim(): void {
    const tooMany = list.size - MAX_MISSING;
    if (tooMany <= 0) return;
    const oldest = [...list.values()].sort((one, other) => one.blockNumber - other.blockNumber).slice(0, tooMany);
    for (const request of oldest) list.delete(hashOf(request));
    dropped += tooMany;
  }

  return {
    add(request) {
      list.delete(hashOf(request));
      list.set(hashOf(request), request);
      // Sorted now and then, since a first look may find that all blobs of years are gone.
      if (list.size >= 2 * MAX_MISSING) trim();
    },
    progress() {
      trim();
      return { missing: [...list.values()], droppedCount: dropped };
    },
  };
}
