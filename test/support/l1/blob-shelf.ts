/** A source of blobs in memory: what a test puts there, until it is lost. */

import { type BlobRequest, type BlobSource, NO_BLOB_SOURCE } from '@quittance/chain';
import type { Bytes32 } from '@quittance/protocol';

export interface BlobShelf extends BlobSource {
  put(hashes: readonly Bytes32[], blobs: readonly Uint8Array[]): void;
  /** Whether it gives anything; as long as it does not, every blob is unavailable. */
  isOpen: boolean;
  /** What it was asked for. */
  readonly requests: readonly BlobRequest[];
}

export function createBlobShelf(): BlobShelf {
  const blobs = new Map<Bytes32, Uint8Array>();
  const requests: BlobRequest[] = [];
  return {
    isOpen: true,
    requests,
    put(hashes, bytes) {
      for (const [position, hash] of hashes.entries()) blobs.set(hash, bytes[position]!);
    },
    async getBlobs(request, signal) {
      requests.push(request);
      const found = request.versionedHashes.map((hash) => blobs.get(hash));
      const isWhole = found.every((blob) => blob !== undefined);
      return this.isOpen && isWhole ? found : NO_BLOB_SOURCE.getBlobs(request, signal);
    },
  };
}
