/**
 * Both sides of a dispute about one chunk: the honest answer, and the step in which an answer is wrong.
 * Source: docs/protocol.md, Disputes.
 */

import {
  type Bytes32,
  type Crypto,
  type ErrorValue,
  type ExecutionState,
  type LeafChange,
  NO_FEES,
  RollupError,
  type StepState,
  stepCommitment,
  visibleCountOf,
} from '@quittance/protocol';
import { type AssertedChunk, type AssertedSubmission, chunksOf } from './asserted-chunk.ts';
import { explainFault, type ProvableFault } from './fault.ts';
import { requireFirstRoot } from './replay.ts';
import { executeDecided } from './run.ts';
import { walkSteps } from './steps.ts';
import { type ReplayDeployment, undoChanges } from './whole-batch.ts';

/** The chunk that a dispute is about. */
export interface DisputedChunk {
  readonly submission: AssertedSubmission;
  readonly chunk: number;
}

function falseClaim(
  { submission: { number: batch } }: DisputedChunk,
  name: string,
  expected: ErrorValue,
  actual: ErrorValue,
): RollupError<'CLAIM_FALSE'> {
  const message = `batch ${batch} is wrong: ${name} is ${actual}, it should be ${expected}`;
  return new RollupError('CLAIM_FALSE', message, { batch, name, expected, actual });
}

/**
 * Calls `act` with `state` before the disputed chunk, and puts it back. Earlier chunks must be right but for their
 * signatures, which are not looked at.
 */
function atChunk<T>(
  crypto: Crypto,
  state: ExecutionState,
  place: DisputedChunk,
  deployment: ReplayDeployment,
  act: (chunk: AssertedChunk) => T,
): T {
  const { submission, chunk } = place;
  requireFirstRoot(state, submission);
  const chunks = chunksOf(submission, deployment);
  const disputed = chunks[chunk];
  if (disputed === undefined) {
    throw new RollupError(
      'OUT_OF_RANGE',
      `batch ${submission.number} has ${chunks.length} chunks, not chunk ${chunk}`,
      {
        expected: `0 to ${chunks.length - 1}`,
        actual: chunk,
      },
    );
  }
  const done: LeafChange[] = [];
  try {
    for (const [position, { records, context, entryCount }] of chunks.slice(0, chunk).entries()) {
      const visibleCount = visibleCountOf(records);
      if (visibleCount !== entryCount) {
        throw falseClaim(place, `the length of the visible list of chunk ${position}`, visibleCount, entryCount);
      }
      done.push(...executeDecided(crypto, state, records, context));
      const claimed = submission.roots[position + 1]!;
      if (state.root !== claimed) throw falseClaim(place, `the root after chunk ${position}`, state.root, claimed);
    }
    return act(disputed);
  } finally {
    undoChanges(state, done);
  }
}

/**
 * The first step in which an answer is wrong, with the witness that shows it to L1: its record is invalid, or leads to
 * another state than the answer has. Undefined when chunk and answer are right.
 *
 * @param state after the assertion's parent; as before in the end.
 * @param answer the M − 1 commitments of `answerDispute`.
 * @throws RollupError PARENT_MISMATCH on another state; CLAIM_FALSE, FEES_NOT_COLLECTED or the code of a rule when an earlier
 * chunk is wrong beyond its signatures: dispute that one; OUT_OF_RANGE for a chunk that the batch does not have.
 */
export function locateFault(
  crypto: Crypto,
  state: ExecutionState,
  place: DisputedChunk,
  answer: readonly Bytes32[],
  deployment: ReplayDeployment,
): ProvableFault | undefined {
  return atChunk(crypto, state, place, deployment, (asserted) => {
    const { chunk, submission } = place;
    const { records, context, entryCount } = asserted;
    const last: StepState = { stateRoot: submission.roots[chunk + 1]!, fees: NO_FEES, visibleCount: entryCount };
    const faults: ProvableFault[] = [];
    walkSteps(crypto, state, asserted, ({ slot, record, before, outcome, message, witness }) => {
      const isLast = slot === records.length - 1;
      const claimed = isLast ? stepCommitment(last, context.feeTokens) : answer[slot];
      if (outcome.valid && stepCommitment(outcome.state, context.feeTokens) === claimed) return undefined;
      const explained = explainFault({ chunk, slot, record }, outcome, message, isLast ? last : undefined);
      faults.push({ chunk, slot, record, before, outcome, ...explained, witness: witness() });
      return 'stop';
    });
    return faults[0];
  });
}

/**
 * The answer of an asserter that is right: the M − 1 step commitments after all slots but the last.
 *
 * @param state after the assertion's parent; as before in the end.
 * @throws RollupError CLAIM_FALSE when this chunk is wrong: nothing would defend it. As `locateFault` for earlier ones.
 */
export function honestCommitments(
  crypto: Crypto,
  state: ExecutionState,
  place: DisputedChunk,
  deployment: ReplayDeployment,
): Bytes32[] {
  return atChunk(crypto, state, place, deployment, (asserted) => {
    const { submission, chunk } = place;
    const { entryCount } = asserted;
    const { feeTokens } = asserted.context;
    const commitments: Bytes32[] = [];
    walkSteps(crypto, state, asserted, ({ slot, outcome, message }) => {
      if (!outcome.valid) {
        throw falseClaim(
          place,
          `the outcome of slot ${slot} of chunk ${chunk}`,
          'valid',
          `${outcome.code} (${message})`,
        );
      }
      commitments.push(stepCommitment(outcome.state, feeTokens));
      return undefined;
    });
    const last = commitments.pop();
    const end: StepState = { stateRoot: submission.roots[chunk + 1]!, fees: NO_FEES, visibleCount: entryCount };
    const claimed = stepCommitment(end, feeTokens);
    if (last !== claimed) throw falseClaim(place, `the state after chunk ${chunk}`, last, claimed);
    return commitments;
  });
}
