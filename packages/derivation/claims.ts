/** What can be claimed on L1 from final batches: withdrawals and moves with their proofs. Source: docs/protocol.md, Withdrawals root. */

import {
  type MoveTarget,
  type StoredHeader,
  unpackOwnerAndToken,
  type Withdrawal,
  withdrawalProofs,
} from '@quittance/protocol';
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

/** Leaves of the withdrawals trees that are `wanted`, as claims; `move` is undefined for a withdrawal. */
function leavesOf({ batches }: ClaimableBatches, isWanted: (withdrawal: Withdrawal) => boolean) {
  return batches.flatMap((batch) => {
    if (batch === undefined || !batch.withdrawals.some(isWanted)) return [];
    const { header, withdrawals } = batch;
    const siblingsOf = withdrawalProofs(withdrawals);
    return withdrawals.flatMap((withdrawal, index) => {
      if (!isWanted(withdrawal)) return [];
      const { ownerAndToken, amount, move } = withdrawal;
      return [{ claim: { header, index, ownerAndToken, amount, siblings: siblingsOf(index) }, move }];
    });
  });
}

/** Whether a leaf belongs to an L1 address. */
const isOf =
  (owner: bigint) =>
  ({ ownerAndToken }: Withdrawal): boolean =>
    unpackOwnerAndToken(ownerAndToken).owner === owner;

function toMoves(leaves: ReturnType<typeof leavesOf>): MoveClaim[] {
  return leaves.flatMap(({ claim, move }) => (move === undefined ? [] : [{ ...claim, ...move }]));
}

/** All withdrawals of an L1 address (as a number), with their proofs. Whether they were claimed is on L1. */
export function withdrawalsOf(final: ClaimableBatches, owner: bigint): WithdrawalClaim[] {
  return leavesOf(final, isOf(owner)).flatMap(({ claim, move }) => (move === undefined ? [claim] : []));
}

/** All moves of an L1 address (as a number), with their proofs. Whether they were executed or claimed is on L1. */
export function movesOf(final: ClaimableBatches, owner: bigint): MoveClaim[] {
  return toMoves(leavesOf(final, isOf(owner)));
}

/** All moves to these destinations, whosever they are, in the order of batches and indices. */
export function movesTo(final: ClaimableBatches, destinations: ReadonlySet<number>): MoveClaim[] {
  return toMoves(leavesOf(final, ({ move }) => move !== undefined && destinations.has(move.destination)));
}
