/**
 * Replays an assertion: is it right, and if not, which record is the first wrong one? Source: docs/protocol.md, Optimistic
 * mode. What the asserter claims between the records is not known before its answer, so the fault found here is the last
 * place where the lie can show; `locateFault` finds the place that the answer gives away.
 */

import {
  type Crypto,
  type ExecutionState,
  headerHash,
  headerOf,
  type LeafChange,
  type StoredHeader,
  visibleRecordsOf,
  withdrawalsIn,
} from '@quittance/protocol';
import {
  type AssertedChunk,
  type AssertedSubmission,
  chunksOf,
  faultAt,
  runAsserted,
  writeEffects,
} from './asserted-chunk.ts';
import type { Fault } from './fault.ts';
import { addAuthorizations } from './pack-signatures.ts';
import { type ReplayedBatch, requireFirstRoot } from './replay.ts';
import {
  enginesDiffer,
  executeWhole,
  type ReplayCrypto,
  type ReplayDeployment,
  redoChanges,
  undoChanges,
} from './whole-batch.ts';

/**
 * The outcome of a replay. A wrong assertion has one fault for each wrong chunk, up to and with the first conclusive one,
 * behind which there is no right state.
 */
export type AssertionVerdict =
  | { readonly isRight: true; readonly batch: ReplayedBatch }
  | {
      readonly isRight: false;
      readonly faults: readonly [Fault, ...Fault[]];
      /** The batch if a proof stands in for its signatures; undefined when one of the faults is conclusive. */
      readonly ifProven: ReplayedBatch | undefined;
    };

/** What became of a chunk: what it changed, unless nobody can prove it, and what is wrong with it. */
interface ChunkVerdict {
  readonly changes: readonly LeafChange[];
  readonly fault?: Fault;
}

/** Judges one chunk and writes what it changes to `state`, unless nothing can make it good. */
function judgeChunk(
  crypto: Crypto,
  state: ExecutionState,
  asserted: AssertedChunk,
  { chunk, newRoot, isProvable }: { readonly chunk: number; readonly newRoot: bigint; readonly isProvable: boolean },
): ChunkVerdict {
  const { effects, wrongSlot, holdsIfSigned } = runAsserted(crypto, state, asserted);
  const changes = holdsIfSigned ? writeEffects(state, effects) : [];
  const isRightIfSigned = holdsIfSigned && state.root === newRoot;
  if (isRightIfSigned && wrongSlot === undefined) return { changes };
  undoChanges(state, changes);
  const slot = wrongSlot ?? asserted.records.length - 1;
  const fault = faultAt(crypto, state, asserted, { chunk, slot }, effects, newRoot);
  if (!isRightIfSigned || !isProvable) return { changes: [], fault: { ...fault, isConclusive: true } };
  redoChanges(state, changes);
  return { changes, fault: { ...fault, isConclusive: false } };
}

/** What the replay of a batch found, chunk by chunk. */
interface Judged {
  readonly changes: readonly LeafChange[];
  /** The last one may be conclusive. */
  readonly faults: readonly Fault[];
}

/** Judges chunk by chunk and writes what they change, up to the first that nothing can make good. */
function judgeChunks(
  crypto: Crypto,
  state: ExecutionState,
  submission: AssertedSubmission,
  chunks: readonly AssertedChunk[],
): Judged {
  // Of records in evaluation blobs there is no proof: their wrong signatures can never be made good.
  const isProvable = submission.form !== 'evaluations';
  const changes: LeafChange[] = [];
  const faults: Fault[] = [];
  try {
    for (const [chunk, asserted] of chunks.entries()) {
      const verdict = judgeChunk(crypto, state, asserted, { chunk, newRoot: submission.roots[chunk + 1]!, isProvable });
      changes.push(...verdict.changes);
      if (verdict.fault !== undefined) faults.push(verdict.fault);
      if (verdict.fault?.isConclusive === true) break;
    }
  } catch (error) {
    undoChanges(state, changes);
    throw error;
  }
  return { changes, faults };
}

/** The batch that an assertion is when it is right, or when a proof stands in for its signatures. */
function batchOf(parent: StoredHeader, submission: AssertedSubmission, changes: Iterable<LeafChange>): ReplayedBatch {
  const header = headerOf(parent, submission);
  // Every visible record of a right batch has its entry in a list, and no entry is of anything else.
  const withdrawals = withdrawalsIn(visibleRecordsOf(submission).flat());
  return { header, hash: headerHash(header), withdrawals, changes };
}

/** The verdict record by record. @param wasExecuted whether an engine has called the batch wrong. */
function judgeByRecord(
  crypto: ReplayCrypto,
  state: ExecutionState,
  parent: StoredHeader,
  submission: AssertedSubmission,
  { deployment, wasExecuted }: { readonly deployment: ReplayDeployment; readonly wasExecuted: boolean },
): AssertionVerdict {
  const { changes, faults } = judgeChunks(crypto, state, submission, chunksOf(submission, deployment));
  const [first, ...others] = faults;
  if (first === undefined && !wasExecuted) return { isRight: true, batch: batchOf(parent, submission, changes) };
  undoChanges(state, changes);
  if (first === undefined) throw enginesDiffer(crypto.engine, submission);
  const ifProven = faults.at(-1)!.isConclusive ? undefined : batchOf(parent, submission, changes);
  return { isRight: false, faults: [first, ...others], ifProven };
}

/**
 * Replays an assertion on the state after its parent, a state of `crypto.engine`. When it is right, `state` is that after it
 * (`undoChanges` takes it back); when it is wrong, or after an error, it is as before.
 *
 * A commitment c of another value is no fault: it only makes the batch unprovable.
 *
 * @throws RollupError PARENT_MISMATCH when the assertion is for another state; WRONG_LENGTH, OUT_OF_RANGE or FEE_TOKEN_ORDER for
 * a batch that L1 refuses.
 */
export async function replayAssertion(
  crypto: ReplayCrypto,
  state: ExecutionState,
  parent: StoredHeader,
  submission: AssertedSubmission,
  deployment: ReplayDeployment,
): Promise<AssertionVerdict> {
  requireFirstRoot(state, submission);
  const whole = await executeWhole(crypto, state, {
    ...{ deployment, signatures: 'verified', checksCommitments: false },
    batch: submission,
    complete: (operations) =>
      addAuthorizations(crypto.verifier, state, submission, deployment.slotsPerChunk, operations),
  });
  if (whole.isRight) return { isRight: true, batch: batchOf(parent, submission, whole.changes) };
  return judgeByRecord(crypto, state, parent, submission, { deployment, wasExecuted: whole.wasExecuted });
}
