/**
 * BabyJubJub (EIP-2494): a·x² + y² = 1 + d·x²·y² with a = 168700, d = 168696 over BN254's scalar field.
 * Arithmetic by @noble/curves; here are the checks that a decoder owes its callers.
 */

import { babyjubjub } from '@noble/curves/misc.js';
import { isFieldElement, toField } from '../integers.ts';
import { FIELD_MODULUS } from '../params.ts';
import type { CurvePoint } from '../types.ts';

/** A point of the curve as @noble/curves has it. */
export type Point = InstanceType<typeof babyjubjub.Point>;

const CURVE_A = 168700n;
const CURVE_D = 168696n;

/** B8: generator of the prime subgroup. */
export const BASE8: Point = babyjubjub.Point.BASE;

/** The neutral element (0, 1). */
export const IDENTITY: Point = babyjubjub.Point.ZERO;

/** Whether the coordinates are canonical and satisfy the curve equation. */
export function isOnCurve({ x, y }: CurvePoint): boolean {
  if (!isFieldElement(x) || !isFieldElement(y)) return false;
  const xx = (x * x) % FIELD_MODULUS;
  const yy = (y * y) % FIELD_MODULUS;
  return toField(CURVE_A * xx + yy - 1n - CURVE_D * ((xx * yy) % FIELD_MODULUS)) === 0n;
}

/** The point with these coordinates, or undefined when they are not canonical or not on the curve. */
export function toPoint(point: CurvePoint): Point | undefined {
  return isOnCurve(point) ? babyjubjub.Point.fromAffine({ x: point.x, y: point.y }) : undefined;
}

/** 8·P: clears the cofactor. */
export function multiplyByCofactor(point: Point): Point {
  return point.double().double().double();
}

/**
 * The two x that go with `y`, smaller first; one when x is 0; none when no point has this y.
 *
 * x² = (1 − y²) / (a − d·y²); the denominator is never 0 because a/d is no square.
 * Twin: contracts/step/BabyJubJub.sol squareOfX.
 */
export function xCandidates(y: bigint): bigint[] {
  if (!isFieldElement(y)) return [];
  const { Fp } = babyjubjub.Point;
  const yy = Fp.mul(y, y);
  const square = Fp.div(Fp.sub(1n, yy), Fp.sub(CURVE_A, Fp.mul(CURVE_D, yy)));
  let x: bigint;
  try {
    x = Fp.sqrt(square);
  } catch {
    return []; // no square root: no point of the curve has this y
  }
  if (x === 0n) return [0n];
  const other = FIELD_MODULUS - x;
  return x < other ? [x, other] : [other, x];
}

/**
 * Whether some point with this y generates the prime subgroup: what wallets and sequencers ask of a key.
 * (x, y) and (−x, y) have the same order.
 * Twin: native/core/src/babyjubjub/decompress.rs usable_keys.
 * Twin: native/signature.ts usableKeyItems.
 */
export function isUsableKeyY(y: bigint): boolean {
  const [x] = xCandidates(y);
  if (x === undefined) return false;
  const point = toPoint({ x, y });
  return point !== undefined && !point.equals(IDENTITY) && point.isTorsionFree();
}
