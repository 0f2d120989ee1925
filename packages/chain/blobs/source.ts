/** Where the bytes of blobs come from. A source can refuse or be late, never lie: its answers are checked by hash. */

import { type BatchContent, type Bytes32, RollupError } from '@quittance/protocol';
import type { RollupReader, WithBlobs } from '../types.ts';

/** The blobs of one transaction. */
export interface BlobRequest {
  /** In the transaction's order. */
  readonly versionedHashes: readonly Bytes32[];
  /** Block of L1 that has the transaction. */
  readonly blockNumber: number;
  /** Time of that block in Unix seconds: beacon nodes find blobs by their slot. */
  readonly timestamp: number;
}

/** Gives blobs by their versioned hashes. */
export interface BlobSource {
  /**
   * The blobs in the order of the request, 131,072 bytes each, all checked against their hashes.
   *
   * @throws RollupError BLOB_UNAVAILABLE when one is nowhere to be had at present, or the signal's reason.
   */
  getBlobs(request: BlobRequest, signal?: AbortSignal): Promise<Uint8Array[]>;
}

/** The source of who gave none: enough for a rollup whose data is all in calldata. */
export const NO_BLOB_SOURCE: BlobSource = {
  getBlobs: async ({ versionedHashes, blockNumber }) => {
    const message = `the transaction in L1 block ${blockNumber} has its data in blobs, and no source of blobs was given`;
    throw new RollupError('BLOB_UNAVAILABLE', message, { hash: versionedHashes[0]!, blockNumber });
  },
};

/**
 * A batch with the bytes of its blobs; one by calldata asks nobody.
 *
 * @param blockNumber of the block that has its transaction.
 * @throws RollupError BLOB_UNAVAILABLE, L1_INCONSISTENT when L1 has no such block, L1_UNREACHABLE, or the signal's reason.
 */
export async function withBlobs<Batch extends BatchContent>(
  { reader, source }: { readonly reader: Pick<RollupReader, 'block'>; readonly source: BlobSource },
  batch: Batch,
  blockNumber: number,
  signal?: AbortSignal,
): Promise<WithBlobs<Batch>> {
  const versionedHashes = batch.blobHashes;
  if (versionedHashes.length === 0) return { ...batch, blobs: [] };
  const block = await reader.block(blockNumber);
  if (block === undefined) {
    const what = `block ${blockNumber}`;
    const message = `L1 gave a transaction in ${what} and has no such block; it is in the middle of a reorg`;
    throw new RollupError('L1_INCONSISTENT', message, { what, expected: 'a block', actual: undefined });
  }
  const { timestamp } = block;
  return { ...batch, blobs: await source.getBlobs({ versionedHashes, blockNumber, timestamp }, signal) };
}
