/** Times of signatures as a result. */

/** Of the signatures behind the first one, which prepares tables. */
export interface SignTimes {
  readonly count: number;
  readonly firstMs: number;
  readonly medianMs: number;
  /** Nineteen of twenty take at most this long. */
  readonly p95Ms: number;
}

/** The time that a share of the times does not exceed. */
function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!;
}

/** @param times milliseconds of at least two signatures, in their order. */
export function signTimes([firstMs, ...later]: readonly number[]): SignTimes {
  if (firstMs === undefined || later.length === 0) throw new RangeError('there are too few times');
  const sorted = later.toSorted((one, other) => one - other);
  return { count: later.length, firstMs, medianMs: quantile(sorted, 0.5), p95Ms: quantile(sorted, 0.95) };
}

/** One line for people. */
export function signLine(where: string, { count, firstMs, medianMs, p95Ms }: SignTimes): string {
  const ms = (value: number): string => `${value.toFixed(1)} ms`;
  return `${where.padEnd(9)} median ${ms(medianMs)}, 95% ${ms(p95Ms)} of ${count}; the first ${ms(firstMs)}`;
}
