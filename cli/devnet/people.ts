/** The people of the devnet: keys, L1 addresses and tokens, the same in every run. */

import { createHash } from 'node:crypto';
import { createKeyPair, type KeyPair } from '@quittance/sdk';
import { HDNodeWallet, Mnemonic } from 'ethers';
import { LOCAL_MNEMONIC } from './anvil.ts';

const MNEMONIC = Mnemonic.fromPhrase(LOCAL_MNEMONIC);

/** Positions on the development mnemonic of who does what in `./dev start`: all have ETH from the start. */
export const DEPLOYER_POSITION = 0;
export const PRODUCER_POSITION = 1;
export const FUNDER_POSITION = 2;
/** A second producer, who lies. */
export const ADVERSARY_POSITION = 3;
/** Whoever watches. */
export const WATCHER_POSITION = 4;
const FIRST_PERSON_POSITION = 10;

/**
 * Who does what in `quittance devnet`, where the first ten accounts are its user's: an account that two processes send from
 * loses its nonces. The deployer sends nothing once everything stands.
 */
export const DEVNET_POSITIONS = {
  producer: 10,
  funder: 11,
  adversary: 12,
  watcher: 13,
  challenger: 14,
  payer: 15,
  payee: 16,
} as const;

/** L1 key at a position of the development mnemonic. */
export function l1Wallet(position: number): HDNodeWallet {
  return HDNodeWallet.fromMnemonic(MNEMONIC, `m/44'/60'/0'/0/${position}`);
}

/** Someone with a rollup key and an L1 address. */
export interface Person {
  readonly number: number;
  readonly keyPair: KeyPair;
  /** Position of their L1 key on the mnemonic. */
  readonly l1Position: number;
  readonly owner: string;
}

/** Person `number`, from 0. */
export function createPerson(number: number): Person {
  const l1Position = FIRST_PERSON_POSITION + number;
  const secret = createHash('sha256').update(`quittance devnet wallet ${number}`).digest();
  return { number, keyPair: createKeyPair(Uint8Array.from(secret)), l1Position, owner: l1Wallet(l1Position).address };
}

/** The operator, who collects fees. */
export function createOperator(): Person {
  const secret = createHash('sha256').update('quittance devnet operator').digest();
  return {
    number: -1,
    keyPair: createKeyPair(Uint8Array.from(secret)),
    l1Position: PRODUCER_POSITION,
    owner: l1Wallet(PRODUCER_POSITION).address,
  };
}
