import { packOwnerAndToken, unpackOwnerAndToken } from '../tree/leaf.ts';
import type { Account, Outcome } from '../types.ts';
import { fitsBalance, invalid, type Step, valid } from './step.ts';

/**
 * Kind 4: credits an L1 deposit to an empty leaf, or to the account with the same key, owner and token.
 * Twin: native/core/src/engine/rules.rs deposit.
 */
export function applyDeposit(step: Step): Outcome {
  const { fields, words, receiver } = step;
  const [keyY, ownerAndToken, amount] = words as [bigint, bigint, bigint];
  if (
    receiver !== undefined &&
    (receiver.keyY !== keyY || packOwnerAndToken(receiver.owner, receiver.tokenId) !== ownerAndToken)
  ) {
    return invalid('DEPOSIT_MISMATCH', `account ${fields.to} has another key, owner or token`);
  }
  const before: Account = receiver ?? { keyY, ...unpackOwnerAndToken(ownerAndToken), nonce: 0, balance: 0n };
  const balance = before.balance + amount;
  if (!fitsBalance(balance))
    return invalid('BALANCE_OVERFLOW', 'the account would hold 2^128 or more', '< 2^128', balance);
  return valid([{ role: 'receiver', index: fields.to, before: receiver, after: { ...before, balance } }], step.fees);
}
