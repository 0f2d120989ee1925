/** Keeps some cells of each blob in place of the whole one. */

import {
  type BlobRequest,
  type BlobSource,
  decodeKeptCells,
  encodeKeptCells,
  type Kzg,
  versionedHashOf,
} from '@quittance/chain';
import { type Bytes32, isRollupError } from '@quittance/protocol';

/** Where cells are kept. */
export interface CellStore {
  readCells(versionedHash: Bytes32): Promise<Uint8Array | undefined>;
  keepCells(versionedHash: Bytes32, file: Uint8Array): Promise<void>;
}

interface CellOptions {
  readonly kzg: Kzg;
  /** Which ones are kept, ascending. */
  readonly indices: readonly number[];
  readonly source: BlobSource;
  readonly store: CellStore;
}

/** Whether a kept file has all cells that are to be kept, each good. */
async function hasCells(kzg: Kzg, hash: Bytes32, indices: readonly number[], file: Uint8Array): Promise<boolean> {
  try {
    const kept = decodeKeptCells(file);
    if (versionedHashOf(kept.commitment) !== hash || kept.indices.join() !== indices.join()) return false;
    return await kzg.verifyCells(kept.commitment, kept.indices, kept);
  } catch (error) {
    if (isRollupError(error, 'WRONG_LENGTH') || isRollupError(error, 'OUT_OF_RANGE')) return false;
    throw error;
  }
}

/**
 * Keeps the cells of one blob, unless they are kept and good.
 *
 * @param request for this blob alone.
 * @throws RollupError BLOB_UNAVAILABLE, BLOB_SOURCE_FAILED when they cannot be written, or the signal's reason.
 */
export async function keepCells(
  { kzg, indices, source, store }: CellOptions,
  request: BlobRequest,
  signal?: AbortSignal,
): Promise<void> {
  const hash = request.versionedHashes[0]!;
  const file = await store.readCells(hash);
  if (file !== undefined && (await hasCells(kzg, hash, indices, file))) return;
  const [blob] = await source.getBlobs(request, signal);
  const { cells, proofs } = await kzg.cells(blob!);
  const kept = {
    commitment: await kzg.commitment(blob!),
    indices,
    cells: indices.map((index) => cells[index]!),
    proofs: indices.map((index) => proofs[index]!),
  };
  await store.keepCells(hash, encodeKeptCells(kept));
}
