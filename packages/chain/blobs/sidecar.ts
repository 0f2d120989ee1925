/** Blobs as a transaction carries them: with commitments and the proofs of all cells (EIP-7594). */

import { concat, type TransactionRequest } from 'ethers';
import { type Kzg, requireBlob, versionedHashOf } from './kzg.ts';

/** One blob of a transaction. */
export interface SidecarBlob {
  readonly blob: Uint8Array;
  readonly commitment: Uint8Array;
  /** As the contract sees it. */
  readonly versionedHash: string;
  /** One a cell. */
  readonly cellProofs: readonly Uint8Array[];
}

/**
 * A blob, ready to be sent. It is computed once; a transaction that is sent again with a higher fee has the same.
 *
 * @throws RollupError WRONG_LENGTH or BLOB_ELEMENT_RANGE when the bytes are no blob.
 */
export async function prepareBlob(kzg: Kzg, bytes: Uint8Array): Promise<SidecarBlob> {
  const blob = requireBlob(bytes);
  const commitment = await kzg.commitment(blob);
  const { proofs } = await kzg.cells(blob);
  return { blob, commitment, versionedHash: versionedHashOf(commitment), cellProofs: proofs };
}

/** The fields of a transaction of type 3 that its blobs decide. Wrapper version 1 is that of EIP-7594. */
export function sidecarFields(blobs: readonly SidecarBlob[]): TransactionRequest {
  return {
    type: 3,
    blobVersionedHashes: blobs.map(({ versionedHash }) => versionedHash),
    blobWrapperVersion: 1,
    blobs: blobs.map(({ blob, commitment, cellProofs }) => ({ data: blob, commitment, proof: concat(cellProofs) })),
  };
}
