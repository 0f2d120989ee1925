/**
 * How much data a batch may have. A proven batch is limited by its slots alone. An asserted one also carries its
 * authorizations to L1, and a dispute carries a whole chunk there (docs/protocol.md, Assertion).
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

/** The most bytes of data and authorizations together. */
export interface DataLimits {
  readonly chunkBytes: number;
  readonly batchBytes: number;
}

/** Proven batches have no limits besides their slots. */
export const NO_LIMITS: DataLimits = { chunkBytes: Number.POSITIVE_INFINITY, batchBytes: Number.POSITIVE_INFINITY };

/** The limits of a mode. */
export function limitsOf(mode: SequencerMode): DataLimits {
  return mode === 'zk' ? NO_LIMITS : { chunkBytes: MAX_CHUNK_DATA_BYTES, batchBytes: MAX_BATCH_DATA_BYTES };
}

/** Bytes of the blocks of a chunk, whatever its records are. */
export function blockBytesOf({ slotsPerChunk }: Profile): number {
  return (slotsPerChunk / RECORDS_PER_BLOCK) * BLOCK_BYTES;
}

/** Bytes of a record beyond its place in a block: words and authorization. */
export function extraBytesOf({ kind }: Pick<RecordFields, 'kind'>): number {
  return wordCountOf(kind) * WORD_BYTES + (isSignedKind(kind) ? AUTHORIZATION_BYTES : 0);
}
