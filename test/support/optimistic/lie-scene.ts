/** Accounts that lies are told about, and the state that they stand in. */

import { type Account, RollupState, TREE_CAPACITY } from '@quittance/protocol';
import { createPerson } from '../rollup/person.ts';
import { portableCrypto } from '../rollup/world.ts';
import type { Holder } from './slot-scripts.ts';

const MAX_BALANCE = 2n ** 128n - 1n;
/** Token 0 is a fee token of lying chunks, the others are not. */
export const LIE_FEE_TOKENS: readonly bigint[] = [0n, 2n ** 32n, 2n ** 32n, 2n ** 32n];
/** A leaf that is empty. */
export const EMPTY_LEAF = 1_000;

const holder = (name: string, index: number): Holder => ({ ...createPerson(name), index });

/** Alice and Bob hold 1,000 of token 0; Carol another token; Rich's balance is full; Old has used all nonces. */
export const HOLDERS = {
  alice: holder('alice', 1),
  bob: holder('bob', 2),
  carol: holder('carol', 2 ** 18),
  rich: holder('rich', TREE_CAPACITY - 1),
  old: holder('old', 7),
};
const { alice, bob, carol, rich, old } = HOLDERS;
/** Has no account. */
export const newcomer = holder('newcomer', EMPTY_LEAF);

/** A holder's account: 1,000 of token 0 unless said otherwise. */
export const holderAccount = ({ keyPair, owner }: Holder, changes: Partial<Account> = {}): Account => ({
  keyY: keyPair.publicKey.y,
  owner,
  tokenId: 0,
  nonce: 5,
  balance: 1_000n,
  ...changes,
});

/** Their state. */
export function createLieState(): RollupState {
  return new RollupState(portableCrypto.hasher, [
    [alice.index, holderAccount(alice)],
    [bob.index, holderAccount(bob)],
    [carol.index, holderAccount(carol, { tokenId: 1 })],
    [rich.index, holderAccount(rich, { balance: MAX_BALANCE })],
    [old.index, holderAccount(old, { nonce: 2 ** 32 - 1 })],
  ]);
}
