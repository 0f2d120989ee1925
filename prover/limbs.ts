/** Integers as the circuits take them: limbs, and what is left modulo q. Source: docs/protocol.md, Slot interface and tiling. */

import { BLOB_FIELD_MODULUS, LIMB_BITS } from '@quittance/protocol';

/** An integer of three limbs, least significant first. */
export type Limbs = readonly [bigint, bigint, bigint];

const FIRST_SHIFT = BigInt(LIMB_BITS[0]);
const SECOND_SHIFT = FIRST_SHIFT + BigInt(LIMB_BITS[1]);

/** `value` as limbs of 87 and 87 bits and the rest. */
export function toLimbs(value: bigint): Limbs {
  return [
    BigInt.asUintN(LIMB_BITS[0], value),
    BigInt.asUintN(LIMB_BITS[1], value >> FIRST_SHIFT),
    value >> SECOND_SHIFT,
  ];
}

/**
 * The integer that limbs of any size stand for. Inverse of `toLimbs`.
 * Twin: circuits/lib/limbs.circom FROM_LIMBS.
 */
export function fromLimbs([low, middle, high]: Limbs): bigint {
  return low + (middle << FIRST_SHIFT) + (high << SECOND_SHIFT);
}

/** A value divided by q. */
export interface Reduction {
  readonly quotient: bigint;
  readonly remainder: bigint;
}

/** @param value not negative. */
export function reduceModuloQ(value: bigint): Reduction {
  return { quotient: value / BLOB_FIELD_MODULUS, remainder: value % BLOB_FIELD_MODULUS };
}
