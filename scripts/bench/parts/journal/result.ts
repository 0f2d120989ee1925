/** What `./dev bench journal` measures, and how it is said. */

/** Appends of one kind. */
export interface AppendTimes {
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Transfers a second that one segment after the other would give. */
  readonly perSecond: number;
  /** Of the leader's process, for encoding, sending and the answer. */
  readonly cpuMicrosecondsPerTransfer: number;
}

export interface JournalResult {
  readonly transfersPerSegment: number;
  /** Transfers a second that were appended. */
  readonly rate: number;
  readonly segments: number;
  readonly followers: number;
  /** Bytes that a transfer takes in the table. */
  readonly bytesPerTransfer: number;
  /** Nobody reads. */
  readonly alone: AppendTimes;
  /** Each follower reads each segment as it comes. */
  readonly followed: AppendTimes;
  /** Median of `followed` over that of `alone`; both were measured in turns. */
  readonly slowdown: number;
}

/** The value below which this share of the sorted values is. */
function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
}

/** @param times milliseconds of each segment. */
export function appendTimes(times: readonly number[], transfers: number, cpuMicroseconds: number): AppendTimes {
  const sorted = [...times].sort((one, other) => one - other);
  const total = times.reduce((sum, time) => sum + time, 0);
  return {
    p50Ms: quantile(sorted, 0.5),
    p99Ms: quantile(sorted, 0.99),
    perSecond: (1_000 * transfers) / total,
    cpuMicrosecondsPerTransfer: cpuMicroseconds / transfers,
  };
}

/** For people. */
export function journalLines({ alone, followed, slowdown, followers, ...rest }: JournalResult): string[] {
  const line = (name: string, { p50Ms, p99Ms, perSecond, cpuMicrosecondsPerTransfer }: AppendTimes): string =>
    `${name.padEnd(14)} p50 ${p50Ms.toFixed(1)} ms, p99 ${p99Ms.toFixed(1)} ms, ${perSecond.toFixed(0)} transfers a second at most, ` +
    `${cpuMicrosecondsPerTransfer.toFixed(2)} µs of CPU a transfer`;
  return [
    `${rest.segments} segments of ${rest.transfersPerSegment} transfers, ${rest.bytesPerTransfer.toFixed(0)} bytes a transfer, ${rest.rate} transfers a second, synchronous standby`,
    line('alone', alone),
    line(`${followers} followers`, followed),
    `followers make an append ${slowdown.toFixed(2)} times as long`,
  ];
}
