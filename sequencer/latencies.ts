/** A histogram of times in fixed memory, with steps of a quarter: quantiles are that exact. */

/** Times that were added. */
export interface Latencies {
  add(ms: number): void;
  /** The upper end of the step that holds this share of all times; undefined without any. @param share 0 to 1. */
  quantile(share: number): number | undefined;
}

const FIRST_MS = 1;
const FACTOR = 1.25;
/** Up to some 20 minutes; longer ones count as that. */
const STEPS = 64;

/** Position of the step whose end is the first at or above the time. */
function stepOf(ms: number): number {
  if (ms <= FIRST_MS) return 0;
  return Math.min(STEPS - 1, Math.ceil(Math.log(ms / FIRST_MS) / Math.log(FACTOR)));
}

/** Without any. */
export function createLatencies(): Latencies {
  const counts = new Uint32Array(STEPS);
  let total = 0;
  return {
    add(ms) {
      counts[stepOf(ms)]! += 1;
      total += 1;
    },
    quantile(share) {
      if (total === 0) return undefined;
      let seen = 0;
      const step = counts.findIndex((count) => {
        seen += count;
        return seen >= share * total;
      });
      return Math.round(FIRST_MS * FACTOR ** step * 100) / 100;
    },
  };
}
