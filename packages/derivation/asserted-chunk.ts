/** One chunk of an assertion: read, executed, and explained when it is wrong. */

import type { AssertionSubmission, WithBlobs } from '@quittance/chain';
import {
  type AssertedRecord,
  assertedOperation,
  assertedRecordsOf,
  BELIEVED,
  type ChunkContext,
  type Crypto,
  type Effects,
  type ExecutionState,
  isExpired,
  isSignedKind,
  type LeafChange,
  NO_FEES,
  type Operation,
  RollupError,
  StateOverlay,
  type StateView,
  unpackFeeTokens,
  visibleCountOf,
  visibleRecordsOf,
} from '@quittance/protocol';
import { explainFault, type Fault } from './fault.ts';
import { runRecords, SignatureCollector, writeOverlay } from './run.ts';
import { walkSteps } from './steps.ts';
import { type ReplayDeployment, undoChanges } from './whole-batch.ts';

/** A batch as its asserter submitted it; the parent comes from the chain of headers. */
export type AssertedSubmission = Omit<WithBlobs<AssertionSubmission>, 'parent'>;

/** An asserted chunk, read but not executed. */
export interface AssertedChunk {
  readonly records: readonly AssertedRecord[];
  readonly context: ChunkContext;
  /** Entries of the chunk's visible list: as many visible records it must have. */
  readonly entryCount: number;
}

/** L1 accepts no lists of other lengths, so such a submission never reached it. */
function requireLengths({ number, form, visible, chunks, roots, feeTokens, authorizations }: AssertedSubmission): void {
  const count = visible.length;
  const inCalldata = form === 'calldata' ? count : 0;
  const lengths = [roots.length - 1, feeTokens.length, chunks.length, authorizations.length];
  const expected = [count, count, inCalldata, inCalldata];
  if (lengths.every((length, position) => length === expected[position])) return;
  throw new RollupError('WRONG_LENGTH', `assertion ${number} has ${count} chunks and lists of other lengths`, {
    name: 'roots, feeTokens, chunks, authorizations',
    expected: expected.join(),
    actual: lengths.join(),
  });
}

/** The chunks of an assertion. @throws RollupError WRONG_LENGTH, OUT_OF_RANGE, RESERVED_KIND or FEE_TOKEN_ORDER for what L1 refuses. */
export function chunksOf(submission: AssertedSubmission, { domain, slotsPerChunk }: ReplayDeployment): AssertedChunk[] {
  requireLengths(submission);
  const entries = visibleRecordsOf(submission);
  return assertedRecordsOf(submission, slotsPerChunk, submission.blobs).map((records, chunk) => ({
    records,
    context: { domain, batchTime: submission.time, feeTokens: unpackFeeTokens(submission.feeTokens[chunk]!) },
    entryCount: entries[chunk]!.length,
  }));
}

/** One execution of a chunk, in which every signature was believed. */
export interface AssertedRun {
  /** What each executed record does, in order; a record that breaks another rule than its signature's ends the list. */
  readonly effects: readonly Effects[];
  /** The first record that is wrong in itself. When there is none, the root after the chunk may still be wrong. */
  readonly wrongSlot: number | undefined;
  /** With true signatures every record would hold, no fees are left, and the visible list has no entry more. */
  readonly holdsIfSigned: boolean;
}

/** Executes a chunk on `state`, which is as before afterwards, and checks all that does not need the root after it. */
export function runAsserted(
  crypto: Crypto,
  state: ExecutionState,
  { records, context, entryCount }: AssertedChunk,
): AssertedRun {
  const collector = new SignatureCollector();
  const unsigned: number[] = [];
  const operationAt = (view: StateView, slot: number): Operation => {
    const operation = assertedOperation(view, records[slot]!);
    const { fields, authorization } = operation;
    const isUnsigned =
      isSignedKind(fields.kind) &&
      (authorization === undefined || isExpired(authorization.validUntil, context.batchTime));
    collector.begin(slot, !isUnsigned);
    if (!isUnsigned) return operation;
    unsigned.push(slot);
    return { ...operation, authorization: BELIEVED };
  };
  const believing: Crypto = { hasher: crypto.hasher, verifier: collector };
  const { failure, effects, fees } = runRecords(
    believing,
    new StateOverlay(state),
    operationAt,
    records.length,
    context,
  );
  const endsRight = fees.every((sum) => sum === 0n) && visibleCountOf(records) === entryCount;
  // What follows a forged record ran on a false state, so only the first wrong record counts.
  const wrong = Math.min(
    failure?.slot ?? (endsRight ? records.length : records.length - 1),
    unsigned[0] ?? records.length,
    collector.firstForged(crypto.verifier) ?? records.length,
  );
  return {
    effects,
    wrongSlot: wrong < records.length ? wrong : undefined,
    holdsIfSigned: failure === undefined && endsRight,
  };
}

/** Writes what records did to `state`. @returns what that changed. */
export function writeEffects(state: ExecutionState, effects: readonly Effects[]): LeafChange[] {
  const overlay = new StateOverlay(state);
  for (const { changes } of effects) for (const change of changes) overlay.write(change);
  return writeOverlay(state, overlay);
}

/**
 * What is wrong at a slot; `state` is that before the chunk, now and afterwards.
 *
 * @param effects of the records before it, at least.
 * @param newRoot what the assertion claims as the root after the chunk.
 */
export function faultAt(
  crypto: Crypto,
  state: ExecutionState,
  { records, context, entryCount }: AssertedChunk,
  place: Pick<Fault, 'chunk' | 'slot'>,
  effects: readonly Effects[],
  newRoot: bigint,
): Omit<Fault, 'isConclusive'> {
  const { slot } = place;
  const changes = writeEffects(state, effects.slice(0, slot));
  const faults: Omit<Fault, 'isConclusive'>[] = [];
  try {
    const range = {
      records: records.slice(slot, slot + 1),
      context,
      fees: effects[slot - 1]?.fees ?? NO_FEES,
      visibleCount: visibleCountOf(records.slice(0, slot)),
    };
    walkSteps(crypto, state, range, ({ record, before, outcome, message }) => {
      const claimed = { stateRoot: newRoot, fees: NO_FEES, visibleCount: entryCount };
      faults.push({
        ...place,
        ...explainFault({ ...place, record }, outcome, message, claimed),
        record,
        before,
        outcome,
      });
      return 'stop';
    });
  } finally {
    undoChanges(state, changes);
  }
  return faults[0]!;
}
