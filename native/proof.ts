/** Proofs as the addon has them: A.x, A.y, B.x.c0, B.x.c1, B.y.c0, B.y.c1, C.x, C.y, 32 bytes each. */

import { type Groth16Proof, RollupError } from '@quittance/protocol';
import { FIELD_BYTES, readInteger, writeInteger } from './bytes.ts';

const COORDINATES = 8;

/** Integers of a buffer of the addon. */
export function decodeIntegers(bytes: Uint8Array): bigint[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: bytes.length / FIELD_BYTES }, (_, index) => readInteger(view, index * FIELD_BYTES));
}

/**
 * Integers for the addon.
 *
 * @throws RollupError OUT_OF_RANGE when one is not in 0 … 2^256 − 1; the addon checks the moduli.
 */
export function encodeIntegers(values: readonly bigint[]): Uint8Array {
  const bytes = new Uint8Array(values.length * FIELD_BYTES);
  const view = new DataView(bytes.buffer);
  values.forEach((value, index) => {
    if (value < 0n || value >> 256n !== 0n) {
      throw new RollupError('OUT_OF_RANGE', `integer ${index} is ${value}, expected 0 to 2^256 − 1`, { index });
    }
    writeInteger(view, index * FIELD_BYTES, value);
  });
  return bytes;
}

export function decodeProof(bytes: Uint8Array): Groth16Proof {
  const at = decodeIntegers(bytes);
  if (at.length !== COORDINATES) throw new Error(`a proof has ${COORDINATES} coordinates, got ${at.length}`);
  const pair = (index: number): [bigint, bigint] => [at[index]!, at[index + 1]!];
  return { a: pair(0), b: [pair(2), pair(4)], c: pair(6) };
}

export function encodeProof({ a, b, c }: Groth16Proof): Uint8Array {
  return encodeIntegers([...a, ...b[0], ...b[1], ...c]);
}
