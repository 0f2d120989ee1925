/** Field elements as all file formats have them, and arithmetic modulo r. */

import { FIELD_MODULUS, RollupError, readWord, viewOf, writeWord } from '@quittance/protocol';

/** Bytes of a field element in every file format used here. */
export const ELEMENT_BYTES = 32;

/** Order of the base field of BN254: coordinates of proof points are below it. */
export const BASE_FIELD_MODULUS = 21888242871839275222246405745257275088696311157297823662689037894645226208583n;

/** Reads a little-endian integer of 32 bytes at `offset`. */
export function readElement(bytes: Uint8Array, offset: number): bigint {
  return readWord(viewOf(bytes), offset);
}

/** Writes `value` (0 ≤ value < 2^256) as 32 little-endian bytes at `offset`. */
export function writeElement(bytes: Uint8Array, offset: number, value: bigint): void {
  writeWord(viewOf(bytes), offset, value);
}

/** `value` mod r, never negative. */
function reduce(value: bigint): bigint {
  const remainder = value % FIELD_MODULUS;
  return remainder < 0n ? remainder + FIELD_MODULUS : remainder;
}

/** `base`^`exponent` mod `modulus`, exponent ≥ 0. */
export function power(base: bigint, exponent: bigint, modulus: bigint = FIELD_MODULUS): bigint {
  let result = 1n;
  let square = base % modulus;
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = (result * square) % modulus;
    square = (square * square) % modulus;
  }
  return result;
}

/** 1/value mod r. @throws RollupError OUT_OF_RANGE for 0, which has no inverse. */
export function inverse(value: bigint): bigint {
  if (reduce(value) === 0n) throw new RollupError('OUT_OF_RANGE', '0 has no inverse in the field', {});
  return power(reduce(value), FIELD_MODULUS - 2n);
}

/** Inverts every element in place with one inversion (Montgomery's trick). No element may be 0. */
export function invertAll(values: bigint[]): void {
  const prefixes: bigint[] = new Array(values.length);
  let product = 1n;
  for (let index = 0; index < values.length; index++) {
    prefixes[index] = product;
    product = (product * values[index]!) % FIELD_MODULUS;
  }
  let suffix = inverse(product);
  for (let index = values.length - 1; index >= 0; index--) {
    const value = values[index]!;
    values[index] = (suffix * prefixes[index]!) % FIELD_MODULUS;
    suffix = (suffix * value) % FIELD_MODULUS;
  }
}
