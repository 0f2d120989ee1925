/** The people of `./dev bench accept`: keys and L1 addresses by number, the same in every run. */

import { createHash } from 'node:crypto';
import { createKeyPair, type KeyPair } from '@quittance/protocol';

/** Somebody with a rollup key. */
export interface Wallet {
  readonly keyPair: KeyPair;
  /** L1 address; nobody has its key. */
  readonly owner: bigint;
}

/** A wallet with an account. */
export interface FundedWallet extends Wallet {
  readonly index: number;
  nonce: number;
}

/** A wallet of a name: its secret is a hash of it. Worthless anywhere but on a chain that a bench started. */
export function createWallet(name: string): Wallet {
  const digest = createHash('sha256').update(`quittance bench ${name}`).digest();
  const owner = BigInt(`0x${createHash('sha256').update(digest).digest('hex').slice(0, 40)}`);
  return { keyPair: createKeyPair(Uint8Array.from(digest)), owner };
}
