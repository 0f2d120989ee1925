/** Which moves are worth their gas to whoever runs an executor. */

import { groupMoves, type MoveClaim } from '@quittance/derivation';
import { unpackOwnerAndToken } from '@quittance/protocol';
import { type LeftMoves, leftOf } from './handled.ts';

/** A token that is executed, and the least amount of a move in it, in base units. */
export interface LeastAmount {
  readonly tokenId: number;
  readonly amount: bigint;
}

/** Moves that are worth their gas, and the others as left; all of them are when `minAmount` is undefined. */
export function worthwhile(
  minAmount: readonly LeastAmount[] | undefined,
  moves: readonly MoveClaim[],
): { readonly moves: readonly MoveClaim[]; readonly left: readonly LeftMoves[] } {
  if (minAmount === undefined) return { moves, left: [] };
  const leastOf = new Map(minAmount.map(({ tokenId, amount }) => [tokenId, amount]));
  const tokenOf = ({ ownerAndToken }: MoveClaim) => unpackOwnerAndToken(ownerAndToken).tokenId;
  const isWorthwhile = (move: MoveClaim) => move.amount >= (leastOf.get(tokenOf(move)) ?? move.amount + 1n);
  const dust = groupMoves(
    moves.filter((move) => !isWorthwhile(move)),
    moves.length,
  );
  return {
    moves: moves.filter(isWorthwhile),
    left: dust.map((group) => {
      const least = leastOf.get(group.tokenId);
      const reason =
        least === undefined ? '--min-amount does not name this token' : `less than ${least} by --min-amount`;
      return leftOf(group, 'minAmount', reason);
    }),
  };
}
