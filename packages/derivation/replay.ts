/**
 * Replays a batch that L1 has decided about: a verified proof, or a challenge period, vouches for its signatures. All else is
 * recomputed and compared. Source: docs/protocol.md, invariant 2.
 */

import type { WithBlobs } from '@quittance/chain';
import {
  type BatchContent,
  type Bytes32,
  type Crypto,
  type ExecutionState,
  headerHash,
  headerOf,
  type LeafChange,
  nextCommitment,
  RollupError,
  recordsOf,
  type StoredHeader,
  unpackFeeTokens,
  visibleCountOf,
  visibleRecordsOf,
  type Withdrawal,
  withdrawalsIn,
} from '@quittance/protocol';
import { executeDecided } from './run.ts';
import {
  enginesDiffer,
  executeWhole,
  otherLengths,
  type ReplayCrypto,
  type ReplayDeployment,
  undoChanges,
} from './whole-batch.ts';

/** A batch as claims on L1 need it. */
export interface ClaimableBatch {
  readonly header: StoredHeader;
  readonly hash: Bytes32;
  /** In the order of the withdrawals tree. */
  readonly withdrawals: readonly Withdrawal[];
}

/** A replayed batch. */
export interface ReplayedBatch extends ClaimableBatch {
  /** What it changed, in order; `undoChanges` takes it back. */
  readonly changes: Iterable<LeafChange>;
}

/** @throws RollupError PARENT_MISMATCH unless the batch begins where `state` is. */
export function requireFirstRoot(
  state: ExecutionState,
  { number, roots }: Pick<BatchContent, 'number' | 'roots'>,
): void {
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

/** What a replay compares with the batch. */
interface Decided {
  readonly batch: WithBlobs<BatchContent>;
  readonly deployment: ReplayDeployment;
  readonly checksCommitments: boolean;
}

/**
 * Executes a batch record by record and says what is wrong with it.
 *
 * @returns what it changed, if nothing is. @throws as `replayBatch`; `state` is as before then.
 */
function executeByRecord(crypto: Crypto, state: ExecutionState, decided: Decided): LeafChange[] {
  const { batch, deployment, checksCommitments } = decided;
  const { domain, slotsPerChunk } = deployment;
  const lengths = otherLengths(decided);
  if (lengths !== undefined) {
    const message = `batch ${batch.number} has ${batch.visible.length} chunks and lists of other lengths`;
    throw new RollupError('WRONG_LENGTH', message, { name: 'roots, feeTokens, chunks, commitments', ...lengths });
  }
  const records = recordsOf(batch, slotsPerChunk, batch.blobs);
  const entries = visibleRecordsOf(batch);
  const changes: LeafChange[] = [];
  try {
    for (const [chunk, chunkRecords] of records.entries()) {
      if (checksCommitments) {
        const commitment = chunkRecords.reduce((c, record) => nextCommitment(crypto, c, record), 0n);
        const claimed = batch.commitments[chunk];
        if (commitment !== claimed) throw falseClaim(batch, `the commitment of chunk ${chunk}`, commitment, claimed);
      }
      const [visibleCount, entryCount] = [visibleCountOf(chunkRecords), entries[chunk]!.length];
      if (visibleCount !== entryCount) {
        throw falseClaim(batch, `the length of the visible list of chunk ${chunk}`, visibleCount, entryCount);
      }
      const context = { domain, batchTime: batch.time, feeTokens: unpackFeeTokens(batch.feeTokens[chunk]!) };
      changes.push(...executeDecided(crypto, state, chunkRecords, context));
      const claimed = batch.roots[chunk + 1];
      if (state.root !== claimed) throw falseClaim(batch, `the root after chunk ${chunk}`, state.root, claimed);
    }
  } catch (error) {
    undoChanges(state, changes);
    throw error;
  }
  return changes;
}

/** What a right batch changed; an engine says so, or the rules record by record. @throws as `replayBatch`. */
async function executeDecidedBatch(
  crypto: ReplayCrypto,
  state: ExecutionState,
  decided: Decided,
): Promise<Iterable<LeafChange>> {
  const whole = await executeWhole(crypto, state, { ...decided, signatures: 'believed' });
  if (whole.isRight) return whole.changes;
  const changes = executeByRecord(crypto, state, decided);
  if (!whole.wasExecuted) return changes;
  undoChanges(state, changes);
  throw enginesDiffer(crypto.engine, decided.batch);
}

/**
 * Replays one batch on `state`, a state of `crypto.engine`, and returns what it did; after an error the state is as before.
 *
 * @param checksCommitments whether the commitments c are compared: a proof binds them, an assertion does not.
 * @throws RollupError PARENT_MISMATCH when the batch is for another state, CLAIM_FALSE when roots or commitments differ,
 * WRONG_LENGTH when a list is not for as many chunks as the others, or the code of a broken rule.
 */
export async function replayBatch(
  crypto: ReplayCrypto,
  state: ExecutionState,
  parent: StoredHeader,
  batch: WithBlobs<BatchContent>,
  deployment: ReplayDeployment,
  checksCommitments = true,
): Promise<ReplayedBatch> {
  requireFirstRoot(state, batch);
  const changes = await executeDecidedBatch(crypto, state, { batch, deployment, checksCommitments });
  // Every visible record of a right batch has its entry in a list, and no entry is of anything else.
  const withdrawals = withdrawalsIn(visibleRecordsOf(batch).flat());
  const header = headerOf(parent, batch);
  return { header, hash: headerHash(header), withdrawals, changes };
}
