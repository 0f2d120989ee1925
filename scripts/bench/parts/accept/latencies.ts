/** How long calls took: percentiles of the whole run and of its tenths. */

/** Milliseconds. */
export interface LatencyReport {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  /** Of each tenth of the run, by the time at which calls were due. */
  readonly p99MsByTenth: readonly number[];
}

/** The value below which `share` of the sorted values lie; 0 when there are none. */
export function percentile(sorted: readonly number[], share: number): number {
  const position = Math.min(sorted.length - 1, Math.floor(sorted.length * share));
  return Number((sorted[position] ?? 0).toFixed(2));
}

const ascending = (one: number, other: number): number => one - other;

/** Collects times. */
export class Latencies {
  readonly #due: number[] = [];
  readonly #took: number[] = [];

  /** @param dueMs since the beginning of the run. */
  add(dueMs: number, tookMs: number): void {
    this.#due.push(dueMs);
    this.#took.push(tookMs);
  }

  get count(): number {
    return this.#took.length;
  }

  /** @param lengthMs of the run. */
  report(lengthMs: number): LatencyReport {
    const tenths: number[][] = Array.from({ length: 10 }, () => []);
    for (const [position, due] of this.#due.entries()) {
      tenths[Math.min(9, Math.floor((10 * due) / lengthMs))]!.push(this.#took[position]!);
    }
    const sorted = this.#took.toSorted(ascending);
    return {
      p50Ms: percentile(sorted, 0.5),
      p99Ms: percentile(sorted, 0.99),
      maxMs: percentile(sorted, 1),
      p99MsByTenth: tenths.map((tenth) => percentile(tenth.sort(ascending), 0.99)),
    };
  }
}
