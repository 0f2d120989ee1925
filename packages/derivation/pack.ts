/**
 * The records of a batch on L1 as an engine takes them, straight from the bytes of blocks, blobs and visible lists. Total, and
 * only for batches in order: anything odd gives undefined, and the readers of `@quittance/protocol` say what it is.
 */

import type { WithBlobs } from '@quittance/chain';
import {
  type BatchContent,
  BLOB_BYTES,
  BLOCK_BYTES,
  decodeCoefficientBlob,
  elementPlace,
  encodeChunkData,
  evaluationBlobCount,
  isVisibleKind,
  OPERATION_BYTES,
  RECORD_BYTES,
  RECORDS_PER_BLOCK,
  VISIBLE_ENTRY_BYTES,
  WORD_BYTES,
  WORDS_PER_RECORD,
} from '@quittance/protocol';

/** Where the words of a packed operation begin. */
const WORDS_OFFSET = 32;
/** The last byte of a record has its kind in the lower four bits, and nothing above. */
const KIND_BYTE = RECORD_BYTES - 1;

/** Kind of the packed operation at `offset`. */
export function kindAt(operations: Uint8Array, offset: number): number {
  return operations[offset + KIND_BYTE]!;
}

/** Writes `byteCount` bytes in reverse: big-endian to little-endian. */
export function reverseInto(
  target: Uint8Array,
  offset: number,
  source: Uint8Array,
  start: number,
  byteCount: number,
): void {
  for (let position = 0; position < byteCount; position += 1) {
    target[offset + position] = source[start + byteCount - 1 - position]!;
  }
}

/** The two records of each block of 31 bytes: the upper 124 bits, then the lower. */
function packBlocks(data: Uint8Array): Uint8Array {
  const operations = new Uint8Array((data.length / BLOCK_BYTES) * RECORDS_PER_BLOCK * OPERATION_BYTES);
  for (let start = 0, offset = 0; start < data.length; start += BLOCK_BYTES, offset += 2 * OPERATION_BYTES) {
    // Byte 15 is shared: its upper half ends the first record, its lower half begins the second.
    for (let byte = 0; byte < RECORD_BYTES; byte += 1) {
      const high = byte === KIND_BYTE ? 0 : data[start + KIND_BYTE - 1 - byte]! & 0x0f;
      operations[offset + byte] = (high << 4) | (data[start + KIND_BYTE - byte]! >> 4);
    }
    reverseInto(operations, offset + OPERATION_BYTES, data, start + KIND_BYTE, RECORD_BYTES);
    operations[offset + OPERATION_BYTES + KIND_BYTE]! &= 0x0f;
  }
  return operations;
}

/** Records of chunk `chunk` in blobs of evaluations; undefined when one of them is no record of 124 bits. */
function packElements(blobs: readonly Uint8Array[], chunk: number, slotsPerChunk: number): Uint8Array | undefined {
  const operations = new Uint8Array(slotsPerChunk * OPERATION_BYTES);
  for (let slot = 0; slot < slotsPerChunk; slot += 1) {
    const { blob, element } = elementPlace(chunk * slotsPerChunk + slot);
    const [bytes, start] = [blobs[blob]!, element * WORD_BYTES];
    // An element has 31 bytes of the batch below a byte of 0; the first four bits of a record are 0, too.
    if (bytes[start] !== 0 || bytes[start + 1]! >> 4 !== 0) return undefined;
    reverseInto(operations, slot * OPERATION_BYTES, bytes, start + 1, RECORD_BYTES);
  }
  return operations;
}

/**
 * Gives each visible record the words of its entry. @returns whether list and records agree to the last one.
 */
function addWords(operations: Uint8Array, visible: Uint8Array): boolean {
  let start = 0;
  for (let offset = 0; offset < operations.length; offset += OPERATION_BYTES) {
    if (!isVisibleKind(kindAt(operations, offset))) continue;
    if (start + VISIBLE_ENTRY_BYTES > visible.length) return false;
    for (let byte = 0; byte < RECORD_BYTES; byte += 1) {
      if (operations[offset + byte] !== visible[start + KIND_BYTE - byte]) return false;
    }
    for (let word = 0; word < WORDS_PER_RECORD; word += 1) {
      const from = start + RECORD_BYTES + word * WORD_BYTES;
      reverseInto(operations, offset + WORDS_OFFSET + word * WORD_BYTES, visible, from, WORD_BYTES);
    }
    start += VISIBLE_ENTRY_BYTES;
  }
  return start === visible.length;
}

/** Operations of each chunk without words, by the form of the batch. */
function packRecords(batch: WithBlobs<BatchContent>, slotsPerChunk: number): (Uint8Array | undefined)[] {
  const { form, chunks, blobs, visible } = batch;
  const blockBytes = (slotsPerChunk / RECORDS_PER_BLOCK) * BLOCK_BYTES;
  if (form === 'calldata') return chunks.map((data) => (data.length === blockBytes ? packBlocks(data) : undefined));
  if (form === 'coefficients') {
    const decoded = decodeCoefficientBlob(blobs[0]!, visible.length, slotsPerChunk);
    return decoded.map((records) => packBlocks(encodeChunkData(records.map((fields) => ({ fields })))));
  }
  return visible.map((_, chunk) => packElements(blobs, chunk, slotsPerChunk));
}

/** Whether there are as many blobs as the form has, each whole. */
function hasBlobs({ form, blobs, visible }: WithBlobs<BatchContent>, slotsPerChunk: number): boolean {
  const counts = { calldata: () => 0, coefficients: () => 1, evaluations: evaluationBlobCount };
  return (
    blobs.length === counts[form](visible.length, slotsPerChunk) && blobs.every(({ length }) => length === BLOB_BYTES)
  );
}

/**
 * OPERATION_BYTES a slot for each chunk, without authorizations; undefined for a batch that is not in order.
 *
 * @throws RollupError CHUNK_SIZE when no blobs have the shape of the batch, or as `decodeCoefficientBlob`.
 */
export function packBatch(batch: WithBlobs<BatchContent>, slotsPerChunk: number): Uint8Array[] | undefined {
  if (!hasBlobs(batch, slotsPerChunk)) return undefined;
  const packed = packRecords(batch, slotsPerChunk);
  if (packed.length !== batch.visible.length) return undefined;
  const isInOrder = (operations: Uint8Array | undefined, chunk: number): operations is Uint8Array =>
    operations !== undefined && addWords(operations, batch.visible[chunk]!);
  return packed.every(isInOrder) ? packed : undefined;
}
