/** What an executor says about moves. */

import type { MoveGroup } from '@quittance/derivation';

/** Moves that went together, or were put aside together. */
interface Handled {
  readonly batch: number;
  readonly destination: number;
  readonly tokenId: number;
  readonly count: number;
  readonly amount: bigint;
}

/** What one transaction executed. */
export interface ExecutedMoves extends Handled {
  /** Wei that the destination was paid for them. */
  readonly fees: bigint;
  readonly transactionHash: string;
}

/** What was not executed, and why: L1 or the destination does not take it. */
export interface SkippedMoves extends Handled {
  readonly reason: string;
}

/** Which limit of whoever runs the executor left something: an amount, what is left of a look's money, or all of it. */
export type Limit = 'minAmount' | 'maxSpend' | 'maxSpendOfOne';

/** Moves of all batches that could be executed, and were left because of a limit. */
export interface LeftMoves extends Omit<Handled, 'batch'> {
  readonly limit: Limit;
  readonly reason: string;
}

/** What became of moves that were not executed. */
export interface Unexecuted {
  readonly skipped: readonly SkippedMoves[];
  readonly left: readonly LeftMoves[];
}

/** A group in a report. */
export function handledOf({ header, destination, tokenId, moves }: MoveGroup): Handled {
  const amount = moves.reduce((sum, move) => sum + move.amount, 0n);
  return { batch: header.number, destination, tokenId, count: moves.length, amount };
}

/** A group that a limit left. */
export function leftOf(group: MoveGroup, limit: Limit, reason: string): LeftMoves {
  const { batch: _, ...handled } = handledOf(group);
  return { ...handled, limit, reason };
}

/** Several of these as one. */
export function together(parts: readonly Unexecuted[]): Unexecuted {
  return { skipped: parts.flatMap(({ skipped }) => skipped), left: parts.flatMap(({ left }) => left) };
}

/** One entry for each limit, destination and token: an attacker can have thousands of batches left. */
export function sumOfLeft(left: readonly LeftMoves[]): LeftMoves[] {
  const sums = new Map<string, LeftMoves>();
  for (const part of left) {
    const key = `${part.limit}/${part.destination}/${part.tokenId}`;
    const { count = 0, amount = 0n, reason = part.reason } = sums.get(key) ?? {};
    sums.set(key, { ...part, count: count + part.count, amount: amount + part.amount, reason });
  }
  return [...sums.values()];
}
