/**
 * The data of an asserted batch in blobs: three elements a record, 31 bytes each.
 *
 * | bytes | content |
 * | --- | --- |
 * | 16 | record, its upper 4 bits 0 |
 * | 69 | authorization |
 * | 8 | 0 |
 *
 * Nobody proves anything about such a blob, so reading is total: whatever stands there is a record. Source: docs/protocol.md,
 * Data.
 */

import { RollupError } from '../errors/index.ts';
import {
  AUTHORIZATION_BYTES,
  BLOB_ELEMENT_BYTES,
  BLOB_ELEMENTS,
  ELEMENTS_PER_RECORD,
  MAX_BLOBS,
  RECORD_BITS,
  RECORD_BYTES,
  RECORDS_PER_BLOB,
} from '../params.ts';
import { decodeRecord, encodeRecord, type RecordBits, readBigEndian, writeBigEndian } from '../records/codec.ts';
import { isSignedKind } from '../records/kinds.ts';
import { decodeBlob, encodeBlob } from './elements.ts';

/** A record with its signature as an asserted batch carries it. */
export interface AuthorizedRecord extends RecordBits {
  /** 69 bytes, or none: another kind, or nobody signed. */
  readonly authorization: Uint8Array;
}

/** Stands for what is no record: kind 15, which no rule allows. */
const UNREADABLE = 15n << BigInt(RECORD_BITS - 4);

const ELEMENT_BITS = BigInt(8 * BLOB_ELEMENT_BYTES);

const NO_AUTHORIZATION = new Uint8Array();

/**
 * Blobs of a batch of K chunks of M slots: ⌈K·M/1365⌉. @throws RollupError CHUNK_SIZE unless they are 1 to 6.
 * Twin: contracts/libraries/BatchBlobs.sol evaluationBlobs.
 */
export function evaluationBlobCount(chunkCount: number, slotsPerChunk: number): number {
  const count = Math.ceil((chunkCount * slotsPerChunk) / RECORDS_PER_BLOB);
  const isShape = [chunkCount, slotsPerChunk].every((size) => Number.isSafeInteger(size) && size > 0);
  if (!isShape || count > MAX_BLOBS) {
    throw new RollupError('CHUNK_SIZE', `${chunkCount} chunks of ${slotsPerChunk} slots need ${count} blobs`, {
      expected: `1 to ${MAX_BLOBS} blobs`,
      actual: count,
    });
  }
  return count;
}

/** Where the three elements of a slot are. */
export interface ElementPlace {
  readonly blob: number;
  /** Of the first of the three. */
  readonly element: number;
}

/** The place of slot `slot` of the batch, counted through all its chunks: k·M + s. */
export function elementPlace(slot: number): ElementPlace {
  return {
    blob: Math.floor(slot / RECORDS_PER_BLOB),
    element: ELEMENTS_PER_RECORD * (slot % RECORDS_PER_BLOB),
  };
}

function elementsOf({ fields, authorization }: AuthorizedRecord): bigint[] {
  const needed = isSignedKind(fields.kind) ? AUTHORIZATION_BYTES : 0;
  if (authorization.length !== needed) {
    throw new RollupError('WRONG_LENGTH', `kind ${fields.kind} has ${needed} bytes of authorization`, {
      name: 'authorization',
      expected: needed,
      actual: authorization.length,
    });
  }
  const bytes = new Uint8Array(ELEMENTS_PER_RECORD * BLOB_ELEMENT_BYTES);
  writeBigEndian(bytes, 0, encodeRecord(fields), RECORD_BYTES);
  bytes.set(authorization, RECORD_BYTES);
  return Array.from({ length: ELEMENTS_PER_RECORD }, (_, position) =>
    readBigEndian(bytes, position * BLOB_ELEMENT_BYTES, BLOB_ELEMENT_BYTES),
  );
}

/**
 * The blobs of a batch.
 *
 * @param records of all chunks, slot after slot; each of a signed kind with its 69 bytes, each other without.
 * @throws RollupError CHUNK_SIZE when they do not fit 6 blobs, WRONG_LENGTH or OUT_OF_RANGE for what has no encoding.
 */
export function encodeEvaluationBlobs(records: readonly AuthorizedRecord[]): Uint8Array[] {
  return Array.from({ length: evaluationBlobCount(1, records.length) }, (_, blob) => {
    const elements = records.slice(blob * RECORDS_PER_BLOB, (blob + 1) * RECORDS_PER_BLOB).flatMap(elementsOf);
    return encodeBlob([...elements, ...Array<bigint>(BLOB_ELEMENTS - elements.length).fill(0n)]);
  });
}

/** Whether all 31 bytes of an element are those of the batch: it is below 2^248. */
const isCanonical = (element: bigint) => element >> ELEMENT_BITS === 0n;

/** The 124 bits that the first element of a slot means; kind 15 when it means none. */
function recordOf(first: bigint): bigint {
  const record = first >> (ELEMENT_BITS - BigInt(8 * RECORD_BYTES));
  return isCanonical(first) && record >> BigInt(RECORD_BITS) === 0n ? record : UNREADABLE;
}

/**
 * What the three elements of a slot mean. Total.
 * Twin: contracts/libraries/StepRecords.sol fromOpenings.
 */
export function recordOfElements(elements: readonly bigint[]): AuthorizedRecord {
  const fields = decodeRecord(recordOf(elements[0]!));
  if (!isSignedKind(fields.kind) || !elements.every(isCanonical)) return { fields, authorization: NO_AUTHORIZATION };
  const bytes = new Uint8Array(ELEMENTS_PER_RECORD * BLOB_ELEMENT_BYTES);
  for (const [position, element] of elements.entries()) {
    writeBigEndian(bytes, position * BLOB_ELEMENT_BYTES, element, BLOB_ELEMENT_BYTES);
  }
  return { fields, authorization: bytes.slice(RECORD_BYTES, RECORD_BYTES + AUTHORIZATION_BYTES) };
}

/** How many of a slot's elements its outcome depends on, and a step proof opens: the first, or all three of a signed record. */
export function openedElementCount({ fields }: RecordBits): number {
  return isSignedKind(fields.kind) ? ELEMENTS_PER_RECORD : 1;
}

/**
 * The records of a batch by chunk and slot, with what stands for their signatures.
 *
 * @throws RollupError WRONG_LENGTH for another number of blobs or bytes that are none, BLOB_ELEMENT_RANGE likewise, CHUNK_SIZE
 * when no batch has this shape. A blob that L1 took never throws.
 */
export function decodeEvaluationBlobs(
  blobs: readonly Uint8Array[],
  chunkCount: number,
  slotsPerChunk: number,
): AuthorizedRecord[][] {
  const expected = evaluationBlobCount(chunkCount, slotsPerChunk);
  if (blobs.length !== expected) {
    throw new RollupError('WRONG_LENGTH', `the batch has ${expected} blobs, got ${blobs.length}`, {
      name: 'blobs',
      expected,
      actual: blobs.length,
    });
  }
  const elements = blobs.map(decodeBlob);
  return Array.from({ length: chunkCount }, (_, chunk) =>
    Array.from({ length: slotsPerChunk }, (_, slot) => {
      const { blob, element } = elementPlace(chunk * slotsPerChunk + slot);
      return recordOfElements(elements[blob]!.slice(element, element + ELEMENTS_PER_RECORD));
    }),
  );
}
