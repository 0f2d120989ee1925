/** Ids, signatures and keys of many transfers, on bytes: in lanes and on other threads where possible, else one by one. */

import { setImmediate as turn } from 'node:timers/promises';
import {
  type Crypto,
  isUsableKeyY,
  MESSAGE_BYTES,
  OPERATION_PLACES,
  REFERENCE_INPUTS,
  readWord,
  referenceInputs,
  viewOf,
  WORD_BYTES,
  writeWord,
} from '@quittance/protocol';
import type { BulkCrypto, SequencerCrypto } from '../types.ts';
import type { Admission, Candidate } from './admission.ts';

/** A.x, A.y, R8.x, R8.y, S and the message, 32 little-endian bytes each. */
const SIGNATURE_ITEM_BYTES = 6 * WORD_BYTES;
const KEY_Y = WORD_BYTES;
const R8_AND_S = 2 * WORD_BYTES;
const MESSAGE = 5 * WORD_BYTES;
const MESSAGE_INPUTS = MESSAGE_BYTES / WORD_BYTES;

/** A plain check takes about 2 ms; other work gets its turn after this many. */
const CHECKS_PER_TURN = 4;

/** A candidate and its transaction id. */
export interface Identified {
  readonly candidate: Candidate;
  readonly id: bigint;
}

/** Where nothing is quicker with many at once. */
function createPlainBulk({ hasher, verifier }: Crypto): BulkCrypto {
  const hashGroups = (inputs: Uint8Array, length: number): Uint8Array => {
    const view = viewOf(inputs);
    const hashes = new Uint8Array(inputs.length / length);
    for (let at = 0; at < hashes.length; at += WORD_BYTES) {
      const group = Array.from({ length }, (_, position) => readWord(view, at * length + position * WORD_BYTES));
      writeWord(viewOf(hashes), at, hasher.hash(group));
    }
    return hashes;
  };
  return {
    hashFours: (inputs) => hashGroups(inputs, MESSAGE_INPUTS),
    hashFives: (inputs) => hashGroups(inputs, REFERENCE_INPUTS),
    async verifySignatures(items) {
      const view = viewOf(items);
      const verdicts = new Uint8Array(items.length / SIGNATURE_ITEM_BYTES);
      for (const position of verdicts.keys()) {
        if (position > 0 && position % CHECKS_PER_TURN === 0) await turn();
        const [x, y, r8x, r8y, s, message] = Array.from({ length: 6 }, (_, word) =>
          readWord(view, position * SIGNATURE_ITEM_BYTES + word * WORD_BYTES),
        ) as [bigint, bigint, bigint, bigint, bigint, bigint];
        const isGood = verifier.verify({ key: { x, y }, signature: { r8: { x: r8x, y: r8y }, s }, message });
        verdicts[position] = isGood ? 1 : 0;
      }
      return verdicts;
    },
    async usableKeys(keys) {
      const view = viewOf(keys);
      const verdicts = new Uint8Array(keys.length / WORD_BYTES);
      for (const position of verdicts.keys()) {
        if (position > 0 && position % CHECKS_PER_TURN === 0) await turn();
        verdicts[position] = isUsableKeyY(readWord(view, position * WORD_BYTES)) ? 1 : 0;
      }
      return verdicts;
    },
  };
}

/** What there is for many at once. */
export function bulkOf(crypto: SequencerCrypto): BulkCrypto {
  return crypto.bulk ?? createPlainBulk(crypto);
}

/** The ids of candidates, in order, 32 little-endian bytes each. */
export function identify(bulk: BulkCrypto, admission: Admission, candidates: readonly Candidate[]): Uint8Array {
  const messages = new Uint8Array(candidates.length * MESSAGE_BYTES);
  const view = viewOf(messages);
  for (const [position, candidate] of candidates.entries()) {
    admission.writeMessage(view, position * MESSAGE_BYTES, candidate);
  }
  return bulk.hashFours(messages);
}

/** The signatures of payment references, as `BulkCrypto.verifySignatures` takes them, and whose they are. */
export function referenceItems(
  bulk: BulkCrypto,
  checked: readonly Identified[],
): { readonly items: Uint8Array; readonly of: readonly Identified[] } {
  const of = checked.filter(({ candidate }) => candidate.reference !== undefined);
  const inputs = new Uint8Array(of.length * REFERENCE_INPUTS * WORD_BYTES);
  const words = of.flatMap(({ candidate, id }) => referenceInputs(id, candidate.reference!.bytes));
  for (const [position, word] of words.entries()) writeWord(viewOf(inputs), position * WORD_BYTES, word);
  const messages = bulk.hashFives(inputs);
  const items = new Uint8Array(of.length * SIGNATURE_ITEM_BYTES);
  const view = viewOf(items);
  for (const [position, { candidate }] of of.entries()) {
    const at = position * SIGNATURE_ITEM_BYTES;
    const { packed, sender } = candidate;
    const { r8, s } = candidate.reference!;
    const { authorization } = OPERATION_PLACES;
    items.set(packed.subarray(authorization, authorization + WORD_BYTES), at);
    for (const [word, value] of [sender.keyY, r8.x, r8.y, s].entries()) {
      writeWord(view, at + KEY_Y + word * WORD_BYTES, value);
    }
    items.set(messages.subarray(position * WORD_BYTES, (position + 1) * WORD_BYTES), at + MESSAGE);
  }
  return { items, of };
}

/** The signatures of candidates with their ids, as `BulkCrypto.verifySignatures` takes them. */
export function signatureItems(checked: readonly Identified[]): Uint8Array {
  const items = new Uint8Array(checked.length * SIGNATURE_ITEM_BYTES);
  const view = viewOf(items);
  for (const [position, { candidate, id }] of checked.entries()) {
    const at = position * SIGNATURE_ITEM_BYTES;
    const { packed, sender } = candidate;
    const { authorization } = OPERATION_PLACES;
    items.set(packed.subarray(authorization, authorization + WORD_BYTES), at);
    writeWord(view, at + KEY_Y, sender.keyY);
    items.set(packed.subarray(authorization + WORD_BYTES), at + R8_AND_S);
    writeWord(view, at + MESSAGE, id);
  }
  return items;
}
