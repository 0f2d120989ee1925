/**
 * Replays a batch that L1 has decided about: a verified proof, or a challenge period, stands for its signatures. All else is
 * computed again and compared. Source: docs/protocol.md, invariant 2.
 */

import {
  type BatchContent,
  type Bytes32,
  type Crypto,
  headerHash,
  headerOf,
  nextCommitment,
  type RecordData,
  RollupError,
  type RollupState,
  recordsOf,
  type StoredHeader,
  unpackFeeTokens,
  type Withdrawal,
  withdrawalsIn,
} from '@quittance/protocol';
import { executeDecided, type LeafChange, undoChanges } from './run.ts';

/** What of a deployment a replay needs. */
export interface ReplayDeployment {
  readonly domain: bigint;
  /** M. */
  readonly slotsPerChunk: number;
}

/** A replayed batch. */
export interface ReplayedBatch {
  readonly header: StoredHeader;
  readonly hash: Bytes32;
  /** In the order of the withdrawals tree. */
  readonly withdrawals: readonly Withdrawal[];
  /** Records by chunk and slot. */
  readonly records: readonly (readonly RecordData[])[];
  /** What it changed, chunk by chunk; `undoChanges` takes it back. */
  readonly changes: readonly LeafChange[];
}

function mismatch(batch: BatchContent, what: string, expected: unknown, actual: unknown): RollupError {
  return new RollupError(
    'STATE_MISMATCH',
    `batch ${batch.number}: ${what} is ${actual}, the replay gives ${expected}`,
    {
      batch: batch.number,
      expected: String(expected),
      actual: String(actual),
    },
  );
}

/**
 * Replays one batch on `state` and returns what it did; after an error the state is as before.
 *
 * @param checksCommitments whether the commitments c are compared: a proof binds them, an assertion does not.
 * @throws RollupError STATE_MISMATCH when roots or commitments differ, or the code of a broken rule.
 */
export function replayBatch(
  crypto: Crypto,
  state: RollupState,
  parent: StoredHeader,
  batch: BatchContent,
  { domain, slotsPerChunk }: ReplayDeployment,
  checksCommitments = true,
): ReplayedBatch {
  if (batch.roots[0] !== state.root) throw mismatch(batch, 'the first root', state.root, batch.roots[0]);
  const records = recordsOf(batch, slotsPerChunk);
  const changes: LeafChange[] = [];
  try {
    for (const [chunk, chunkRecords] of records.entries()) {
      if (checksCommitments) {
        const commitment = chunkRecords.reduce((c, record) => nextCommitment(crypto, c, record), 0n);
        if (commitment !== batch.commitments[chunk]) {
          throw mismatch(batch, `the commitment of chunk ${chunk}`, commitment, batch.commitments[chunk]);
        }
      }
      const context = { domain, batchTime: batch.time, feeTokens: unpackFeeTokens(batch.feeTokens[chunk]!) };
      changes.push(...executeDecided(crypto, state, chunkRecords, context));
      if (state.root !== batch.roots[chunk + 1]) {
        throw mismatch(batch, `the root after chunk ${chunk}`, state.root, batch.roots[chunk + 1]);
      }
    }
  } catch (error) {
    undoChanges(state, changes);
    throw error;
  }
  const header = headerOf(parent, batch, records);
  return { header, hash: headerHash(header), withdrawals: withdrawalsIn(records.flat()), records, changes };
}
