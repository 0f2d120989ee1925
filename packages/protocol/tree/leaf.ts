/** The hash of an account. Source: docs/protocol.md, State. */

import { type Hasher, hashMany } from '../hash.ts';
import { requireBits, requireFieldElement } from '../integers.ts';
import { BALANCE_BITS, NONCE_BITS, OWNER_BITS, TOKEN_ID_BITS } from '../params.ts';
import type { Account } from '../types.ts';

/** Checks all widths of an account. @throws RollupError OUT_OF_RANGE naming the field. */
export function requireAccount(account: Account): Account {
  requireFieldElement('keyY', account.keyY);
  requireBits('owner', account.owner, OWNER_BITS);
  requireBits('tokenId', account.tokenId, TOKEN_ID_BITS);
  requireBits('nonce', account.nonce, NONCE_BITS);
  requireBits('balance', account.balance, BALANCE_BITS);
  return account;
}

/**
 * Leaf hash: Poseidon(keyY, owner, tokenId + 2^32·nonce, balance); 0 for an empty leaf.
 * Twin: circuits/lib/leaf.circom LeafNode.
 * Twin: contracts/step/StepTree.sol leafHash.
 * Twin: contracts/libraries/StateProofs.sol _hashOf.
 */
export function hashLeaf(hasher: Hasher, account: Account | undefined): bigint {
  return account === undefined ? 0n : hasher.hash(leafInputs(account));
}

/** `hashLeaf` of each account. @throws RollupError OUT_OF_RANGE naming the field of an account. */
export function hashLeaves(hasher: Hasher, accounts: readonly (Account | undefined)[]): bigint[] {
  const present = accounts.filter((account) => account !== undefined);
  const hashes = hashMany(hasher, present, leafInputs).values();
  return accounts.map((account) => (account === undefined ? 0n : hashes.next().value!));
}

function leafInputs(account: Account): bigint[] {
  const { keyY, owner, tokenId, nonce, balance } = requireAccount(account);
  return [keyY, owner, BigInt(tokenId) + (BigInt(nonce) << BigInt(TOKEN_ID_BITS)), balance];
}

/**
 * owner + 2^160·tokenId: how records, the priority queue and withdrawals name an account's owner and token.
 * Twin: native/core/src/engine/account.rs owner_and_token.
 */
export function packOwnerAndToken(owner: bigint, tokenId: number): bigint {
  return owner + (BigInt(tokenId) << BigInt(OWNER_BITS));
}

/**
 * Inverse of `packOwnerAndToken`. @throws RollupError OUT_OF_RANGE beyond 192 bits.
 * Twin: native/core/src/engine/account.rs unpack_owner_and_token.
 */
export function unpackOwnerAndToken(packed: bigint): { owner: bigint; tokenId: number } {
  requireBits('ownerAndToken', packed, OWNER_BITS + TOKEN_ID_BITS);
  return { owner: packed & ((1n << BigInt(OWNER_BITS)) - 1n), tokenId: Number(packed >> BigInt(OWNER_BITS)) };
}
