/** The blobs of our own batches, made again from the database: whoever defends them needs no node that still has them. */

import type { BlobOrigin } from '@quittance/chain';
import type { Profile } from '@quittance/protocol';
import type { BatchRow, Storage } from '../../storage/index.ts';
import { blobsOf } from '../batcher/batch-data.ts';
import { operationsOf, recordsIn } from '../batcher/operations.ts';

/** Batches that are read at a time while their blobs are listed. */
const PAGE = 256;

/** A place that has the blobs of the batches in `storage`. */
export function createOwnBlobs(storage: Storage, profile: Profile): BlobOrigin {
  /** By versioned hash, of batches up to `listed`, which are final: the others can be sealed anew. */
  const numbers = new Map<string, number>();
  let listed = 0;

  function listFinal(): void {
    const last = storage.batches.lastFinal()?.number ?? 0;
    for (; listed < last; listed = Math.min(last, listed + PAGE)) {
      for (const { number, blobHashes } of storage.batches.range(listed + 1, Math.min(last, listed + PAGE))) {
        for (const hash of blobHashes) numbers.set(hash, number);
      }
    }
  }
  function batchOf(hash: string): BatchRow | undefined {
    listFinal();
    const open = storage.batches.range(listed + 1, Number.MAX_SAFE_INTEGER);
    return open.find(({ blobHashes }) => blobHashes.includes(hash)) ?? storage.batches.get(numbers.get(hash) ?? 0);
  }

  return {
    name: 'the database of the sequencer',
    async read({ versionedHashes }) {
      const batches = new Set(versionedHashes.flatMap((hash) => batchOf(hash)?.number ?? []));
      return [...batches].flatMap((number) => {
        const { form } = storage.batches.get(number)!;
        const isUnsigned = form === 'coefficients';
        return blobsOf(form, isUnsigned ? recordsIn(storage, profile, number) : operationsOf(storage, profile, number));
      });
    },
  };
}
