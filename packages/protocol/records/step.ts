/** What the rules of a record see, and how they answer. */

import type { RecordErrorCode } from '../errors/index.ts';
import { BALANCE_BITS } from '../params.ts';
import type {
  Account,
  AccountChange,
  Authorization,
  ChunkContext,
  Effects,
  Outcome,
  RecordFields,
  RecordWords,
} from '../types.ts';

/** One record with the two leaves that it reads. Fields shown as – in the table are 0 when a rule sees them. */
export interface Step {
  readonly fields: RecordFields;
  readonly words: RecordWords;
  /** Decoded amount and fee in base units. */
  readonly amount: bigint;
  readonly fee: bigint;
  /** The leaf at `from` and at `to` before the record. */
  readonly sender: Account | undefined;
  readonly receiver: Account | undefined;
  readonly context: ChunkContext;
  /** The four fee sums before the record. */
  readonly fees: readonly bigint[];
  readonly authorization: Authorization | undefined;
  /** Hash of the message that kinds 1 to 3 and 7 sign, for the nonce and receiver of this state. */
  messageOf(sender: Account): bigint;
  /** Whether the authorization signs `message` for this sender. */
  isAuthorized(sender: Account, message: bigint): boolean;
}

/** An outcome that names the rule that failed. */
export function invalid(code: RecordErrorCode, message: string, expected?: unknown, actual?: unknown): Outcome {
  return {
    valid: false,
    invalid: {
      code,
      message,
      ...(expected === undefined ? {} : { expected: String(expected) }),
      ...(actual === undefined ? {} : { actual: String(actual) }),
    },
  };
}

/** A valid outcome. */
export function valid(
  changes: readonly AccountChange[],
  fees: readonly bigint[],
  extras: Pick<Effects, 'withdrawal' | 'transactionId'> = {},
): Outcome {
  return { valid: true, effects: { changes, fees, ...extras } };
}

/** The fee sums after `amount` in `tokenId`. Unchanged when the token is no fee token. */
export function addFee(step: Step, tokenId: number, amount: bigint): bigint[] {
  return step.fees.map((sum, position) => (step.context.feeTokens[position] === BigInt(tokenId) ? sum + amount : sum));
}

/** Position of a token among the fee tokens, or −1. */
export function feeTokenPosition(context: ChunkContext, tokenId: number): number {
  return context.feeTokens.indexOf(BigInt(tokenId));
}

/** Whether a balance fits a leaf. */
export function fitsBalance(balance: bigint): boolean {
  return balance >> BigInt(BALANCE_BITS) === 0n;
}
