/**
 * Cryptography of the simulator: a hash and signatures that cost a microsecond, behind the interfaces of the real ones. Whoever
 * wants to can forge both; nobody in the simulator knows how, but those who are told to.
 */

import {
  type Authorization,
  createReferenceEngine,
  FIELD_MODULUS,
  type Hasher,
  type KeyPair,
  RollupError,
  readWord,
  type SignatureVerifier,
  SUBGROUP_ORDER,
  viewOf,
  WORD_BYTES,
  writeWord,
  xCoordinates,
} from '@quittance/protocol';
import type { SequencerCrypto } from '../../../sequencer/index.ts';
import type { BulkCrypto } from '../../../sequencer/types.ts';

/** Any number of 254 bits: the first digits of pi. */
const FIRST = 0x243f6a8885a308d313198a2e03707344a4093822299f31d0082efa98ec4e6c89n;

/** The middle of a number of 508 bits: each bit of the root changes it. To cut is half the work of a remainder. */
const middleOf = (square: bigint): bigint => BigInt.asUintN(253, square >> 120n);

const hash = (inputs: readonly bigint[]): bigint => {
  let state = FIRST + BigInt(inputs.length);
  for (const input of inputs) {
    if (input < 0n || input >= FIELD_MODULUS) {
      throw new RollupError('OUT_OF_RANGE', `${input} is no field element`, { actual: input, expected: '< r' });
    }
    const sum = state + input;
    state = middleOf(sum * sum);
  }
  return state;
};

/** Squares in place of Poseidon's rounds. */
export const simHasher: Hasher = { hash };

/** What signs `message` under the key (x, y). */
const sealOf = (x: bigint, y: bigint, message: bigint): bigint => hash([x, y, message]) % SUBGROUP_ORDER;

/** Points by their bytes: there are as many as there are wallets. */
const known = new Map<string, Uint8Array>();

function xOf(point: Uint8Array): Uint8Array {
  const name = Buffer.from(point).toString('hex');
  const x = known.get(name) ?? xCoordinates(point);
  known.set(name, x);
  return x;
}

/** A signature is a hash of key and message; R8 is the key itself, a point with an encoding. */
const simVerifier: SignatureVerifier = {
  async xCoordinates(points) {
    const xs = new Uint8Array(points.length);
    for (let at = 0; at < points.length; at += WORD_BYTES) xs.set(xOf(points.subarray(at, at + WORD_BYTES)), at);
    return xs;
  },
  verify: ({ key, signature: { r8, s }, message }) => r8.y === key.y && s === sealOf(key.x, key.y, message),
};

/** Signs as `simVerifier` verifies. */
export function simAuthorization({ publicKey }: KeyPair, message: bigint, validUntil: number): Authorization {
  const { x, y } = publicKey;
  return { validUntil, keyX: x, r8: { x, y }, s: sealOf(x, y, message) };
}

function hashGroups(inputs: Uint8Array, words: number): Uint8Array {
  const view = viewOf(inputs);
  const hashes = new Uint8Array(inputs.length / words);
  for (let at = 0; at < hashes.length; at += WORD_BYTES) {
    const group = Array.from({ length: words }, (_, word) => readWord(view, at * words + word * WORD_BYTES));
    writeWord(viewOf(hashes), at, hash(group));
  }
  return hashes;
}

/** A.x, A.y, R8.x, R8.y, S and the message. */
const ITEM_WORDS = 6;

const bulk: BulkCrypto = {
  hashFours: (inputs) => hashGroups(inputs, 4),
  hashFives: (inputs) => hashGroups(inputs, 5),
  async verifySignatures(items) {
    const view = viewOf(items);
    return Uint8Array.from({ length: items.length / (ITEM_WORDS * WORD_BYTES) }, (_, item) => {
      const word = (position: number) => readWord(view, (item * ITEM_WORDS + position) * WORD_BYTES);
      const [x, y, r8x, r8y, s, message] = [0, 1, 2, 3, 4, 5].map(word) as [
        bigint,
        bigint,
        bigint,
        bigint,
        bigint,
        bigint,
      ];
      return simVerifier.verify({ key: { x, y }, signature: { r8: { x: r8x, y: r8y }, s }, message }) ? 1 : 0;
    });
  },
  // All keys of the simulator were made of secrets.
  usableKeys: async (keys) => new Uint8Array(keys.length / WORD_BYTES).fill(1),
};

const rules = { hasher: simHasher, verifier: simVerifier };

/** All on one thread: a seed gives the same order of events each time. */
export const simCrypto: SequencerCrypto = { ...rules, engine: createReferenceEngine(rules), bulk };
