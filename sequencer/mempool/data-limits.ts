/**
 * How much data a batch may have. A proven one has none beyond its slots; an asserted one brings its authorizations to
 * L1 too, and a dispute brings a whole chunk there (docs/protocol.md, Assertion).
 */

import {
  AUTHORIZATION_BYTES,
  BLOCK_BYTES,
  isSignedKind,
  MAX_BATCH_DATA_BYTES,
  MAX_CHUNK_DATA_BYTES,
  type Profile,
  RECORDS_PER_BLOCK,
  type RecordFields,
  WORD_BYTES,
  wordCountOf,
} from '@quittance/protocol';
import type { SequencerMode } from '../config.ts';

/** Most bytes of data and authorizations. */
export interface DataLimits {
  readonly chunkBytes: number;
  readonly batchBytes: number;
}

/** The limits of proven batches: their slots limit them enough. */
export const NO_LIMITS: DataLimits = { chunkBytes: Number.POSITIVE_INFINITY, batchBytes: Number.POSITIVE_INFINITY };

/** The limits of a mode. */
export function limitsOf(mode: SequencerMode): DataLimits {
  return mode === 'zk' ? NO_LIMITS : { chunkBytes: MAX_CHUNK_DATA_BYTES, batchBytes: MAX_BATCH_DATA_BYTES };
}

/** Bytes of the blocks of a chunk, whatever its records are. */
export function blockBytesOf({ slotsPerChunk }: Profile): number {
  return (slotsPerChunk / RECORDS_PER_BLOCK) * BLOCK_BYTES;
}

/** Bytes that a record has beside its place in a block: words and authorization. */
export function extraBytesOf({ kind }: Pick<RecordFields, 'kind'>): number {
  return wordCountOf(kind) * WORD_BYTES + (isSignedKind(kind) ? AUTHORIZATION_BYTES : 0);
}
