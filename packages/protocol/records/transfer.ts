import type { Outcome } from '../types.ts';
import { applyPayment, isOutcome } from './signed.ts';
import { fitsBalance, invalid, type Step, valid } from './step.ts';

/**
 * Kind 1: pays `amount` to an existing account of the same token.
 * Twin: native/core/src/engine/rules.rs transfer.
 */
export function applyTransfer(step: Step): Outcome {
  const { fields, sender, receiver, amount } = step;
  if (sender === undefined)
    return invalid('SENDER_EMPTY', `account ${fields.from} does not exist`, 'an account', 'empty');
  if (fields.from === fields.to) {
    return invalid('SELF_TRANSFER', `sender and receiver are both ${fields.from}`, 'two accounts', fields.to);
  }
  if (receiver === undefined)
    return invalid('RECEIVER_EMPTY', `account ${fields.to} does not exist`, 'an account', 'empty');
  if (sender.tokenId !== receiver.tokenId) {
    return invalid('TOKEN_MISMATCH', 'sender and receiver hold different tokens', sender.tokenId, receiver.tokenId);
  }
  const payment = applyPayment(step, sender);
  if (isOutcome(payment)) return payment;
  const balance = receiver.balance + amount;
  if (!fitsBalance(balance))
    return invalid('BALANCE_OVERFLOW', 'the receiver would hold 2^128 or more', '< 2^128', balance);
  return valid(
    [
      { role: 'sender', index: fields.from, before: sender, after: payment.sender },
      { role: 'receiver', index: fields.to, before: receiver, after: { ...receiver, balance } },
    ],
    payment.fees,
    { transactionId: payment.transactionId },
  );
}
