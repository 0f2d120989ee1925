/** Executes an asserted chunk record by record and shows the state between records, which is what disputes are about. */

import {
  type AssertedRecord,
  applyOperation,
  assertedOperation,
  type ChunkContext,
  type Crypto,
  createStepWitness,
  type ExecutionState,
  isVisibleKind,
  type LeafChange,
  NO_FEES,
  type StepOutcome,
  type StepState,
  type StepWitness,
} from '@quittance/protocol';
import { redoChanges, undoChanges } from './whole-batch.ts';

/** Records of a chunk, one after the other. */
export interface StepRange {
  readonly records: readonly AssertedRecord[];
  readonly context: ChunkContext;
  /** Fee sums before the first of them; none at the start of a chunk. */
  readonly fees?: readonly bigint[];
  /** Visible records of the chunk before the first of them; none at its start. */
  readonly visibleCount?: number;
}

/** One executed record. */
export interface ExecutedStep {
  /** Position in the range. */
  readonly slot: number;
  readonly record: AssertedRecord;
  readonly before: StepState;
  readonly outcome: StepOutcome;
  /** Why the record is invalid; empty for a valid one. */
  readonly message: string;
  /** What L1 needs to execute the record. Call it during the visit only. */
  witness(): StepWitness;
}

/**
 * Executes records until one is invalid or `visit` says stop, and calls it after each; in the end the state is as before
 * the first one.
 */
export function walkSteps(
  crypto: Crypto,
  state: ExecutionState,
  { records, context, fees = NO_FEES, visibleCount = 0 }: StepRange,
  visit: (step: ExecutedStep) => 'stop' | undefined,
): void {
  const done: LeafChange[] = [];
  let before: StepState = { stateRoot: state.root, fees, visibleCount };
  try {
    for (const [slot, record] of records.entries()) {
      const result = applyOperation(crypto, state, assertedOperation(state, record), context, before.fees);
      const changes = result.valid ? result.effects.changes : [];
      redoChanges(state, changes);
      done.push(...changes);
      const witness = (): StepWitness => {
        undoChanges(state, changes);
        const made = createStepWitness(state, record.fields, record.authorization);
        redoChanges(state, changes);
        return made;
      };
      const after = before.visibleCount + (isVisibleKind(record.fields.kind) ? 1 : 0);
      const outcome: StepOutcome = result.valid
        ? { valid: true, state: { stateRoot: state.root, fees: result.effects.fees, visibleCount: after } }
        : { valid: false, code: result.invalid.code };
      const message = result.valid ? '' : result.invalid.message;
      if (visit({ slot, record, before, outcome, message, witness }) === 'stop' || !outcome.valid) return;
      before = outcome.state;
    }
  } finally {
    undoChanges(state, done);
  }
}
