import { packOwnerAndToken } from '../tree/leaf.ts';
import type { Outcome } from '../types.ts';
import { applyPayment, isOutcome } from './signed.ts';
import { invalid, type Step, valid } from './step.ts';

/** Kind 3: pays `amount` out to the account's owner on L1. */
export function applyWithdraw(step: Step): Outcome {
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
  return valid([{ role: 'sender', index: fields.from, before: sender, after: payment.sender }], payment.fees, {
    transactionId: payment.transactionId,
    ...(amount > 0n ? { withdrawal: { ownerAndToken, amount } } : {}),
  });
}
