/** The rules that kinds 1, 2, 3 and 7 share: who may spend, and how much. */

import { MAX_NONCE } from '../params.ts';
import { packOwnerAndToken } from '../tree/leaf.ts';
import type { Account, MoveTarget, Outcome } from '../types.ts';
import { addFee, feeTokenPosition, invalid, type Step, valid } from './step.ts';

/** The sender after paying amount + fee, with what the payment implies. */
export interface Payment {
  readonly sender: Account;
  readonly fees: readonly bigint[];
  readonly transactionId: bigint;
}

/**
 * Whether a record expired before a batch of this time. Both in Unix seconds; 0 never expires.
 * Twin: circuits/lib/expiry.circom Expiry.
 */
export function isExpired(validUntil: number, batchTime: number): boolean {
  return validUntil !== 0 && batchTime > validUntil;
}

/**
 * Checks NOT_FEE_TOKEN to INSUFFICIENT_BALANCE, in the order of docs/protocol.md.
 * Twin: contracts/step/StepVerifier.sol _pay.
 * Twin: native/core/src/engine/payment.rs pay.
 */
export function applyPayment(step: Step, sender: Account): Payment | Outcome {
  const { amount, fee, authorization, context } = step;
  if (fee > 0n && feeTokenPosition(context, sender.tokenId) < 0) {
    return invalid(
      'NOT_FEE_TOKEN',
      `token ${sender.tokenId} pays no fees in this chunk`,
      context.feeTokens,
      sender.tokenId,
    );
  }
  const validUntil = authorization?.validUntil ?? 0;
  if (isExpired(validUntil, context.batchTime)) {
    return invalid(
      'EXPIRED',
      `expired at ${validUntil}, the batch time is ${context.batchTime}`,
      context.batchTime,
      validUntil,
    );
  }
  if (BigInt(sender.nonce) >= MAX_NONCE) {
    return invalid('NONCE_EXHAUSTED', 'the account has used its last nonce', MAX_NONCE - 1n, sender.nonce);
  }
  const message = step.messageOf(sender);
  if (!step.isAuthorized(sender, message)) {
    return invalid(
      'BAD_SIGNATURE',
      'the signature does not verify for this record, nonce, expiry, domain and receiver',
    );
  }
  const cost = amount + fee;
  if (sender.balance < cost) {
    return invalid('INSUFFICIENT_BALANCE', `costs ${cost}, the balance is ${sender.balance}`, cost, sender.balance);
  }
  return {
    sender: { ...sender, balance: sender.balance - cost, nonce: sender.nonce + 1 },
    fees: addFee(step, sender.tokenId, fee),
    transactionId: message,
  };
}

/**
 * Pays `amount` out to the sender's owner on L1, which the words name: kinds 3 and 7.
 * Twin: native/core/src/engine/rules.rs payout.
 *
 * @param move where a move takes the money; undefined for a withdrawal.
 */
export function applyPayout(step: Step, move?: MoveTarget): Outcome {
  const { fields, words, sender, amount } = step;
  if (sender === undefined)
    return invalid('SENDER_EMPTY', `account ${fields.from} does not exist`, 'an account', 'empty');
  const payment = applyPayment(step, sender);
  if (isOutcome(payment)) return payment;
  const ownerAndToken = packOwnerAndToken(sender.owner, sender.tokenId);
  if (words[1] !== ownerAndToken || words[2] !== amount) {
    return invalid(
      'WITHDRAWAL_MISMATCH',
      'the words name another owner, token or amount',
      `${ownerAndToken}, ${amount}`,
      words.slice(1),
    );
  }
  const withdrawal = { ownerAndToken, amount, ...(move === undefined ? {} : { move }) };
  return valid([{ role: 'sender', index: fields.from, before: sender, after: payment.sender }], payment.fees, {
    transactionId: payment.transactionId,
    ...(amount > 0n ? { withdrawal } : {}),
  });
}

/** Tells a refused payment from a made one. */
export function isOutcome(result: Payment | Outcome): result is Outcome {
  return 'valid' in result;
}
