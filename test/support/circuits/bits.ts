/** Wires that have two values by a row of their own, and how many choices of them satisfy linear equations. */

import { invert, reduce } from '../crypto/field.ts';
import type { Equation } from './linear-rows.ts';

type Sum = ReadonlyMap<number, bigint>;

/** The d of a row A·(A − d) = 0, however it is written; undefined when it is another kind of row. */
export function otherRoot(a: Sum, b: Sum, c: Sum): bigint | undefined {
  const wire = [...a.keys()].find((candidate) => candidate !== 0);
  if (wire === undefined || !b.has(wire)) return undefined;
  const ratio = reduce(b.get(wire)! * invert(a.get(wire)!));
  const isMultiple = (sum: Sum, factor: bigint, ignored?: number): boolean =>
    [...new Set([...a.keys(), ...sum.keys()])].every(
      (key) => key === ignored || reduce((a.get(key) ?? 0n) * factor) === (sum.get(key) ?? 0n),
    );
  if (c.size === 0 && isMultiple(b, ratio, 0)) {
    const rest = reduce((b.get(0) ?? 0n) - (a.get(0) ?? 0n) * ratio);
    return rest === 0n ? undefined : reduce(-rest * invert(ratio));
  }
  const linear = reduce((c.get(wire) ?? 0n) * invert(a.get(wire)!));
  return linear !== 0n && isMultiple(b, ratio) && isMultiple(c, linear) ? reduce(linear * invert(ratio)) : undefined;
}

/** Equations that share wires, together. */
export function clusters(equations: readonly Equation[]): Equation[][] {
  const groups = new Map<number, Equation[]>();
  for (const equation of equations) {
    const touched = new Set([...equation.keys()].flatMap((wire) => groups.get(wire) ?? []));
    const all = new Set([equation, ...touched]);
    const merged = [...all];
    for (const member of merged) for (const wire of member.keys()) groups.set(wire, merged);
  }
  return [...new Set(groups.values())];
}

/** More bits than these are not tried one by one. */
export const MAX_TRIED_BITS = 12;
/** All sums of different powers of two below this one are below r: they do not wrap. */
const MAX_POWER = 253;

/**
 * How many choices of bits satisfy all equations Σ weights[i]·bit[i] = 0; undefined when it cannot be told. The choice of
 * zeros is one of them.
 */
export function solutionsOfBits(equations: readonly (readonly bigint[])[]): number | undefined {
  const bitCount = equations[0]?.length ?? 0;
  if (bitCount <= MAX_TRIED_BITS) {
    return choices(bitCount).filter((chosen) => equations.every((weights) => sumOf(weights, chosen) === 0n)).length;
  }
  return equations.length === 1 ? solutionsOfPowers(equations[0]!) : undefined;
}

const choices = (bitCount: number): boolean[][] =>
  Array.from({ length: 2 ** bitCount }, (_, number) =>
    Array.from({ length: bitCount }, (_, bit) => ((number >> bit) & 1) === 1),
  );

const sumOf = (weights: readonly bigint[], chosen: readonly boolean[]): bigint =>
  reduce(weights.reduce((sum, weight, index) => (chosen[index] ? sum + weight : sum), 0n));

const POWERS = new Map(
  Array.from({ length: MAX_POWER }, (_, exponent) => 2n ** BigInt(exponent)).flatMap((power): [bigint, bigint][] => [
    [power, power],
    [reduce(-power), -power],
  ]),
);

/** As above for one equation whose weights are, but for a few, different powers of two or their negatives, times a factor. */
function solutionsOfPowers(weights: readonly bigint[]): number | undefined {
  for (const unit of weights) {
    const scale = invert(unit);
    const scaled = weights.map((weight) => reduce(weight * scale));
    const powers = new Map<bigint, bigint>();
    const others: bigint[] = [];
    for (const weight of scaled) {
      const power = POWERS.get(weight);
      const size = power === undefined || power > 0n ? power : -power;
      if (power === undefined || size === undefined || powers.has(size)) others.push(weight);
      else powers.set(size, power);
    }
    if (others.length > MAX_TRIED_BITS / 2) continue;
    const sizes = [...powers.keys()].reduce((sum, size) => sum + size, 0n);
    const negative = [...powers.values()].reduce((sum, power) => (power < 0n ? sum - power : sum), 0n);
    // Σ power·bit is any number from −negative on whose distance to −negative has no bits but those of `sizes`.
    return choices(others.length).filter((chosen) => {
      const distance = reduce(negative - sumOf(others, chosen));
      return (distance & ~sizes) === 0n;
    }).length;
  }
  return undefined;
}
