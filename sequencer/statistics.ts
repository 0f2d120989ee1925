/** Figures of the last hour in intervals, in memory, for charts. Their memory is bounded, whatever comes. */

import type { Clock } from '../runtime/index.ts';
import { createLatencies, type Latencies } from './latencies.ts';

/** Length of an interval. */
export const INTERVAL_MS = 10_000;
/** Intervals that are kept: an hour. */
export const MAX_POINTS = 360;

/** Figures of one interval. */
export interface StatisticsPoint {
  /** Its start, Unix milliseconds. */
  readonly atMs: number;
  readonly acceptedCount: number;
  readonly refusedCount: number;
  readonly sealedCount: number;
  readonly finalCount: number;
  /** From arrival to acknowledgement; undefined where nothing was accepted. */
  readonly latencyP50Ms: number | undefined;
  readonly latencyP99Ms: number | undefined;
  /** Of all transactions on L1. */
  readonly gasUsed: bigint;
  /** Wei. */
  readonly gasCost: bigint;
  /** Of sealed transfers, base units by token id. */
  readonly fees: ReadonlyMap<number, bigint>;
}

/** Counts what happens. */
export interface Statistics {
  /** A transfer was acknowledged, so long after it came. */
  accepted(latencyMs: number): void;
  refused(): void;
  /** A transfer is in a sealed batch. */
  sealed(tokenId: number, fee: bigint): void;
  /** So many transfers became final. */
  final(count: number): void;
  /** A transaction of ours is on L1. */
  spent(transaction: { readonly gasUsed: bigint; readonly costWei: bigint }): void;
  /** All intervals since the start, at most MAX_POINTS, the oldest first; also those in which nothing happened. */
  read(): StatisticsPoint[];
}

interface Open {
  readonly atMs: number;
  acceptedCount: number;
  refusedCount: number;
  sealedCount: number;
  finalCount: number;
  gasUsed: bigint;
  gasCost: bigint;
  readonly fees: Map<number, bigint>;
  readonly latencies: Latencies;
}

const openAt = (atMs: number): Open => ({
  ...{ atMs, acceptedCount: 0, refusedCount: 0, sealedCount: 0, finalCount: 0, gasUsed: 0n, gasCost: 0n },
  fees: new Map(),
  latencies: createLatencies(),
});

const closed = ({ latencies, ...figures }: Open): StatisticsPoint => ({
  ...figures,
  latencyP50Ms: latencies.quantile(0.5),
  latencyP99Ms: latencies.quantile(0.99),
});

/** Figures from now on. */
export function createStatistics(clock: Clock): Statistics {
  const points: StatisticsPoint[] = [];
  const startOf = (ms: number): number => ms - (ms % INTERVAL_MS);
  let open = openAt(startOf(clock.nowMs()));

  /** The interval of this moment. A clock that goes back stays in the one that there is. */
  const present = (): Open => {
    const start = startOf(clock.nowMs());
    if (start <= open.atMs) return open;
    points.push(closed(open));
    // Of a long silence only the end is kept.
    const silent = Math.max(open.atMs + INTERVAL_MS, start - MAX_POINTS * INTERVAL_MS);
    for (let atMs = silent; atMs < start; atMs += INTERVAL_MS) points.push(closed(openAt(atMs)));
    points.splice(0, Math.max(0, points.length - (MAX_POINTS - 1)));
    open = openAt(start);
    return open;
  };

  return {
    accepted(latencyMs) {
      const interval = present();
      interval.acceptedCount += 1;
      interval.latencies.add(latencyMs);
    },
    refused() {
      present().refusedCount += 1;
    },
    sealed(tokenId, fee) {
      const interval = present();
      interval.sealedCount += 1;
      if (fee > 0n) interval.fees.set(tokenId, (interval.fees.get(tokenId) ?? 0n) + fee);
    },
    final(count) {
      present().finalCount += count;
    },
    spent({ gasUsed, costWei }) {
      const interval = present();
      interval.gasUsed += gasUsed;
      interval.gasCost += costWei;
    },
    read() {
      const last = closed(present());
      return [...points, last];
    },
  };
}
