/** Offers one group of moves to L1, if what is left to spend pays for it. */

import { MAX_TRANSACTION_GAS, rollupInterface, type TransactionCall, type TransactionManager } from '@quittance/chain';
import { type MoveGroup, toMoveProofs } from '@quittance/derivation';
import { isRollupError, RollupError } from '@quittance/protocol';
import type { TransactionReceipt } from 'ethers';
import type { Budget } from './budget.ts';

export interface OfferOptions {
  /** Address of the rollup that is left. */
  readonly contract: string;
  readonly budget: Budget;
  readonly estimate: TransactionManager['estimate'];
  readonly send: (call: TransactionCall, signal: AbortSignal) => Promise<TransactionReceipt>;
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

/**
 * What becomes of an offer: L1 took it, has paid one of it before, may take a part of it, or takes nothing of it; or it was
 * not made, since that costs more than is left.
 */
export type Answer =
  | { readonly kind: 'taken'; readonly fees: bigint; readonly transactionHash: string }
  | { readonly kind: 'paid'; readonly index: number }
  | { readonly kind: 'divide'; readonly reason: string }
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'dear'; readonly cost: bigint };

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

/** Sends it, and notes what that took. */
async function sendWithin(
  { budget, send }: OfferOptions,
  call: ReturnType<typeof executeCall>,
  gasWei: bigint,
  signal: AbortSignal,
): Promise<string> {
  const settle = budget.take(gasWei + call.value);
  try {
    const { hash, fee } = await send(call, signal);
    settle(fee + call.value);
    return hash;
  } catch (error) {
    // It may have failed in a block: L1 gives the fees back then, and keeps the gas.
    if (isRollupError(error, 'TRANSACTION_FAILED') || isRollupError(error, 'L1_REJECTED')) settle(gasWei);
    throw error;
  }
}

/**
 * Offers a whole group to L1: it is executed, or L1's answer says how to go on.
 *
 * @throws every error that is no refusal of these moves; L1_REORG when the batch is final no more.
 */
export async function offerGroup(
  options: OfferOptions,
  group: MoveGroup,
  priorityFee: bigint,
  signal: AbortSignal,
): Promise<Answer> {
  const { contract, budget, estimate } = options;
  const call = executeCall(contract, group, priorityFee);
  try {
    const { gas, feePerGas } = await estimate(call);
    if (gas > MAX_TRANSACTION_GAS) return { kind: 'divide', reason: `it takes ${gas} gas` };
    const [gasWei, left] = [gas * feePerGas, budget.left()];
    if (left !== undefined && gasWei + call.value > left) return { kind: 'dear', cost: gasWei + call.value };
    return {
      kind: 'taken',
      fees: call.value,
      transactionHash: await sendWithin(options, call, gasWei, signal),
    };
  } catch (error) {
    return answerOf(error);
  }
}
