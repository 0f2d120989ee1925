/** A place that may have blobs. What it gives is checked by who asks; it may refuse, be late, or give anything. */

import { type Bytes32, RollupError } from '@quittance/protocol';
import type { BlobRequest } from './source.ts';

/** Most blobs that a block of L1 has, with room for the next forks. */
export const MAX_BLOBS_PER_BLOCK = 128;

/** One place, and what is done there. */
export interface BlobOrigin {
  /** As people read it, without keys. */
  readonly name: string;
  /**
   * What it has for the request, unchecked: perhaps fewer, others, or in another order.
   *
   * @throws RollupError BLOB_SOURCE_FAILED, or the signal's reason.
   */
  read(request: BlobRequest, signal?: AbortSignal): Promise<readonly Uint8Array[]>;
  /**
   * The cells that it keeps of a blob, as `encodeKeptCells` wrote them, unchecked; undefined when it has none.
   *
   * @throws RollupError BLOB_SOURCE_FAILED, or the signal's reason.
   */
  readCells?(versionedHash: Bytes32, signal?: AbortSignal): Promise<Uint8Array | undefined>;
  /** Keeps a checked blob for the next time. @throws RollupError BLOB_SOURCE_FAILED. */
  keep?(versionedHash: Bytes32, blob: Uint8Array): Promise<void>;
  /** Where a beacon chain has the block. @throws RollupError BLOB_SOURCE_FAILED, or the signal's reason. */
  slotOf?(request: BlobRequest, signal?: AbortSignal): Promise<number>;
}

/** The error of a place that did not give what it was asked for. */
export function originFailed(source: string, reason: string, cause?: unknown): RollupError<'BLOB_SOURCE_FAILED'> {
  return new RollupError(
    'BLOB_SOURCE_FAILED',
    `${source}: ${reason}`,
    { source, reason },
    cause === undefined ? {} : { cause },
  );
}
