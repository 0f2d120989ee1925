/** The numbers by which the circuits evaluate a chunk's polynomial. Source: docs/protocol.md, Slot interface and tiling. */

import { BLOCKS_PER_GROUP, CHALLENGE_BITS, RECORD_BITS, RECORDS_PER_BLOCK, requireBits } from '@quittance/protocol';
import { fromLimbs, type Limbs, type Reduction, reduceModuloQ, toLimbs } from './limbs.ts';
import { blockPlaces } from './tiling/groups.ts';

/**
 * z^1 … z^16 modulo q, each with the quotient of previous·z; that of z itself is 0.
 * Twin: circuits/lib/weights.circom Weights.
 *
 * @throws RollupError OUT_OF_RANGE when z has more than 128 bits.
 */
export function challengePowers(challenge: bigint): Reduction[] {
  requireBits('challenge', challenge, CHALLENGE_BITS);
  const powers: Reduction[] = [];
  let power = 1n;
  for (let exponent = 1; exponent <= BLOCKS_PER_GROUP; exponent++) {
    const next = reduceModuloQ(power * challenge);
    powers.push(next);
    power = next.remainder;
  }
  return powers;
}

/** What a slot takes part in the evaluation with. */
export interface SlotPart {
  /** Limbs of the power of z of its block. */
  readonly weight: Limbs;
  /** Limbs of the sum over the slots of its parity in its group that come before it. */
  readonly accumulator: Limbs;
}

/** Limbs of Σ record·weight over the even and over the odd slots of a group; they are not carried over. */
export interface GroupSums {
  readonly even: Limbs;
  readonly odd: Limbs;
}

const RECORD_SHIFT = BigInt(RECORD_BITS);
const ZERO: Limbs = [0n, 0n, 0n];

/**
 * Sums of all groups, and what each slot begins with.
 * Twin: circuits/lib/binding.circom Binding.
 *
 * @param records the encoded records of all slots, an even number.
 */
export function accumulate(
  records: readonly bigint[],
  challenge: bigint,
): { readonly slots: readonly SlotPart[]; readonly groups: readonly GroupSums[] } {
  const weights = [1n, ...challengePowers(challenge).map(({ remainder }) => remainder)].map(toLimbs);
  const slots: SlotPart[] = [];
  const groups: GroupSums[] = [];
  let sums: GroupSums = { even: ZERO, odd: ZERO };
  for (const [block, place] of blockPlaces(records.length).entries()) {
    if (place.startsGroup) sums = { even: ZERO, odd: ZERO };
    const weight = weights[place.weight]!;
    const [even, odd] = records.slice(RECORDS_PER_BLOCK * block) as [bigint, bigint];
    slots.push({ weight, accumulator: sums.even }, { weight, accumulator: sums.odd });
    sums = { even: addMultiple(sums.even, even, weight), odd: addMultiple(sums.odd, odd, weight) };
    if (place.endsGroup) groups.push(sums);
  }
  return { slots, groups };
}

function addMultiple(sum: Limbs, factor: bigint, limbs: Limbs): Limbs {
  const [low, middle, high] = sum.map((limb, index) => limb + factor * limbs[index]!) as [bigint, bigint, bigint];
  return [low, middle, high];
}

/** y before a group, and what comes out of yIn·z^16 + 2^124·even + odd. */
export interface FoldPart extends Reduction {
  readonly yIn: bigint;
  readonly step: bigint;
}

/**
 * The folds of all groups, in order; the last remainder is y.
 * Twin: circuits/lib/fold.circom Fold.
 */
export function foldGroups(groups: readonly GroupSums[], challenge: bigint): FoldPart[] {
  const step = challengePowers(challenge).at(-1)!.remainder;
  let yIn = 0n;
  return groups.map(({ even, odd }) => {
    const reduction = reduceModuloQ(yIn * step + (fromLimbs(even) << RECORD_SHIFT) + fromLimbs(odd));
    const part = { yIn, step, ...reduction };
    yIn = reduction.remainder;
    return part;
  });
}
