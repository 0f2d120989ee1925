import type { Outcome } from '../types.ts';
import { applyPayment, isOutcome } from './signed.ts';
import { fitsBalance, invalid, type Step, valid } from './step.ts';

/**
 * Kind 2: creates the account `to` for key w0 and owner w1 with the sender's token and `amount`.
 * Twin: native/core/src/engine/rules.rs transfer_to_new.
 */
export function applyTransferToNew(step: Step): Outcome {
  const { fields, words, sender, receiver, amount } = step;
  if (sender === undefined)
    return invalid('SENDER_EMPTY', `account ${fields.from} does not exist`, 'an account', 'empty');
  if (fields.from === fields.to) {
    return invalid('SELF_TRANSFER', `sender and receiver are both ${fields.from}`, 'two accounts', fields.to);
  }
  if (receiver !== undefined) {
    return invalid('RECEIVER_EXISTS', `account ${fields.to} exists already`, 'an empty leaf', 'an account');
  }
  const payment = applyPayment(step, sender);
  if (isOutcome(payment)) return payment;
  // amount ≤ the sender's balance < 2^128, so this cannot happen; the circuit checks the same width.
  if (!fitsBalance(amount))
    return invalid('BALANCE_OVERFLOW', 'the receiver would hold 2^128 or more', '< 2^128', amount);
  const created = { keyY: words[0]!, owner: words[1]!, tokenId: sender.tokenId, nonce: 0, balance: amount };
  return valid(
    [
      { role: 'sender', index: fields.from, before: sender, after: payment.sender },
      { role: 'receiver', index: fields.to, before: undefined, after: created },
    ],
    payment.fees,
    { transactionId: payment.transactionId },
  );
}
