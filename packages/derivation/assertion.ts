/**
 * Replays an assertion: is it right, and if not, which record is the first wrong one? Source: docs/protocol.md, Optimistic
 * mode. What the asserter claims between the records is not known before its answer, so the fault found here is the last
 * place where the lie can show; `locateFault` finds the place that the answer gives away.
 */

import {
  type Crypto,
  headerHash,
  headerOf,
  type RollupState,
  type StoredHeader,
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
import { type ReplayDeployment, type ReplayedBatch, requireFirstRoot } from './replay.ts';
import { type LeafChange, redoChanges, undoChanges } from './run.ts';

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
  state: RollupState,
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

/**
 * Replays an assertion on the state after its parent. When it is right, `state` is that after it (`undoChanges` takes it
 * back); when it is wrong, or after an error, it is as before.
 *
 * A commitment c of another value is no fault: it only makes the batch unprovable.
 *
 * @throws RollupError PARENT_MISMATCH when the assertion is for another state; WRONG_LENGTH, OUT_OF_RANGE or FEE_TOKEN_ORDER for
 * a batch that L1 refuses.
 */
export function replayAssertion(
  crypto: Crypto,
  state: RollupState,
  parent: StoredHeader,
  submission: AssertedSubmission,
  deployment: ReplayDeployment,
): AssertionVerdict {
  requireFirstRoot(state, submission);
  const chunks = chunksOf(submission, deployment);
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
  const [first, ...others] = faults;
  if (first !== undefined) undoChanges(state, changes);
  if (first !== undefined && faults.at(-1)!.isConclusive) {
    return { isRight: false, faults: [first, ...others], ifProven: undefined };
  }
  const records = chunks.map((chunk) => chunk.records);
  const header = headerOf(parent, submission);
  const batch = { header, hash: headerHash(header), withdrawals: withdrawalsIn(records.flat()), records, changes };
  return first === undefined
    ? { isRight: true, batch }
    : { isRight: false, faults: [first, ...others], ifProven: batch };
}
