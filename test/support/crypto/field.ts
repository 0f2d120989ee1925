/** Arithmetic in the field of the circuits. */

import { FIELD_MODULUS } from '@quittance/protocol';

/** The element that an integer stands for. */
export const reduce = (value: bigint): bigint => ((value % FIELD_MODULUS) + FIELD_MODULUS) % FIELD_MODULUS;

/** Inverse of an element that is not 0. */
export function invert(value: bigint): bigint {
  let [a, b, x, y] = [reduce(value), FIELD_MODULUS, 1n, 0n];
  while (a !== 1n) {
    const quotient = b / a;
    [a, b, x, y] = [b - quotient * a, a, y - quotient * x, x];
  }
  return reduce(x);
}
