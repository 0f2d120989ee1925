/**
 * The visible list of a chunk: the records that have words, which L1 reads whatever the data is in.
 *
 * | bytes | content, big-endian |
 * | --- | --- |
 * | 16 | record, its upper 4 bits 0 |
 * | 32 | w0 < r |
 * | 32 | w1 < r |
 * | 32 | w2 < r |
 *
 * Source: docs/protocol.md, Chunk.
 */

import { concatBytes, hexToBytes } from '@noble/hashes/utils.js';
import { RollupError } from '../errors/index.ts';
import { requireFieldElement } from '../integers.ts';
import { RECORD_BYTES, VISIBLE_ENTRY_BYTES, WORD_BYTES, WORDS_PER_RECORD } from '../params.ts';
import {
  decodeRecord,
  encodeRecord,
  type RecordBits,
  type RecordData,
  readBigEndian,
  wordCountOf,
  writeBigEndian,
} from '../records/codec.ts';
import { isVisibleKind } from '../records/kinds.ts';
import type { RecordFields } from '../types.ts';
import { type Bytes32, keccak } from './abi.ts';

/**
 * The 112 bytes of a visible record.
 *
 * @throws RollupError WORD_COUNT unless its kind has words and they are as many, OUT_OF_RANGE for a field or word too large.
 */
export function encodeEntry({ fields, words }: RecordData): Uint8Array {
  if (!isVisibleKind(fields.kind) || words.length !== WORDS_PER_RECORD) {
    throw new RollupError('WORD_COUNT', `a record of kind ${fields.kind} with ${words.length} words is no entry`, {
      expected: wordCountOf(fields.kind),
      actual: words.length,
    });
  }
  const entry = new Uint8Array(VISIBLE_ENTRY_BYTES);
  writeBigEndian(entry, 0, encodeRecord(fields), RECORD_BYTES);
  for (const [position, word] of words.entries()) {
    writeBigEndian(
      entry,
      RECORD_BYTES + position * WORD_BYTES,
      requireFieldElement(`word ${position}`, word),
      WORD_BYTES,
    );
  }
  return entry;
}

/**
 * The visible list of a chunk's records, in slot order.
 *
 * @throws RollupError WORD_COUNT when the words of a record are not those of its kind; OUT_OF_RANGE as `encodeEntry`.
 */
export function encodeVisible(records: readonly RecordData[]): Uint8Array {
  const stray = records.findIndex(({ fields, words }) => words.length !== wordCountOf(fields.kind));
  if (stray >= 0) {
    const { fields, words } = records[stray]!;
    throw new RollupError('WORD_COUNT', `slot ${stray} of kind ${fields.kind} has ${words.length} words`, {
      slot: stray,
      expected: wordCountOf(fields.kind),
      actual: words.length,
    });
  }
  return concatBytes(...records.filter(({ fields }) => isVisibleKind(fields.kind)).map(encodeEntry));
}

/** The entries of a visible list, 112 bytes each. @throws RollupError WRONG_LENGTH unless they are whole. */
export function entriesOf(visible: Uint8Array): Uint8Array[] {
  const count = Math.floor(visible.length / VISIBLE_ENTRY_BYTES);
  if (count * VISIBLE_ENTRY_BYTES !== visible.length) {
    throw new RollupError('WRONG_LENGTH', `a visible list of ${visible.length} bytes has no whole entries`, {
      name: 'visible',
      expected: `a multiple of ${VISIBLE_ENTRY_BYTES}`,
      actual: visible.length,
    });
  }
  return Array.from({ length: count }, (_, position) =>
    visible.slice(position * VISIBLE_ENTRY_BYTES, (position + 1) * VISIBLE_ENTRY_BYTES),
  );
}

/**
 * The records of a visible list.
 *
 * @throws RollupError WRONG_LENGTH for a list that is cut, OUT_OF_RANGE for a record of more than 124 bits or a word ≥ r,
 * RESERVED_KIND for a kind without words: L1 refuses all of these.
 */
export function decodeVisible(visible: Uint8Array): RecordData[] {
  return entriesOf(visible).map((entry, position) => {
    const fields = decodeRecord(readBigEndian(entry, 0, RECORD_BYTES));
    if (!isVisibleKind(fields.kind)) {
      throw new RollupError('RESERVED_KIND', `entry ${position} has kind ${fields.kind}, which has no words`, {
        expected: '2 to 5, 7',
        actual: fields.kind,
      });
    }
    const words = Array.from({ length: WORDS_PER_RECORD }, (_, word) =>
      requireFieldElement(
        `word ${word} of entry ${position}`,
        readBigEndian(entry, RECORD_BYTES + word * WORD_BYTES, WORD_BYTES),
      ),
    );
    return { fields, words };
  });
}

/** keccak of each entry, in order. @throws RollupError WRONG_LENGTH. */
export function entryHashes(visible: Uint8Array): Bytes32[] {
  return entriesOf(visible).map(keccak);
}

/**
 * keccak over the entry hashes; that of nothing for an empty list. @throws RollupError WRONG_LENGTH.
 * Twin: contracts/libraries/VisibleLists.sol read.
 */
export function visibleHash(visible: Uint8Array): Bytes32 {
  return keccak(concatBytes(...entryHashes(visible).map((hash) => hexToBytes(hash.slice(2)))));
}

/** How many of these records are visible. */
export function visibleCountOf(records: readonly RecordBits[]): number {
  return records.filter(({ fields }) => isVisibleKind(fields.kind)).length;
}

/**
 * The records of a chunk with their words. Total: a visible record has the words of entry number (visible records before it)
 * if that entry exists and its record is this one; otherwise none, which is WORD_COUNT where it is executed. That the list
 * has no entry beyond `visibleCountOf(records)` is for the caller to check.
 *
 * @param visible the list, as `decodeVisible` reads it.
 */
export function withWords(records: readonly RecordFields[], visible: readonly RecordData[]): RecordData[] {
  let count = 0;
  return records.map((fields) => {
    if (!isVisibleKind(fields.kind)) return { fields, words: [] };
    const entry = visible[count];
    count += 1;
    const isSame = entry !== undefined && encodeRecord(entry.fields) === encodeRecord(fields);
    return { fields, words: isSame ? entry.words : [] };
  });
}
