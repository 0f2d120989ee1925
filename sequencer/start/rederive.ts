/**
 * Executes sealed batches again from the database: after a restart the prover needs their traces. A result that differs
 * in a single bit means that the database is damaged.
 */

import { isDeepStrictEqual } from 'node:util';
import {
  type ChunkContext,
  type Crypto,
  type Deployment,
  domainOf,
  executeChunk,
  headerHash,
  headerOf,
  isRollupError,
  type Operation,
  type PackedTrace,
  type Profile,
  packTrace,
  type RollupState,
  type StoredHeader,
  unpackFeeTokens,
} from '@quittance/protocol';
import { type BatchRow, type ChunkRow, databaseDamaged, type Storage } from '../../storage/index.ts';
import { contentOf } from '../batcher/content.ts';
import { challengeOf, type SealedChunk } from '../batcher/execute.ts';
import { operationsOf } from '../batcher/operations.ts';

const TRUSTED_VERIFIER = { verify: () => true };

/** What a batch is executed again from. */
export interface RederiveInput {
  readonly storage: Storage;
  readonly profile: Profile;
  readonly crypto: Pick<Crypto, 'hasher'>;
  readonly deployment: Deployment;
  /** That before the batch; afterwards that after it. */
  readonly state: RollupState;
  /** Header before the batch. */
  readonly parent: StoredHeader;
  readonly batch: BatchRow;
}

/** Executes a chunk again and compares. @returns also the indices of the accounts that it changed. */
function rederiveChunk(
  input: RederiveInput,
  chunk: ChunkRow,
  operations: readonly Operation[],
): { trace: PackedTrace; changed: number[] } {
  const { storage, crypto, deployment, state, batch } = input;
  const context: ChunkContext = {
    domain: domainOf(deployment),
    batchTime: batch.header.time,
    feeTokens: unpackFeeTokens(chunk.feeTokens),
  };
  const { trace, effects } = executeChunk(
    { hasher: crypto.hasher, verifier: TRUSTED_VERIFIER },
    state,
    operations,
    context,
  );
  const { oldRoot, newRoot, commitment } = trace;
  if (oldRoot !== chunk.oldRoot || newRoot !== chunk.newRoot || commitment !== chunk.commitment) {
    throw databaseDamaged(storage.file, `batch ${chunk.batch} does not execute to its roots in chunk ${chunk.index}`);
  }
  const changed = effects.flatMap(({ changes }) => changes.map(({ index }) => index));
  return { trace: packTrace(crypto.hasher, trace), changed };
}

/** The accounts that the batch changed are stored as they are after it: all of them, and no others. */
function checkAccounts({ storage, state, batch }: RederiveInput, changed: readonly number[]): void {
  const stored = storage.leaves.changedIn(batch.number, batch.number);
  const isSame = ([index, account]: (typeof stored)[number]): boolean =>
    isDeepStrictEqual({ ...state.get(index) }, { ...account });
  if (stored.length === new Set(changed).size && stored.every(isSame)) return;
  throw databaseDamaged(storage.file, `the accounts of batch ${batch.number} are not those that it executes to`);
}

/** Executes all chunks. @throws RollupError DATABASE_DAMAGED for whatever goes wrong. */
function executeAgain(input: RederiveInput, rows: readonly ChunkRow[]) {
  const { storage, profile, batch } = input;
  try {
    const operations = operationsOf(storage, profile, batch.number);
    return rows.map((chunk, position) => rederiveChunk(input, chunk, operations[position]!));
  } catch (error) {
    if (isRollupError(error, 'DATABASE_DAMAGED')) throw error;
    const problem = `batch ${batch.number} cannot be executed again (${(error as Error).message})`;
    throw databaseDamaged(storage.file, problem, error);
  }
}

/**
 * Executes one sealed batch on the state before it.
 *
 * @throws RollupError DATABASE_DAMAGED when anything differs from what was sealed.
 */
export function rederiveBatch(input: RederiveInput): SealedChunk[] {
  const { storage, state, parent, batch } = input;
  const rows = storage.chunks.ofBatch(batch.number);
  const results = executeAgain(input, rows);
  const content = contentOf(parent, batch, rows);
  const header = headerOf(parent, content);
  if (state.root !== batch.header.stateRoot || headerHash(header) !== batch.headerHash)
    throw databaseDamaged(storage.file, `batch ${batch.number} does not execute to its header`);
  checkAccounts(
    input,
    results.flatMap(({ changed }) => changed),
  );
  const challenge = challengeOf(input.deployment, content);
  return rows.map(({ data, visible, feeTokens }, chunk) => {
    return { trace: results[chunk]!.trace, data, visible, feeTokens, challenge };
  });
}
