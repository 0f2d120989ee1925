/** One chunk of an assertion: read, executed, and explained when it is wrong. */

import type { AssertionSubmission } from '@quittance/chain';
import {
  type AssertedRecord,
  assertedOperation,
  assertedRecords,
  type ChunkContext,
  type Crypto,
  type Operation,
  RollupError,
  type RollupState,
  StateOverlay,
  type StateView,
  unpackFeeTokens,
} from '@quittance/protocol';
import { explainFault, type Fault } from './fault.ts';
import { recordsOf } from './header.ts';
import type { ReplayDeployment } from './replay.ts';
import { NO_FEES, runRecords, SignatureCollector, undoChanges, writeOverlay } from './run.ts';
import { walkSteps } from './steps.ts';

/** A batch as its asserter submitted it; the parent comes from the chain of headers. */
export type AssertedSubmission = Omit<AssertionSubmission, 'parent'>;

/** An asserted chunk, read but not executed. */
export interface AssertedChunk {
  readonly records: readonly AssertedRecord[];
  readonly context: ChunkContext;
}

/** L1 takes no lists of other lengths, so such a submission is none of L1's. */
function requireLengths({ number, chunks, roots, feeTokens, authorizations }: AssertedSubmission): void {
  const count = chunks.length;
  if (roots.length === count + 1 && feeTokens.length === count && authorizations.length === count) return;
  throw new RollupError('MALFORMED', `assertion ${number} has ${count} chunks and lists of other lengths`, {
    expected: count,
    actual: [roots.length - 1, feeTokens.length, authorizations.length].join(),
  });
}

/** The chunks of an assertion. @throws RollupError MALFORMED, OUT_OF_RANGE or FEE_TOKEN_ORDER for what L1 refuses. */
export function chunksOf(submission: AssertedSubmission, { domain, slotsPerChunk }: ReplayDeployment): AssertedChunk[] {
  requireLengths(submission);
  return recordsOf(submission, slotsPerChunk).map((records, chunk) => ({
    records: assertedRecords(records, submission.authorizations[chunk]!),
    context: { domain, batchTime: submission.time, feeTokens: unpackFeeTokens(submission.feeTokens[chunk]!) },
  }));
}

/**
 * Executes a chunk on an overlay and checks all that does not need the root after it.
 *
 * @returns the slot of its first wrong record, undefined when there is none.
 */
export function firstWrongSlot(
  crypto: Crypto,
  overlay: StateOverlay,
  { records, context }: AssertedChunk,
): number | undefined {
  const collector = new SignatureCollector();
  const operationAt = (view: StateView, slot: number): Operation => {
    collector.slot = slot;
    return assertedOperation(view, records[slot]!);
  };
  const believing: Crypto = { hasher: crypto.hasher, verifier: collector };
  const { failure, fees } = runRecords(believing, overlay, operationAt, records.length, context);
  // What follows a forged record ran on a state that is not there.
  const wrongSlot = Math.min(failure?.slot ?? records.length, collector.firstForged(crypto.verifier) ?? records.length);
  if (wrongSlot < records.length) return wrongSlot;
  return fees.some((sum) => sum !== 0n) ? records.length - 1 : undefined;
}

/**
 * What is wrong at a slot; `state` is that before the chunk, now and afterwards.
 *
 * @param newRoot what the assertion claims as the root after the chunk.
 */
export function faultAt(
  crypto: Crypto,
  state: RollupState,
  { records, context }: AssertedChunk,
  place: Pick<Fault, 'chunk' | 'slot'>,
  newRoot: bigint,
): Omit<Fault, 'isConclusive'> {
  const overlay = new StateOverlay(state);
  const believing: Crypto = { hasher: crypto.hasher, verifier: { verify: () => true } };
  const operationAt = (view: StateView, slot: number) => assertedOperation(view, records[slot]!);
  const { fees } = runRecords(believing, overlay, operationAt, place.slot, context);
  const changes = writeOverlay(state, overlay);
  const faults: Omit<Fault, 'isConclusive'>[] = [];
  try {
    const range = { records: records.slice(place.slot, place.slot + 1), context, fees };
    walkSteps(crypto, state, range, ({ record, before, outcome, message }) => {
      const claimed = { stateRoot: newRoot, fees: NO_FEES };
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
