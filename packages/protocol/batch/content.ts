/** What a batch on L1 says, and the records that it stands for. Source: docs/protocol.md, Data. */

import { decodeCoefficientBlob, decodeEvaluationBlobs } from '../blob/index.ts';
import { RollupError } from '../errors/index.ts';
import { decodeChunkData, type RecordData } from '../records/codec.ts';
import type { RecordFields } from '../types.ts';
import { type Bytes32, keccak } from './abi.ts';
import type { BatchForm } from './form.ts';
import type { ChunksContent } from './header.ts';
import { decodeVisible, visibleHash, withWords } from './visible.ts';

/** What the transaction of a batch of K chunks says of it, whichever way it came to L1. */
export interface BatchContent {
  readonly number: number;
  /** Unix seconds. */
  readonly time: number;
  /** K + 1: before the first chunk and after each. */
  readonly roots: readonly bigint[];
  /** K. */
  readonly commitments: readonly bigint[];
  /** K packed lists. */
  readonly feeTokens: readonly bigint[];
  readonly form: BatchForm;
  /** Form calldata: K data strings; else none. */
  readonly chunks: readonly Uint8Array[];
  /** The versioned hashes of the transaction's blobs; none for form calldata. */
  readonly blobHashes: readonly Bytes32[];
  /** K visible lists. */
  readonly visible: readonly Uint8Array[];
}

/** K. */
export function chunkCountOf({ visible }: Pick<BatchContent, 'visible'>): number {
  return visible.length;
}

/** The hashes of the data of a batch, as its form has them: of each chunk, or of each blob. */
export function dataHashesOf({
  form,
  chunks,
  blobHashes,
}: Pick<BatchContent, 'form' | 'chunks' | 'blobHashes'>): readonly Bytes32[] {
  return form === 'calldata' ? chunks.map(keccak) : blobHashes;
}

/** What the header and the challenge say of a batch's chunks. @throws RollupError WRONG_LENGTH for a visible list that is cut. */
export function chunksContentOf(batch: BatchContent): ChunksContent {
  const { form, roots, commitments, feeTokens, visible } = batch;
  return {
    form,
    dataHashes: dataHashesOf(batch),
    visibleHashes: visible.map(visibleHash),
    roots,
    commitments,
    feeTokens,
  };
}

/** The visible records of a batch by chunk. @throws RollupError as `decodeVisible`, for lists that L1 refuses. */
export function visibleRecordsOf({ visible }: Pick<BatchContent, 'visible'>): RecordData[][] {
  return visible.map(decodeVisible);
}

/** The data that `BatchContent` only has the hashes of. */
type BatchData = Pick<BatchContent, 'form' | 'chunks' | 'visible'>;

function fieldsOf(batch: BatchData, slotsPerChunk: number, blobs: readonly Uint8Array[]): RecordFields[][] {
  const count = chunkCountOf(batch);
  if (batch.form === 'calldata') {
    requireCount('chunks', batch.chunks.length, count);
    return batch.chunks.map((data) => decodeChunkData(data, slotsPerChunk));
  }
  if (batch.form === 'coefficients') {
    requireCount('blobs', blobs.length, 1);
    return decodeCoefficientBlob(blobs[0]!, count, slotsPerChunk);
  }
  return decodeEvaluationBlobs(blobs, count, slotsPerChunk).map((records) => records.map(({ fields }) => fields));
}

function requireCount(name: string, actual: number, expected: number): void {
  if (actual === expected) return;
  throw new RollupError('WRONG_LENGTH', `the batch has ${expected} ${name}, got ${actual}`, { name, expected, actual });
}

/**
 * A batch's records by chunk and slot. A visible record that its list does not have has no words (`withWords`).
 *
 * @param blobs the bytes of `blobHashes`, whose hashes were checked; none for form calldata.
 * @throws RollupError WRONG_LENGTH, OUT_OF_RANGE or RESERVED_KIND for data that L1 refuses; of form coefficients also the codes
 * of `decodeCoefficientBlob`; BLOB_ELEMENT_RANGE for bytes that are no blob.
 */
export function recordsOf(batch: BatchData, slotsPerChunk: number, blobs: readonly Uint8Array[] = []): RecordData[][] {
  const visible = visibleRecordsOf(batch);
  return fieldsOf(batch, slotsPerChunk, blobs).map((records, chunk) => withWords(records, visible[chunk]!));
}
