/** Divisions by q, honest and forged, and what weights and folds take of them. */

import { BLOB_FIELD_MODULUS, FIELD_MODULUS } from '@quittance/protocol';
import type { CircuitInput } from '../../../prover/index.ts';
import { type Limbs, type Reduction, reduceModuloQ, toLimbs } from '../../../prover/limbs.ts';

/** What is said of a number: that it is q·quotient + remainder. */
export type Claim = (value: bigint) => Reduction;

const q = BLOB_FIELD_MODULUS;

/** The division of value + error: right modulo whatever divides the error. */
const wrongBy =
  (error: bigint): Claim =>
  (value) =>
    reduceModuloQ(value + error);

/** Right modulo r, and modulo 2^(87·limbs), alone. */
export const rightModuloRAnd = (limbs: number): Claim => wrongBy(FIELD_MODULUS << BigInt(87 * limbs));
/** Right modulo 2^(87·limbs) alone. */
export const rightModuloLimbs = (limbs: number): Claim => wrongBy(1n << BigInt(87 * limbs));

/** The honest division with something added to each part. */
export const changedBy =
  (quotient: bigint, remainder: bigint): Claim =>
  (value) => {
    const honest = reduceModuloQ(value);
    return { quotient: honest.quotient + quotient, remainder: honest.remainder + remainder };
  };

/** The same value with a remainder that is not below q. */
export const notReduced: Claim = changedBy(-1n, q);

/** Inputs of the weights tile in which one of z^2 … z^16 is claimed, and those behind it follow from it. */
export function weightsClaim(challenge: bigint, exponent = 0, claim: Claim = reduceModuloQ): CircuitInput {
  const powers: Limbs[] = [];
  const quotients: bigint[][] = [];
  let power = challenge;
  for (let next = 2; next <= 16; next++) {
    const { quotient, remainder } = (next === exponent ? claim : reduceModuloQ)(power * challenge);
    powers.push(toLimbs(remainder));
    quotients.push(toLimbs(quotient).slice(0, 2));
    power = remainder;
  }
  return { challenge, powers, quotients };
}

/** What a fold is given: y and z^16 as limbs, sums of a group. */
export interface FoldGiven {
  readonly yIn: Limbs;
  readonly step: Limbs;
  readonly even: Limbs;
  readonly odd: Limbs;
}

/** The number that a fold takes modulo q. */
export function foldValue({ yIn, step, even, odd }: FoldGiven): bigint {
  const integer = (limbs: Limbs) => limbs.reduce((sum, limb, index) => sum + (limb << BigInt(87 * index)), 0n);
  return integer(yIn) * integer(step) + (integer(even) << 124n) + integer(odd);
}

/** Inputs of the fold tile with a claim about its division. */
export function foldClaim(given: FoldGiven, claim: Claim = reduceModuloQ): CircuitInput {
  const { quotient, remainder } = claim(foldValue(given));
  return { ...given, reduced: toLimbs(remainder), quotient: toLimbs(quotient) };
}

/** The same integer in limbs of which the first is too wide. */
export function spilled([low, middle, high]: Limbs): Limbs {
  return [low + (1n << 87n), middle - 1n, high];
}
