import { packOwnerAndToken } from '../tree/leaf.ts';
import type { Account, Outcome } from '../types.ts';
import { invalid, type Step, valid } from './step.ts';

/** What a forced exit of `ownerAndToken` from this leaf pays: everything to its owner, nothing to anyone else. */
export function forcedExitAmount(account: Account | undefined, ownerAndToken: bigint): bigint {
  if (account === undefined || packOwnerAndToken(account.owner, account.tokenId) !== ownerAndToken) return 0n;
  return account.balance;
}

/**
 * Kind 5: pays the whole balance to the owner who asked on L1, or 0 when owner or token do not match.
 * Twin: native/core/src/engine/rules.rs forced_exit.
 */
export function applyForcedExit(step: Step): Outcome {
  const { fields, words, sender } = step;
  const [, ownerAndToken, claimed] = words as [bigint, bigint, bigint];
  const amount = forcedExitAmount(sender, ownerAndToken);
  if (claimed !== amount)
    return invalid('EXIT_MISMATCH', `the exit pays ${amount}, the record says ${claimed}`, amount, claimed);
  if (amount === 0n) return valid([], step.fees);
  return valid(
    [{ role: 'sender', index: fields.from, before: sender, after: { ...sender!, balance: 0n } }],
    step.fees,
    {
      withdrawal: { ownerAndToken, amount },
    },
  );
}
