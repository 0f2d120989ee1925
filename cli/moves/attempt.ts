/** Executes one group of moves, around what L1 refuses of it. */

import { MAX_TRANSACTION_GAS, rollupInterface, type TransactionCall, type TransactionManager } from '@quittance/chain';
import { halvesOf, type MoveGroup, toMoveProofs } from '@quittance/derivation';
import { isRollupError, RollupError } from '@quittance/protocol';
import type { TransactionReceipt } from 'ethers';
import { type ExecutedMoves, handledOf, type SkippedMoves } from './handled.ts';

export interface AttemptOptions {
  /** Address of the rollup that is left. */
  readonly contract: string;
  readonly estimate: TransactionManager['estimate'];
  readonly send: (call: TransactionCall, signal: AbortSignal) => Promise<TransactionReceipt>;
  /** Told of each transaction that is in a block. */
  readonly onExecuted: (executed: ExecutedMoves) => void;
}

/** Refusals that each move of the group would meet alone too. */
const OF_ALL: ReadonlySet<string> = new Set([
  ...['ExodusActive', 'NotAToken', 'UnknownDestination', 'WrongValue', 'WrongAmountTaken', 'AllowanceLeft'],
  ...['ReentrancyGuardReentrantCall', 'SafeERC20FailedOperation'],
]);

/** The call that executes a group, paying `priorityFee` for each move there. */
function executeCall(contract: string, { header, destination, moves }: MoveGroup, priorityFee: bigint) {
  return {
    to: contract,
    data: rollupInterface.encodeFunctionData('executeMoves', [header, destination, toMoveProofs(moves)]),
    value: priorityFee * BigInt(moves.length),
  };
}

/** What L1 says to a group: it took it, has paid one of it before, may take a part of it, or takes nothing of it. */
type Answer =
  | { readonly kind: 'taken'; readonly fees: bigint; readonly transactionHash: string }
  | { readonly kind: 'paid'; readonly index: number }
  | { readonly kind: 'divide'; readonly reason: string }
  | { readonly kind: 'refused'; readonly reason: string };

/** @throws every error that is no refusal of these moves; L1_REORG when the batch is final no more. */
function answerOf(error: unknown): Answer {
  if (isRollupError(error, 'TRANSACTION_FAILED')) return { kind: 'divide', reason: error.message };
  if (!isRollupError(error, 'L1_REJECTED')) throw error;
  const { error: name } = error.data;
  if (name === 'AlreadyClaimed') return { kind: 'paid', index: Number(error.data['index']) };
  if (name === 'UnknownHeader') {
    throw new RollupError('L1_REORG', `a batch is final no more: ${error.message}`, {}, { cause: error });
  }
  return { kind: OF_ALL.has(name) ? 'refused' : 'divide', reason: error.message };
}

async function offer(
  { contract, estimate, send }: AttemptOptions,
  group: MoveGroup,
  priorityFee: bigint,
  signal: AbortSignal,
): Promise<Answer> {
  const call = executeCall(contract, group, priorityFee);
  try {
    const { gas } = await estimate(call);
    if (gas > MAX_TRANSACTION_GAS) return { kind: 'divide', reason: `it takes ${gas} gas` };
    const { hash } = await send(call, signal);
    return { kind: 'taken', fees: call.value, transactionHash: hash };
  } catch (error) {
    return answerOf(error);
  }
}

/**
 * Executes what L1 takes of a group: whole, or in halves around what it refuses, without what was paid meanwhile.
 *
 * @returns what it does not take.
 * @throws RollupError L1_REORG, L1_UNREACHABLE, INSUFFICIENT_FUNDS and what else sending throws, or the signal's reason.
 */
export async function executeGroup(
  options: AttemptOptions,
  group: MoveGroup,
  priorityFee: bigint,
  signal: AbortSignal,
): Promise<SkippedMoves[]> {
  signal.throwIfAborted();
  const answer = await offer(options, group, priorityFee, signal);
  if (answer.kind === 'taken') {
    const { fees, transactionHash } = answer;
    options.onExecuted({ ...handledOf(group), fees, transactionHash });
    return [];
  }
  if (answer.kind === 'paid') {
    const moves = group.moves.filter(({ index }) => index !== answer.index);
    if (moves.length === 0) return [];
    // Every round has fewer moves, whatever L1 says.
    if (moves.length < group.moves.length) return executeGroup(options, { ...group, moves }, priorityFee, signal);
    return [
      { ...handledOf(group), reason: `L1 says that withdrawal ${answer.index} was paid, which is not among them` },
    ];
  }
  if (answer.kind === 'refused' || group.moves.length === 1) return [{ ...handledOf(group), reason: answer.reason }];
  const skipped: SkippedMoves[] = [];
  for (const half of halvesOf(group)) skipped.push(...(await executeGroup(options, half, priorityFee, signal)));
  return skipped;
}
