/** Someone with a rollup key and an L1 address, the same for the same name. */

import { createHash } from 'node:crypto';
import { createKeyPair, type KeyPair } from '@quittance/protocol';

export interface Person {
  readonly name: string;
  readonly keyPair: KeyPair;
  readonly owner: bigint;
}

export function createPerson(name: string): Person {
  const digest = (purpose: string): Buffer => createHash('sha256').update(`${purpose}:${name}`).digest();
  return {
    name,
    keyPair: createKeyPair(digest('key')),
    owner: BigInt(`0x${digest('owner').subarray(0, 20).toString('hex')}`),
  };
}
