/** What is computed about blobs (EIP-4844) and their cells (EIP-7594), whoever computes it. */

import { BLOB_FIELD_MODULUS, RollupError } from '@quittance/protocol';
import { sha256 } from 'ethers';

/** Elements of a blob, 32 bytes each. */
const BLOB_ELEMENTS = 4_096;
const ELEMENT_BYTES = 32;
/** Bytes of a blob. */
export const BLOB_BYTES = BLOB_ELEMENTS * ELEMENT_BYTES;
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
 * @throws RollupError WRONG_LENGTH, or OUT_OF_RANGE naming the first element that is none.
 */
export function requireBlob(bytes: Uint8Array): Uint8Array {
  if (bytes.length !== BLOB_BYTES) {
    throw new RollupError('WRONG_LENGTH', `a blob has ${BLOB_BYTES} bytes, not ${bytes.length}`, {
      name: 'blob',
      expected: BLOB_BYTES,
      actual: bytes.length,
    });
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let element = 0; element < BLOB_ELEMENTS; element++) {
    // The first four bytes decide but for one value in 2^32.
    if (view.getUint32(element * ELEMENT_BYTES) < MODULUS_HEAD) continue;
    const value = elementAt(view, element * ELEMENT_BYTES);
    if (value < BLOB_FIELD_MODULUS) continue;
    throw new RollupError('OUT_OF_RANGE', `element ${element} of the blob is not below the field's modulus`, {
      element,
      actual: value,
    });
  }
  return bytes;
}

/** The first four bytes of the modulus. */
const MODULUS_HEAD = Number(BLOB_FIELD_MODULUS >> 224n);

function elementAt(view: DataView, offset: number): bigint {
  let value = 0n;
  for (let at = 0; at < ELEMENT_BYTES; at += 8) value = (value << 64n) | view.getBigUint64(offset + at);
  return value;
}
