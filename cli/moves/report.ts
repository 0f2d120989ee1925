/** What `quittance moves execute` says of a look. */

import type { Context } from '../process/command.ts';
import { table } from '../process/output.ts';
import type { ExecutedMoves, LeftMoves, SkippedMoves, Unexecuted } from './handled.ts';

/** One look. */
export interface Report extends Unexecuted {
  readonly executed: readonly ExecutedMoves[];
  /** Wei for gas and fees. */
  readonly spent: bigint;
}

function skippedText({ batch, destination, tokenId, count, reason }: SkippedMoves): string {
  return `${count} moves of batch ${batch} to destination ${destination} in token ${tokenId} were not executed: ${reason}`;
}

function leftText({ destination, tokenId, count, amount, limit, reason }: LeftMoves): string {
  const what = `${count} moves of ${amount} base units together to destination ${destination} in token ${tokenId}`;
  return `${what} were left ${limit === 'maxSpend' ? 'for later looks' : 'to their owners'}: ${reason}`;
}

/** A report for people. What was put aside and left is told apart, as warnings. */
export function describe({ executed, skipped, left, spent }: Report): string {
  if (executed.length === 0) {
    return skipped.length + left.length === 0 ? 'no moves to execute' : 'no moves were executed';
  }
  const rows = executed.map(({ batch, destination, tokenId, count, amount, transactionHash }) => [
    ...[batch, destination, tokenId, count, amount].map(String),
    transactionHash,
  ]);
  const moves = table([['batch', 'destination', 'token', 'moves', 'amount', 'transaction'], ...rows]);
  return `${moves}\nspent ${spent} wei on gas and fees`;
}

/**
 * Says what each look put aside and left. What the look before said of the same moves, or left of the same token by the
 * same limit, is not said again.
 */
export function createTeller({ output }: Pick<Context, 'output'>): (unexecuted: Unexecuted) => void {
  let told: ReadonlySet<string> = new Set();
  return ({ skipped, left }) => {
    const lines = new Map([
      ...skipped.map((each) => [skippedText(each), skippedText(each)] as const),
      ...left.map((each) => [`${each.limit}/${each.destination}/${each.tokenId}`, leftText(each)] as const),
    ]);
    for (const [key, line] of lines) if (!told.has(key)) output.warn(line);
    told = new Set(lines.keys());
  };
}
