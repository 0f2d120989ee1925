/** How long the last proofs took. */

/** Seconds of proofs, the last ones only. */
export interface Durations {
  add(ms: number): void;
  /** Of the last ones, in milliseconds; undefined before the first. @param share 0.5 is the median. */
  quantile(share: number): number | undefined;
}

/** Enough for a 95th percentile that means something, and few enough to follow a change of machines. */
const KEPT = 128;

/** No proofs yet. */
export function createDurations(): Durations {
  const last: number[] = [];
  return {
    add(ms) {
      last.push(ms);
      if (last.length > KEPT) last.shift();
    },
    quantile(share) {
      const sorted = last.toSorted((one, other) => one - other);
      return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
    },
  };
}
