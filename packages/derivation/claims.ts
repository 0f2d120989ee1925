/** What can be claimed on L1 from final batches: withdrawals and moves with their proofs. Source: docs/protocol.md, Withdrawals root. */

import { type MoveTarget, type StoredHeader, unpackOwnerAndToken, withdrawalProof } from '@quittance/protocol';
import type { ClaimableBatches } from './claimable.ts';

/** What `claimWithdrawals` takes for one withdrawal, made from L1 alone. */
export interface WithdrawalClaim {
  readonly header: StoredHeader;
  readonly index: number;
  readonly ownerAndToken: bigint;
  readonly amount: bigint;
  readonly siblings: readonly string[];
}

/** What `executeMoves` and `claimMoves` take for one move. */
export interface MoveClaim extends WithdrawalClaim, MoveTarget {}

/** All leaves of the withdrawals trees that belong to an L1 address, as claims; `move` is undefined for a withdrawal. */
function leavesOf({ batches }: ClaimableBatches, owner: bigint) {
  return batches.flatMap((batch) =>
    (batch?.withdrawals ?? []).flatMap(({ ownerAndToken, amount, move }, index) => {
      if (unpackOwnerAndToken(ownerAndToken).owner !== owner) return [];
      const siblings = withdrawalProof(batch!.withdrawals, index);
      return [{ claim: { header: batch!.header, index, ownerAndToken, amount, siblings }, move }];
    }),
  );
}

/** All withdrawals of an L1 address (as a number), with their proofs. Whether they were claimed is on L1. */
export function withdrawalsOf(final: ClaimableBatches, owner: bigint): WithdrawalClaim[] {
  return leavesOf(final, owner).flatMap(({ claim, move }) => (move === undefined ? [claim] : []));
}

/** All moves of an L1 address (as a number), with their proofs. Whether they were executed or claimed is on L1. */
export function movesOf(final: ClaimableBatches, owner: bigint): MoveClaim[] {
  return leavesOf(final, owner).flatMap(({ claim, move }) => (move === undefined ? [] : [{ ...claim, ...move }]));
}
