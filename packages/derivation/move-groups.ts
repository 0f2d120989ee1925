/** Moves in groups that one `executeMoves` takes. Source: docs/protocol.md, Moves. */

import type { ClaimedWithdrawal } from '@quittance/chain';
import {
  MAX_TRANSACTION_BYTES,
  type StoredHeader,
  siblingsBehind,
  unpackOwnerAndToken,
  WORD_BYTES,
} from '@quittance/protocol';
import type { MoveClaim, WithdrawalClaim } from './claims.ts';

/** Moves out of one batch, to one destination, in one token. */
export interface MoveGroup {
  readonly header: StoredHeader;
  readonly destination: number;
  /** Id in the rollup that is left. */
  readonly tokenId: number;
  /** At least one, by ascending index. */
  readonly moves: readonly MoveClaim[];
}

/** Those that L1 has not paid, to whomever. */
export function unpaidOf<Claim extends WithdrawalClaim>(
  claims: readonly Claim[],
  paid: readonly ClaimedWithdrawal[],
): Claim[] {
  const keys = new Set(paid.map(({ batch, index }) => `${batch}/${index}`));
  return claims.filter(({ header, index }) => !keys.has(`${header.number}/${index}`));
}

/** A move as the contract takes it. */
export function toMoveProof({ index, keyY, ownerAndToken, amount, siblings }: MoveClaim) {
  return { index, keyY, ownerAndToken, amount, siblings };
}

/** Moves of one batch as `executeMoves` takes them: each proof without what is in that of the move before it. */
export function toMoveProofs(moves: readonly MoveClaim[]) {
  return moves.map((move, position) => {
    const [proof, previous] = [toMoveProof(move), moves[position - 1]];
    if (previous === undefined) return proof;
    return { ...proof, siblings: siblingsBehind(previous.index, move.index, move.siblings) };
  });
}

/** Selector, header (9 words), destination, offset and length of the list; and what stands around the call. */
const BASE_BYTES = 4 + 12 * WORD_BYTES + 1_024;
/** Where a move stands, its five words, and the length of its siblings. */
const WORDS_PER_MOVE = 1 + 5 + 1;

/** Moves of a batch that one transaction holds. */
function mostInTransaction({ siblings }: MoveClaim): number {
  return Math.floor((MAX_TRANSACTION_BYTES - BASE_BYTES) / ((WORDS_PER_MOVE + siblings.length) * WORD_BYTES));
}

/**
 * All of these moves in groups.
 *
 * @param maxImport the most that the destination takes at once.
 */
export function groupMoves(moves: readonly MoveClaim[], maxImport: number): MoveGroup[] {
  const groups = new Map<string, { readonly group: MoveGroup; readonly moves: MoveClaim[] }[]>();
  for (const move of moves) {
    const { header, destination, ownerAndToken } = move;
    const { tokenId } = unpackOwnerAndToken(ownerAndToken);
    const key = `${header.number}/${destination}/${tokenId}`;
    const parts = groups.get(key) ?? [];
    groups.set(key, parts);
    const last = parts.at(-1);
    if (last !== undefined && last.moves.length < Math.min(maxImport, mostInTransaction(move))) {
      last.moves.push(move);
    } else {
      const members = [move];
      parts.push({ group: { header, destination, tokenId, moves: members }, moves: members });
    }
  }
  return [...groups.values()].flat().map(({ group }) => group);
}

/** A group of at least two, in two. */
export function halvesOf(group: MoveGroup): readonly [MoveGroup, MoveGroup] {
  const { moves } = group;
  const middle = moves.length >>> 1;
  return [
    { ...group, moves: moves.slice(0, middle) },
    { ...group, moves: moves.slice(middle) },
  ];
}
