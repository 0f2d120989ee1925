/** What is computed about blobs (EIP-4844) and their cells (EIP-7594), whoever computes it. */

import { decodeBlob } from '@quittance/protocol';
import { sha256 } from 'ethers';

/** Cells of a blob; any half of them restores it. */
export const CELL_COUNT = 128;
/** Cells that restore a blob. */
export const CELLS_TO_RESTORE = CELL_COUNT / 2;
/** Bytes of a cell. */
export const CELL_BYTES = 2_048;
/** Bytes of a commitment or a proof: a compressed point of BLS12-381's first group. */
export const POINT_BYTES = 48;

/** The cells of a blob in order, with the proof of each. */
export interface CellsAndProofs {
  readonly cells: readonly Uint8Array[];
  readonly proofs: readonly Uint8Array[];
}

/**
 * The KZG scheme with Ethereum's trusted setup. Blobs must be those that `requireBlob` lets through; what comes from
 * elsewhere besides may be anything, and is then not what it was taken for.
 */
export interface Kzg {
  /** Commitment of a blob, 48 bytes. */
  commitment(blob: Uint8Array): Promise<Uint8Array>;
  /** The blob's polynomial at `z`, with the proof that the precompile 0x0a checks. @param z below the field's modulus. */
  open(blob: Uint8Array, z: bigint): Promise<{ readonly y: bigint; readonly proof: Uint8Array }>;
  /** Whether the polynomial behind `commitment` is `y` at `z`. */
  verify(commitment: Uint8Array, z: bigint, y: bigint, proof: Uint8Array): Promise<boolean>;
  /** All cells of a blob with their proofs. */
  cells(blob: Uint8Array): Promise<CellsAndProofs>;
  /** Whether each cell belongs at its index to the blob behind `commitment`. */
  verifyCells(commitment: Uint8Array, indices: readonly number[], cells: CellsAndProofs): Promise<boolean>;
  /** The blob of which these are cells: at least CELLS_TO_RESTORE with different indices, each verified. */
  restore(indices: readonly number[], cells: readonly Uint8Array[]): Promise<Uint8Array>;
}

/** How L1 names the blob behind a commitment: 0x01 ‖ the last 31 bytes of its SHA-256 (EIP-4844). */
export function versionedHashOf(commitment: Uint8Array): string {
  return `0x01${sha256(commitment).slice(4)}`;
}

/**
 * `bytes` if they are a blob: 131,072 bytes, 4,096 field elements of 32 bytes, each below the modulus.
 *
 * @throws RollupError WRONG_LENGTH, or BLOB_ELEMENT_RANGE naming the first element that is none.
 */
export function requireBlob(bytes: Uint8Array): Uint8Array {
  decodeBlob(bytes);
  return bytes;
}
