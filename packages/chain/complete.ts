/** Checks that logs are complete: their numbers must continue without a gap up to the contract's own count. Pure. */

import { RollupError } from '@quittance/protocol';

/** What the logs of some blocks must contain, given what was read before. */
export interface ExpectedLogs {
  /** The first number that must be among them, unless it does not exist yet. */
  readonly next: number;
  /** How many numbers the contract has assigned by the last block; undefined when it was not asked. */
  readonly count: number | undefined;
}

/** The blocks that were searched. */
export interface BlockRange {
  readonly from: number;
  readonly to: number;
}

/**
 * The first number that was left out; undefined when none was.
 *
 * @param numbers of the logs, ascending. They may start before `next`.
 */
export function firstMissing(numbers: readonly number[], { next, count }: ExpectedLogs): number | undefined {
  let expected = Math.min(next, numbers[0] ?? next);
  for (const number of numbers) {
    if (number !== expected) return expected;
    expected += 1;
  }
  return expected < Math.max(count ?? 0, next) ? expected : undefined;
}

/**
 * @param what what is numbered, in words.
 * @throws RollupError L1_LOGS_INCOMPLETE when one is missing, L1_INCONSISTENT when there are more than the contract counts.
 */
export function requireAll(what: string, numbers: readonly number[], expected: ExpectedLogs, range: BlockRange): void {
  const { next, count } = expected;
  const { from: fromBlock, to: toBlock } = range;
  const missing = firstMissing(numbers, expected);
  if (missing !== undefined) {
    throw new RollupError(
      'L1_LOGS_INCOMPLETE',
      `L1 left out ${what} ${missing} in blocks ${fromBlock} to ${toBlock}. They are read again; if this goes on, the ` +
        'node is not synced: give another one',
      { what: `${what} ${missing}`, missing, fromBlock, toBlock },
    );
  }
  const end = Math.max(next, (numbers.at(-1) ?? -1) + 1);
  if (count === undefined || end <= count) return;
  throw new RollupError(
    'L1_INCONSISTENT',
    `the contract counts ${count} after block ${toBlock}, the logs say that there is a ${what} ${end - 1}`,
    { what: `the count of ${what}s`, expected: count, actual: end },
  );
}
