/**
 * The 124 bits of a record and the data of a chunk on L1.
 * Source: docs/protocol.md, Records and Chunk.
 */

import { RollupError } from '../errors/index.ts';
import { requireBits, requireFieldElement } from '../integers.ts';
import {
  AMOUNT_BITS,
  BLOCK_BYTES,
  FEE_BITS,
  INDEX_BITS,
  KIND_BITS,
  RECORD_BITS,
  RECORDS_PER_BLOCK,
  WORD_BYTES,
  WORDS_PER_RECORD,
} from '../params.ts';
import { type RecordFields, RecordKind, type RecordWords } from '../types.ts';

const AMOUNT_SHIFT = BigInt(FEE_BITS);
const TO_SHIFT = AMOUNT_SHIFT + BigInt(AMOUNT_BITS);
const FROM_SHIFT = TO_SHIFT + BigInt(INDEX_BITS);
const KIND_SHIFT = FROM_SHIFT + BigInt(INDEX_BITS);

const mask = (bits: number) => (1n << BigInt(bits)) - 1n;

/**
 * The 124-bit number of a record. @throws RollupError OUT_OF_RANGE when a field is wider than its place.
 * Twin: circuits/lib/record.circom Record.
 */
export function encodeRecord(fields: RecordFields): bigint {
  return (
    (BigInt(requireBits('kind', fields.kind, KIND_BITS)) << KIND_SHIFT) |
    (BigInt(requireBits('from', fields.from, INDEX_BITS)) << FROM_SHIFT) |
    (BigInt(requireBits('to', fields.to, INDEX_BITS)) << TO_SHIFT) |
    (requireBits('amountFloat', fields.amountFloat, AMOUNT_BITS) << AMOUNT_SHIFT) |
    BigInt(requireBits('feeFloat', fields.feeFloat, FEE_BITS))
  );
}

/**
 * The fields of a 124-bit number. @throws RollupError OUT_OF_RANGE when it is wider.
 * Twin: contracts/step/StepShape.sol decode.
 */
export function decodeRecord(record: bigint): RecordFields {
  requireBits('record', record, RECORD_BITS);
  return {
    kind: Number(record >> KIND_SHIFT),
    from: Number((record >> FROM_SHIFT) & mask(INDEX_BITS)),
    to: Number((record >> TO_SHIFT) & mask(INDEX_BITS)),
    amountFloat: (record >> AMOUNT_SHIFT) & mask(AMOUNT_BITS),
    feeFloat: Number(record & mask(FEE_BITS)),
  };
}

/** How many words a record of this kind has: three for kinds 2 to 5, none otherwise. */
export function wordCountOf(kind: number): number {
  return kind >= RecordKind.transferToNew && kind <= RecordKind.forcedExit ? WORDS_PER_RECORD : 0;
}

/** A record with its words, as chunk data carries it. */
export interface RecordData {
  readonly fields: RecordFields;
  readonly words: RecordWords;
}

function requireEvenSlots(slotCount: number): void {
  if (!Number.isSafeInteger(slotCount) || slotCount < 2 || slotCount % RECORDS_PER_BLOCK !== 0) {
    throw new RollupError('CHUNK_SIZE', `a chunk has an even number of slots, got ${slotCount}`, { actual: slotCount });
  }
}

function writeBigEndian(target: Uint8Array, offset: number, value: bigint, byteCount: number): void {
  for (let position = byteCount - 1, rest = value; position >= 0; position -= 1, rest >>= 8n) {
    target[offset + position] = Number(rest & 0xffn);
  }
}

function readBigEndian(source: Uint8Array, offset: number, byteCount: number): bigint {
  let value = 0n;
  for (let position = 0; position < byteCount; position += 1)
    value = (value << 8n) | BigInt(source[offset + position]!);
  return value;
}

/**
 * Chunk data: M/2 blocks of 31 bytes, then the words of all slots in order.
 *
 * @throws RollupError CHUNK_SIZE for an odd number of slots, WORD_COUNT or OUT_OF_RANGE for bad words.
 */
export function encodeChunkData(records: readonly RecordData[]): Uint8Array {
  requireEvenSlots(records.length);
  const words = records.flatMap(({ fields, words }, slot) => {
    if (words.length !== wordCountOf(fields.kind)) {
      throw new RollupError('WORD_COUNT', `slot ${slot} of kind ${fields.kind} has ${words.length} words`, {
        expected: wordCountOf(fields.kind),
        actual: words.length,
      });
    }
    return words.map((word, position) => requireFieldElement(`word ${position} of slot ${slot}`, word));
  });
  const blockCount = records.length / RECORDS_PER_BLOCK;
  const data = new Uint8Array(blockCount * BLOCK_BYTES + words.length * WORD_BYTES);
  for (let block = 0; block < blockCount; block += 1) {
    const high = encodeRecord(records[2 * block]!.fields);
    const low = encodeRecord(records[2 * block + 1]!.fields);
    writeBigEndian(data, block * BLOCK_BYTES, (high << BigInt(RECORD_BITS)) | low, BLOCK_BYTES);
  }
  words.forEach((word, position) => {
    writeBigEndian(data, blockCount * BLOCK_BYTES + position * WORD_BYTES, word, WORD_BYTES);
  });
  return data;
}

/**
 * The records of chunk data with `slotCount` slots.
 *
 * @throws RollupError WRONG_LENGTH when the length does not match exactly, OUT_OF_RANGE for a word ≥ r.
 */
export function decodeChunkData(data: Uint8Array, slotCount: number): RecordData[] {
  requireEvenSlots(slotCount);
  const blockCount = slotCount / RECORDS_PER_BLOCK;
  let offset = blockCount * BLOCK_BYTES;
  const requireLength = (expected: number, exact: boolean) => {
    if (exact ? data.length !== expected : data.length < expected) {
      throw new RollupError(
        'WRONG_LENGTH',
        `chunk data of ${slotCount} slots has ${data.length} bytes, expected ${expected}`,
        { name: 'chunk data', expected, actual: data.length },
      );
    }
  };
  requireLength(offset, false);
  const fields: RecordFields[] = [];
  for (let block = 0; block < blockCount; block += 1) {
    const value = readBigEndian(data, block * BLOCK_BYTES, BLOCK_BYTES);
    fields.push(decodeRecord(value >> BigInt(RECORD_BITS)), decodeRecord(value & mask(RECORD_BITS)));
  }
  const records = fields.map((recordFields, slot) => {
    const wordCount = wordCountOf(recordFields.kind);
    requireLength(offset + wordCount * WORD_BYTES, false);
    const words = Array.from({ length: wordCount }, (_, position) =>
      requireFieldElement(
        `word ${position} of slot ${slot}`,
        readBigEndian(data, offset + position * WORD_BYTES, WORD_BYTES),
      ),
    );
    offset += wordCount * WORD_BYTES;
    return { fields: recordFields, words };
  });
  requireLength(offset, true);
  return records;
}
