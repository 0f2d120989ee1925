/**
 * Replays a batch that L1 has decided about: a verified proof, or a challenge period, vouches for its signatures. All else is
 * recomputed and compared. Source: docs/protocol.md, invariant 2.
 */

import type { WithBlobs } from '@quittance/chain';
import {
  type BatchContent,
  type Bytes32,
  type Crypto,
  type ErrorCode,
  headerHash,
  headerOf,
  isRecordErrorCode,
  isRollupError,
  nextCommitment,
  type RecordData,
  RollupError,
  type RollupState,
  recordsOf,
  type StoredHeader,
  unpackFeeTokens,
  visibleCountOf,
  visibleRecordsOf,
  type Withdrawal,
  withdrawalsIn,
} from '@quittance/protocol';
import { executeDecided, type LeafChange, undoChanges } from './run.ts';

/** The parts of a deployment that a replay needs. */
export interface ReplayDeployment {
  readonly domain: bigint;
  /** M. */
  readonly slotsPerChunk: number;
}

/** A batch as claims on L1 need it. */
export interface ClaimableBatch {
  readonly header: StoredHeader;
  readonly hash: Bytes32;
  /** In the order of the withdrawals tree. */
  readonly withdrawals: readonly Withdrawal[];
}

/** A replayed batch. */
export interface ReplayedBatch extends ClaimableBatch {
  /** Records by chunk and slot. */
  readonly records: readonly (readonly RecordData[])[];
  /** What it changed, chunk by chunk; `undoChanges` takes it back. */
  readonly changes: readonly LeafChange[];
}

/** @throws RollupError PARENT_MISMATCH unless the batch begins where `state` is. */
export function requireFirstRoot(state: RollupState, { number, roots }: Pick<BatchContent, 'number' | 'roots'>): void {
  if (roots[0] === state.root) return;
  throw new RollupError(
    'PARENT_MISMATCH',
    `batch ${number} begins at root ${roots[0]}, the state here has ${state.root}`,
    { batch: number, expected: state.root, actual: roots[0] },
  );
}

function falseClaim(
  { number }: BatchContent,
  name: string,
  expected: bigint | number,
  actual: bigint | number | undefined,
): RollupError<'CLAIM_FALSE'> {
  const message = `batch ${number}: ${name} is ${actual}, the records give ${expected}`;
  return new RollupError('CLAIM_FALSE', message, { batch: number, name, expected, actual });
}

/** What a replay throws besides the codes of records when a batch is not what the rules give. */
const WRONG_BATCH_CODES: ReadonlySet<ErrorCode> = new Set([
  'PARENT_MISMATCH',
  'CLAIM_FALSE',
  'FEES_NOT_COLLECTED',
  'FEE_TOKEN_ORDER',
  'CHUNK_SIZE',
  'WRONG_LENGTH',
  'OUT_OF_RANGE',
  'BLOB_COEFFICIENT_RANGE',
  'BLOB_TAIL',
]);

/** Whether what a replay threw is about the batch. Everything else is about us: a bug, a missing file, a full disk. */
export function isWrongBatch(error: unknown): error is RollupError {
  return isRollupError(error) && (isRecordErrorCode(error.code) || WRONG_BATCH_CODES.has(error.code));
}

/**
 * Replays one batch on `state` and returns what it did; after an error the state is as before.
 *
 * @param checksCommitments whether the commitments c are compared: a proof binds them, an assertion does not.
 * @throws RollupError PARENT_MISMATCH when the batch is for another state, CLAIM_FALSE when roots or commitments differ, or
 * the code of a broken rule.
 */
export function replayBatch(
  crypto: Crypto,
  state: RollupState,
  parent: StoredHeader,
  batch: WithBlobs<BatchContent>,
  { domain, slotsPerChunk }: ReplayDeployment,
  checksCommitments = true,
): ReplayedBatch {
  requireFirstRoot(state, batch);
  const records = recordsOf(batch, slotsPerChunk, batch.blobs);
  const entries = visibleRecordsOf(batch);
  const changes: LeafChange[] = [];
  try {
    for (const [chunk, chunkRecords] of records.entries()) {
      if (checksCommitments) {
        const commitment = chunkRecords.reduce((c, record) => nextCommitment(crypto, c, record), 0n);
        if (commitment !== batch.commitments[chunk]) {
          throw falseClaim(batch, `the commitment of chunk ${chunk}`, commitment, batch.commitments[chunk]);
        }
      }
      const visibleCount = visibleCountOf(chunkRecords);
      if (visibleCount !== entries[chunk]!.length) {
        throw falseClaim(
          batch,
          `the length of the visible list of chunk ${chunk}`,
          visibleCount,
          entries[chunk]!.length,
        );
      }
      const context = { domain, batchTime: batch.time, feeTokens: unpackFeeTokens(batch.feeTokens[chunk]!) };
      changes.push(...executeDecided(crypto, state, chunkRecords, context));
      if (state.root !== batch.roots[chunk + 1]) {
        throw falseClaim(batch, `the root after chunk ${chunk}`, state.root, batch.roots[chunk + 1]);
      }
    }
  } catch (error) {
    undoChanges(state, changes);
    throw error;
  }
  const header = headerOf(parent, batch);
  return { header, hash: headerHash(header), withdrawals: withdrawalsIn(records.flat()), records, changes };
}
