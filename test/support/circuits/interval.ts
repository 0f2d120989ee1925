/** Bounds of integers: what a sum of products can be when its parts are anything within theirs. */

/** All integers from `min` to `max`. */
export interface Interval {
  readonly min: bigint;
  readonly max: bigint;
}

export const exactly = (value: bigint): Interval => ({ min: value, max: value });

/** Unsigned integers of so many bits. */
export const ofBits = (count: number): Interval => ({ min: 0n, max: 2n ** BigInt(count) - 1n });

export const add = (...terms: readonly Interval[]): Interval => ({
  min: terms.reduce((sum, { min }) => sum + min, 0n),
  max: terms.reduce((sum, { max }) => sum + max, 0n),
});

export const negate = ({ min, max }: Interval): Interval => ({ min: -max, max: -min });

export function multiply(left: Interval, right: Interval): Interval {
  const products = [left.min * right.min, left.min * right.max, left.max * right.min, left.max * right.max];
  products.sort((first, second) => (first < second ? -1 : 1));
  return { min: products[0]!, max: products[3]! };
}

/** The whole numbers that the integers may be when they are divided by `divisor` without a rest. */
export function divide({ min, max }: Interval, divisor: bigint): Interval {
  const floor = (value: bigint) => value / divisor - (value % divisor < 0n ? 1n : 0n);
  return { min: -floor(-min), max: floor(max) };
}

export const isWithin = (inner: Interval, outer: Interval): boolean => outer.min <= inner.min && inner.max <= outer.max;

/** The largest distance from 0. */
export const sizeOf = ({ min, max }: Interval): bigint => (-min > max ? -min : max);
