/**
 * Some of a blob's 128 cells (EIP-7594), each with the proof that it belongs to the blob: any 64 from anywhere restore
 * it, so that four archives with 32 each stand the loss of two.
 *
 * A file of cells: commitment 48 ‖ for each, by ascending index: index 1 ‖ proof 48 ‖ cell 2,048.
 */

import { type Bytes32, RollupError } from '@quittance/protocol';
import {
  CELL_BYTES,
  CELL_COUNT,
  CELLS_TO_RESTORE,
  type CellsAndProofs,
  type Kzg,
  POINT_BYTES,
  versionedHashOf,
} from './kzg.ts';

const ENTRY_BYTES = 1 + POINT_BYTES + CELL_BYTES;
/** Bytes of a file with all cells. */
export const MAX_KEPT_CELLS_BYTES = POINT_BYTES + CELL_COUNT * ENTRY_BYTES;

/** Some cells of one blob. */
export interface KeptCells extends CellsAndProofs {
  readonly commitment: Uint8Array;
  /** Which of the 128 they are, ascending. */
  readonly indices: readonly number[];
}

/** A file of cells. Inverse of `decodeKeptCells`. */
export function encodeKeptCells({ commitment, indices, cells, proofs }: KeptCells): Uint8Array {
  const bytes = new Uint8Array(POINT_BYTES + indices.length * ENTRY_BYTES);
  bytes.set(commitment);
  for (const [position, index] of indices.entries()) {
    const offset = POINT_BYTES + position * ENTRY_BYTES;
    bytes[offset] = index;
    bytes.set(proofs[position]!, offset + 1);
    bytes.set(cells[position]!, offset + 1 + POINT_BYTES);
  }
  return bytes;
}

/**
 * What a file of cells says, unchecked.
 *
 * @throws RollupError WRONG_LENGTH, or OUT_OF_RANGE when the indices do not ascend below 128.
 */
export function decodeKeptCells(bytes: Uint8Array): KeptCells {
  const count = (bytes.length - POINT_BYTES) / ENTRY_BYTES;
  if (!Number.isSafeInteger(count) || count < 0 || count > CELL_COUNT) {
    throw new RollupError('WRONG_LENGTH', `a file of cells does not have ${bytes.length} bytes`, {
      name: 'file of cells',
      expected: `${POINT_BYTES} + n·${ENTRY_BYTES}`,
      actual: bytes.length,
    });
  }
  const offsets = Array.from({ length: count }, (_, position) => POINT_BYTES + position * ENTRY_BYTES);
  const indices = offsets.map((offset) => bytes[offset]!);
  for (const [position, index] of indices.entries()) {
    if (index < CELL_COUNT && index > (indices[position - 1] ?? -1)) continue;
    throw new RollupError('OUT_OF_RANGE', `the indices of a file of cells do not ascend below ${CELL_COUNT}`, {
      position,
      actual: index,
    });
  }
  return {
    commitment: bytes.slice(0, POINT_BYTES),
    indices,
    proofs: offsets.map((offset) => bytes.slice(offset + 1, offset + 1 + POINT_BYTES)),
    cells: offsets.map((offset) => bytes.slice(offset + 1 + POINT_BYTES, offset + ENTRY_BYTES)),
  };
}

/** The cells of `kept` that belong to the blob of this name. One wrong cell spoils no other. */
async function verifiedCells(kzg: Kzg, versionedHash: Bytes32, kept: KeptCells): Promise<Map<number, Uint8Array>> {
  const { commitment, indices, cells, proofs } = kept;
  if (versionedHashOf(commitment) !== versionedHash || indices.length === 0) return new Map();
  const pairs = indices.map((index, position) => [index, cells[position]!] as const);
  if (await kzg.verifyCells(commitment, indices, { cells, proofs })) return new Map(pairs);
  const verified = new Map<number, Uint8Array>();
  for (const [position, [index, cell]] of pairs.entries()) {
    if (await kzg.verifyCells(commitment, [index], { cells: [cell], proofs: [proofs[position]!] })) {
      verified.set(index, cell);
    }
  }
  return verified;
}

/**
 * The blob of this name, from cells of any number of archives; how many good ones there were when they are too few.
 */
export async function restoreBlob(
  kzg: Kzg,
  versionedHash: Bytes32,
  kept: readonly KeptCells[],
): Promise<Uint8Array | { readonly cellCount: number }> {
  const cells = new Map<number, Uint8Array>();
  for (const some of kept) {
    if (cells.size >= CELLS_TO_RESTORE) break;
    for (const [index, cell] of await verifiedCells(kzg, versionedHash, some)) cells.set(index, cell);
  }
  if (cells.size < CELLS_TO_RESTORE) return { cellCount: cells.size };
  const chosen = [...cells].slice(0, CELLS_TO_RESTORE).toSorted(([one], [other]) => one - other);
  return kzg.restore(
    chosen.map(([index]) => index),
    chosen.map(([, cell]) => cell),
  );
}
