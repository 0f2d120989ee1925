import type { Outcome } from '../types.ts';
import { feeTokenPosition, fitsBalance, invalid, type Step, valid } from './step.ts';

/**
 * Kind 6: the producer's account `to` receives the whole fee sum of its token.
 * Twin: native/core/src/engine/rules.rs collect_fee.
 */
export function applyCollectFee(step: Step): Outcome {
  const { fields, receiver, context, fees } = step;
  if (receiver === undefined)
    return invalid('RECEIVER_EMPTY', `account ${fields.to} does not exist`, 'an account', 'empty');
  const position = feeTokenPosition(context, receiver.tokenId);
  if (position < 0) {
    return invalid(
      'NOT_FEE_TOKEN',
      `token ${receiver.tokenId} is no fee token of this chunk`,
      context.feeTokens,
      receiver.tokenId,
    );
  }
  const balance = receiver.balance + fees[position]!;
  if (!fitsBalance(balance))
    return invalid('BALANCE_OVERFLOW', 'the account would hold 2^128 or more', '< 2^128', balance);
  return valid(
    [{ role: 'receiver', index: fields.to, before: receiver, after: { ...receiver, balance } }],
    fees.map((sum, index) => (index === position ? 0n : sum)),
  );
}
