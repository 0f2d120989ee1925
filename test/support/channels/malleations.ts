/** Signatures that nobody may take: neither L1 nor any of the implementations off it. */

import type { StateSignature } from '@quittance/protocol';

/** The order of secp256k1. */
export const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
/** The highest s that is taken. */
export const HALF = ORDER / 2n;
/** x of the generator, whose y is even. */
const GENERATOR_X = 0x79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798n;
/** No point of the curve has this x: 5³ + 7 is no square. */
const NO_X = 5n;

/** 32 bytes. */
export const wordOf = (value: bigint): string => `0x${value.toString(16).padStart(64, '0')}`;

/** The signature with what a test says. */
const changed = (good: StateSignature, some: { v?: number; r?: bigint; s?: bigint }): StateSignature => ({
  v: some.v ?? good.v,
  r: some.r === undefined ? good.r : wordOf(some.r),
  s: some.s === undefined ? good.s : wordOf(some.s),
});

/** As `good`, by the other square root: the same signer where high s are taken. */
export function mirrored(good: StateSignature): StateSignature {
  return changed(good, { v: good.v === 27 ? 28 : 27, s: ORDER - BigInt(good.s) });
}

/** A signature of `hash` that only the point at infinity could have made. */
function ofInfinity(hash: string): StateSignature {
  const h = BigInt(hash) % ORDER;
  // (s·R − h·G) / r with R = ±G.
  const [v, s] = h <= HALF ? [27, h] : [28, ORDER - h];
  return { v, r: wordOf(GENERATOR_X), s: wordOf(s) };
}

/** What is to be refused of a good signature of a hash, by name. */
export function malleations(hash: string, good: StateSignature): ReadonlyMap<string, StateSignature> {
  const variants: [string, StateSignature][] = [
    ['s in the upper half, v of the other root', mirrored(good)],
    ['s in the upper half, v as it was', { ...mirrored(good), v: good.v }],
    ['s one above half of the order', changed(good, { s: HALF + 1n })],
    ['what the point at infinity would sign', ofInfinity(hash)],
    ['r that is of no point', changed(good, { r: NO_X })],
    ['r and s of 0', changed(good, { r: 0n, s: 0n })],
  ];
  for (const v of [0, 1, 2, 26, 29, 30, 255]) variants.push([`v of ${v}`, changed(good, { v })]);
  for (const [name, value] of [
    ['0', 0n],
    ['the order', ORDER],
    ['one above the order', ORDER + 1n],
    ['2^256 − 1', 2n ** 256n - 1n],
  ] as const) {
    variants.push([`r of ${name}`, changed(good, { r: value })], [`s of ${name}`, changed(good, { s: value })]);
  }
  // Below the field's modulus, so that it is the x of a point: L1 has no v that says so.
  variants.push(['r and the order', changed(good, { r: (BigInt(good.r) % 2n ** 128n) + ORDER })]);
  return new Map(variants);
}
