/**
 * Executes sealed batches again from the database: after a restart the prover needs their traces. A result that differs
 * in a single bit means that the database is damaged.
 */

import {
  accountRowsAfter,
  type Deployment,
  domainOf,
  type Engine,
  type Execution,
  type ExecutionState,
  headerHash,
  headerOf,
  isRollupError,
  type LeafChanges,
  type Profile,
  packOperations,
  type StoredHeader,
  unpackFeeTokens,
} from '@quittance/protocol';
import { type BatchRow, type ChunkRow, databaseDamaged, type Storage } from '../../storage/index.ts';
import { challengeOf, type SealedChunk } from '../batcher/batch.ts';
import { contentOf } from '../batcher/content.ts';
import { idsOf, operationsOf } from '../batcher/operations.ts';

/** What a batch is executed again from. */
export interface RederiveInput {
  readonly storage: Storage;
  readonly engine: Engine;
  readonly profile: Profile;
  readonly deployment: Deployment;
  /** That before the batch; afterwards that after it. */
  readonly state: ExecutionState;
  /** Header before the batch. */
  readonly parent: StoredHeader;
  readonly batch: BatchRow;
  /** Whether its chunks are proven, or their proofs verified. */
  readonly traces: boolean;
  /** Whether each transfer must be the one whose signature was checked; else it is believed. */
  readonly checksIds: boolean;
  /** Whether the database still has the accounts that each batch changed; they are compared then. Absent: it has. */
  readonly checksAccounts?: boolean;
}

/** Executes all chunks. @throws RollupError DATABASE_DAMAGED when they are no batch, or a record is refused. */
async function executeAgain(input: RederiveInput, rows: readonly ChunkRow[]): Promise<Execution> {
  const { storage, engine, profile, deployment, state, batch, traces, checksIds } = input;
  const damaged = (reason: string, cause?: unknown) =>
    databaseDamaged(storage.file, `batch ${batch.number} cannot be executed again (${reason})`, cause);
  try {
    const operations = operationsOf(storage, profile, batch.number);
    const chunks = rows.map(({ feeTokens }, position) => ({
      operations: packOperations(operations[position]!),
      feeTokens: unpackFeeTokens(feeTokens),
    }));
    const execution = await engine.execute(
      state,
      { domain: domainOf(deployment), batchTime: batch.header.time, chunks },
      {
        signatures: checksIds ? { ids: idsOf(storage, profile, batch.number) } : 'believed',
        ...{ onInvalid: 'stop', traces, commitments: true },
      },
    );
    const [refusal] = execution.refusals;
    if (refusal === undefined) return execution;
    throw damaged(`slot ${refusal.slot} of chunk ${refusal.chunk}: ${refusal.message}`);
  } catch (error) {
    if (isRollupError(error, 'DATABASE_DAMAGED') || isRollupError(error, 'RESOURCES_SHORT')) throw error;
    throw damaged((error as Error).message, error);
  }
}

/** Each chunk leads from root to root, as it was sealed. */
function checkChunks({ storage, batch }: RederiveInput, { chunks }: Execution, rows: readonly ChunkRow[]): void {
  for (const [position, { oldRoot, newRoot, commitment }] of chunks.entries()) {
    const row = rows[position]!;
    if (oldRoot === row.oldRoot && newRoot === row.newRoot && commitment === row.commitment) continue;
    throw databaseDamaged(storage.file, `batch ${batch.number} does not execute to its roots in chunk ${position}`);
  }
}

/** The accounts that the batch changed are stored as they are after it: all of them, and no others. */
function checkAccounts({ storage, batch }: RederiveInput, changes: LeafChanges): void {
  const stored = storage.leaves.changedIn(batch.number, batch.number);
  if (Buffer.compare(stored, accountRowsAfter(changes)) === 0) return;
  throw databaseDamaged(storage.file, `the accounts of batch ${batch.number} are not those that it executes to`);
}

/**
 * Executes one sealed batch on the state before it.
 *
 * @throws RollupError DATABASE_DAMAGED when anything differs from what was sealed; RESOURCES_SHORT.
 */
export async function rederiveBatch(input: RederiveInput): Promise<SealedChunk[]> {
  const { storage, state, parent, batch } = input;
  const rows = storage.chunks.ofBatch(batch.number);
  const execution = await executeAgain(input, rows);
  checkChunks(input, execution, rows);
  const content = contentOf(parent, batch, rows);
  const header = headerOf(parent, content);
  if (state.root !== batch.header.stateRoot || headerHash(header) !== batch.headerHash)
    throw databaseDamaged(storage.file, `batch ${batch.number} does not execute to its header`);
  if (input.checksAccounts !== false) checkAccounts(input, execution.changes);
  const challenge = challengeOf(input.deployment, content);
  return rows.map(({ oldRoot, newRoot, commitment, data, visible, feeTokens }, chunk) => {
    const { trace } = execution.chunks[chunk]!;
    return { oldRoot, newRoot, commitment, trace, data, visible, feeTokens, challenge };
  });
}
