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

/** What was not executed, and why. */
export interface SkippedMoves extends Handled {
  readonly reason: string;
}

/** A group in a report. */
export function handledOf({ header, destination, tokenId, moves }: MoveGroup): Handled {
  const amount = moves.reduce((sum, move) => sum + move.amount, 0n);
  return { batch: header.number, destination, tokenId, count: moves.length, amount };
}
