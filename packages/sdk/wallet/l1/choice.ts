/**
 * What is worth leaving with. Anybody can put dust on accounts of somebody else's L1 address, by the thousands, and every account
 * costs its owner gas and a fee: what costs more than it pays is left behind unless it is asked for. Pure.
 */

import { ETH_TOKEN_ID } from '@quittance/protocol';
import type { LeftReason } from '../types.ts';

/** Accounts of one token that are taken unasked: what a token is worth nobody here knows, so their number is bounded. */
export const MOST_PER_TOKEN = 4;

/** What a choice needs of an account. */
interface Choosable {
  readonly index: number;
  readonly account: { readonly tokenId: number };
  /** Base units. */
  readonly balance: bigint;
}

/** What is chosen. */
export interface Choice<T> {
  /** In the order in which they go: ETH first, the largest first; then of each token the largest, and so on. */
  readonly chosen: readonly T[];
  readonly left: readonly { readonly item: T; readonly reason: LeftReason }[];
}

/** Whether ETH is too little for what it costs. Of tokens nobody here knows. @param least wei. */
export function isDust(tokenId: number, amount: bigint, least: bigint): boolean {
  return tokenId === ETH_TOKEN_ID && amount < least;
}

/** Ascending: the larger amount first. */
export function byAmount(one: bigint, other: bigint): number {
  return one === other ? 0 : one > other ? -1 : 1;
}

/** Each account with its rank among those of its token, 0 for the largest. */
function ranked<T extends Choosable>(accounts: readonly T[]) {
  const counts = new Map<number, number>();
  return [...accounts]
    .sort((one, other) => byAmount(one.balance, other.balance) || one.index - other.index)
    .map((item) => {
      const { tokenId } = item.account;
      const rank = counts.get(tokenId) ?? 0;
      counts.set(tokenId, rank + 1);
      return { item, tokenId, rank, group: tokenId === ETH_TOKEN_ID ? 0 : 1 };
    });
}

/**
 * The accounts to leave with.
 *
 * @param least wei below which ETH is left.
 * @param only those that were asked for by index, dust or not; what is worth it if not given.
 */
export function chooseAccounts<T extends Choosable>(
  accounts: readonly T[],
  least: bigint,
  only?: readonly number[],
): Choice<T> {
  const asked = only === undefined ? undefined : new Set(only);
  const reasonOf = ({ item, tokenId, rank }: ReturnType<typeof ranked<T>>[number]): LeftReason | undefined => {
    if (asked !== undefined) return asked.has(item.index) ? undefined : 'notChosen';
    if (isDust(tokenId, item.balance, least)) return 'dust';
    return tokenId !== ETH_TOKEN_ID && rank >= MOST_PER_TOKEN ? 'many' : undefined;
  };
  const inOrder = ranked(accounts).sort((one, other) => {
    const apart = one.group - other.group || one.rank - other.rank;
    return apart || one.tokenId - other.tokenId; // tokens that were registered first come first
  });
  const judged = inOrder.map((each) => ({ item: each.item, reason: reasonOf(each) }));
  return {
    chosen: judged.flatMap(({ item, reason }) => (reason === undefined ? [item] : [])),
    left: judged.flatMap(({ item, reason }) => (reason === undefined ? [] : [{ item, reason }])),
  };
}
