/** Finds accounts by their owners. */

import type { Account } from '@quittance/protocol';

/** Account indices by (key, owner, token) and by owner. Entries are never removed; callers check the account itself. */
export interface Directory {
  /**
   * Registers an account that exists whatever happens to pending transfers: it is in a sealed batch, or a priority
   * operation creates it.
   */
  addCertain(index: number, account: Account): void;
  /** Registers an account that a pending transfer creates. */
  addPending(index: number, account: Account): void;
  /** Lowest certain account of this key, owner and token: where a deposit goes. */
  find(keyY: bigint, owner: bigint, tokenId: number): number | undefined;
  /** All indices that this owner's accounts may have, ascending. */
  ofOwner(owner: bigint): number[];
}

/** An empty directory. */
export function createDirectory(): Directory {
  const byIdentity = new Map<string, number>();
  const byOwner = new Map<bigint, Set<number>>();
  const addPending = (index: number, { owner }: Account): void => {
    const indices = byOwner.get(owner);
    if (indices === undefined) byOwner.set(owner, new Set([index]));
    else indices.add(index);
  };
  const identityOf = (keyY: bigint, owner: bigint, tokenId: number): string => `${keyY}:${owner}:${tokenId}`;
  return {
    addCertain(index, account) {
      addPending(index, account);
      const identity = identityOf(account.keyY, account.owner, account.tokenId);
      const known = byIdentity.get(identity);
      if (known === undefined || index < known) byIdentity.set(identity, index);
    },
    addPending,
    find: (keyY, owner, tokenId) => byIdentity.get(identityOf(keyY, owner, tokenId)),
    ofOwner: (owner) => [...(byOwner.get(owner) ?? [])].sort((one, other) => one - other),
  };
}
