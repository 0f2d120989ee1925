/** The rules that kinds 1, 2 and 3 share: who may spend, and how much. */

import { MAX_NONCE } from '../params.ts';
import type { Account, Outcome } from '../types.ts';
import { addFee, feeTokenPosition, invalid, type Step } from './step.ts';

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

/** Tells a refused payment from a made one. */
export function isOutcome(result: Payment | Outcome): result is Outcome {
  return 'valid' in result;
}
