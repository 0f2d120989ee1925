/**
 * The 124 bits of a record and the data of a chunk on L1.
 * Source: docs/protocol.md, Records and Chunk.
 */

import { RollupError } from '../errors/index.ts';
import { requireBits } from '../integers.ts';
import {
  AMOUNT_BITS,
  BLOCK_BYTES,
  FEE_BITS,
  INDEX_BITS,
  KIND_BITS,
  RECORD_BITS,
  RECORDS_PER_BLOCK,
  WORDS_PER_RECORD,
} from '../params.ts';
import type { RecordFields, RecordWords } from '../types.ts';
import { isVisibleKind } from './kinds.ts';

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

/** How many words a record of this kind has: three for kinds 2 to 5 and 7, none otherwise. */
export function wordCountOf(kind: number): number {
  return isVisibleKind(kind) ? WORDS_PER_RECORD : 0;
}

/** A record without its words, as blocks and blobs carry it. */
export interface RecordBits {
  readonly fields: RecordFields;
}

/** A record with its words. */
export interface RecordData extends RecordBits {
  readonly words: RecordWords;
}

function requireEvenSlots(slotCount: number): void {
  if (!Number.isSafeInteger(slotCount) || slotCount < 2 || slotCount % RECORDS_PER_BLOCK !== 0) {
    throw new RollupError('CHUNK_SIZE', `a chunk has an even number of slots, got ${slotCount}`, { actual: slotCount });
  }
}

/** Writes `value` into `byteCount` bytes from `offset` on. */
export function writeBigEndian(target: Uint8Array, offset: number, value: bigint, byteCount: number): void {
  for (let position = byteCount - 1, rest = value; position >= 0; position -= 1, rest >>= 8n) {
    target[offset + position] = Number(rest & 0xffn);
  }
}

/** The number in `byteCount` bytes from `offset` on. */
export function readBigEndian(source: Uint8Array, offset: number, byteCount: number): bigint {
  let value = 0n;
  for (let position = 0; position < byteCount; position += 1)
    value = (value << 8n) | BigInt(source[offset + position]!);
  return value;
}

/**
 * The blocks of a chunk: a_j = record_2j·2^124 + record_(2j+1), 248 bits.
 *
 * @throws RollupError CHUNK_SIZE for an odd number of slots, OUT_OF_RANGE when a field is wider than its place.
 */
export function blocksOf(records: readonly RecordBits[]): bigint[] {
  requireEvenSlots(records.length);
  return Array.from({ length: records.length / RECORDS_PER_BLOCK }, (_, block) => {
    const high = encodeRecord(records[2 * block]!.fields);
    return (high << BigInt(RECORD_BITS)) | encodeRecord(records[2 * block + 1]!.fields);
  });
}

/** The two records of a block of 248 bits. @throws RollupError OUT_OF_RANGE when it is wider. */
export function recordsOfBlock(block: bigint): [RecordFields, RecordFields] {
  return [decodeRecord(block >> BigInt(RECORD_BITS)), decodeRecord(block & mask(RECORD_BITS))];
}

/**
 * Chunk data in calldata: M/2 blocks of 31 bytes. The words stand in the visible list.
 *
 * @throws RollupError as `blocksOf`.
 */
export function encodeChunkData(records: readonly RecordBits[]): Uint8Array {
  const blocks = blocksOf(records);
  const data = new Uint8Array(blocks.length * BLOCK_BYTES);
  for (const [position, block] of blocks.entries()) writeBigEndian(data, position * BLOCK_BYTES, block, BLOCK_BYTES);
  return data;
}

/** The records of chunk data with `slotCount` slots. @throws RollupError CHUNK_SIZE, or WRONG_LENGTH for another length. */
export function decodeChunkData(data: Uint8Array, slotCount: number): RecordFields[] {
  requireEvenSlots(slotCount);
  const expected = (slotCount / RECORDS_PER_BLOCK) * BLOCK_BYTES;
  if (data.length !== expected) {
    throw new RollupError(
      'WRONG_LENGTH',
      `chunk data of ${slotCount} slots has ${data.length} bytes, expected ${expected}`,
      { name: 'chunk data', expected, actual: data.length },
    );
  }
  return Array.from({ length: expected / BLOCK_BYTES }, (_, block) =>
    recordsOfBlock(readBigEndian(data, block * BLOCK_BYTES, BLOCK_BYTES)),
  ).flat();
}
