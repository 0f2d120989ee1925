/**
 * Executes sealed batches again from the database: after a restart the prover needs their traces. A result that differs
 * in a single bit means that the database is damaged.
 */

import {
  type ChunkContext,
  type Crypto,
  executeChunk,
  isRollupError,
  type Profile,
  type RollupState,
  unpackFeeTokens,
} from '@quittance/protocol';
import { type BatchRow, type ChunkRow, databaseDamaged, type Storage } from '../../storage/index.ts';
import type { SealedChunk } from '../batcher/execute.ts';
import { operationsOf } from '../batcher/operations.ts';

const TRUSTED_VERIFIER = { verify: () => true };

/** Executes a chunk again and compares it with what was sealed. */
function rederiveChunk(
  storage: Storage,
  profile: Profile,
  crypto: Pick<Crypto, 'hasher'>,
  state: RollupState,
  chunk: ChunkRow,
  context: ChunkContext,
): SealedChunk {
  const operations = operationsOf(storage, profile, chunk);
  const { trace } = executeChunk({ hasher: crypto.hasher, verifier: TRUSTED_VERIFIER }, state, operations, context);
  const { oldRoot, newRoot, commitment } = trace;
  if (oldRoot !== chunk.oldRoot || newRoot !== chunk.newRoot || commitment !== chunk.commitment) {
    throw databaseDamaged(
      storage.file,
      `batch ${chunk.batch} does not execute to its roots in chunk ${chunk.position}`,
    );
  }
  return { trace, data: chunk.data, feeTokens: chunk.feeTokens, challenge: chunk.challenge };
}

/**
 * Executes one sealed batch on `state`, the state before it.
 *
 * @throws RollupError DATABASE_DAMAGED when anything differs from what was sealed.
 */
export function rederiveBatch(
  storage: Storage,
  profile: Profile,
  crypto: Pick<Crypto, 'hasher'>,
  domain: bigint,
  state: RollupState,
  batch: BatchRow,
): SealedChunk[] {
  const chunks = storage.chunks.ofBatch(batch.number).map((chunk) => {
    const context = { domain, batchTime: batch.header.time, feeTokens: unpackFeeTokens(chunk.feeTokens) };
    try {
      return rederiveChunk(storage, profile, crypto, state, chunk, context);
    } catch (error) {
      if (isRollupError(error, 'DATABASE_DAMAGED')) throw error;
      throw databaseDamaged(
        storage.file,
        `batch ${batch.number} cannot be executed again (${(error as Error).message})`,
        error,
      );
    }
  });
  if (state.root !== batch.header.stateRoot)
    throw databaseDamaged(storage.file, `batch ${batch.number} does not execute to its state root`);
  return chunks;
}
