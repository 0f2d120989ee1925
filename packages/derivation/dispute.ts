/**
 * Both sides of a dispute about one chunk: the honest answer, and the step in which an answer is wrong.
 * Source: docs/protocol.md, Disputes. Twin: contracts/Assertions.sol proveStep.
 */

import {
  type Bytes32,
  type Crypto,
  RollupError,
  type RollupState,
  type StepState,
  stepCommitment,
} from '@quittance/protocol';
import { type AssertedChunk, type AssertedSubmission, chunksOf } from './asserted-chunk.ts';
import { requireFirstRoot } from './assertion.ts';
import { explainFault, type ProvableFault } from './fault.ts';
import type { ReplayDeployment } from './replay.ts';
import { executeDecided, type LeafChange, NO_FEES, undoChanges } from './run.ts';
import { walkSteps } from './steps.ts';

/** Where a dispute is. */
export interface DisputedChunk {
  readonly submission: AssertedSubmission;
  readonly chunk: number;
}

function mismatch({ submission, chunk }: DisputedChunk, expected: bigint, actual: bigint): RollupError {
  return new RollupError(
    'STATE_MISMATCH',
    `assertion ${submission.number} is wrong before chunk ${chunk}: its root is ${actual}, the records give ${expected}`,
    { batch: submission.number, chunk, expected, actual },
  );
}

/**
 * Calls `act` with `state` before the disputed chunk, and puts it back. Earlier chunks must be right but for their
 * signatures, which are not looked at.
 */
function atChunk<T>(
  crypto: Crypto,
  state: RollupState,
  place: DisputedChunk,
  deployment: ReplayDeployment,
  act: (chunk: AssertedChunk) => T,
): T {
  const { submission, chunk } = place;
  requireFirstRoot(state, submission);
  const chunks = chunksOf(submission, deployment);
  const disputed = chunks[chunk];
  if (disputed === undefined) {
    throw new RollupError('NOT_FOUND', `assertion ${submission.number} has no chunk ${chunk}`, { chunk });
  }
  const done: LeafChange[] = [];
  try {
    for (const [position, { records, context }] of chunks.slice(0, chunk).entries()) {
      done.push(...executeDecided(crypto, state, records, context));
      const claimed = submission.roots[position + 1]!;
      if (state.root !== claimed) throw mismatch(place, state.root, claimed);
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
 * @throws RollupError STATE_MISMATCH, FEES_NOT_COLLECTED or the code of a rule when an earlier chunk is wrong beyond its
 * signatures: dispute that one. NOT_FOUND for a chunk that is none.
 */
export function locateFault(
  crypto: Crypto,
  state: RollupState,
  place: DisputedChunk,
  answer: readonly Bytes32[],
  deployment: ReplayDeployment,
): ProvableFault | undefined {
  return atChunk(crypto, state, place, deployment, (asserted) => {
    const { chunk, submission } = place;
    const { records, context } = asserted;
    const last: StepState = { stateRoot: submission.roots[chunk + 1]!, fees: NO_FEES };
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
 * @throws RollupError STATE_MISMATCH when this chunk is wrong: nothing would defend it. As `locateFault` for earlier ones.
 */
export function honestCommitments(
  crypto: Crypto,
  state: RollupState,
  place: DisputedChunk,
  deployment: ReplayDeployment,
): Bytes32[] {
  return atChunk(crypto, state, place, deployment, (asserted) => {
    const { submission, chunk } = place;
    const { feeTokens } = asserted.context;
    const commitments: Bytes32[] = [];
    walkSteps(crypto, state, asserted, ({ slot, outcome, message }) => {
      if (!outcome.valid) {
        throw new RollupError('STATE_MISMATCH', `slot ${slot} of chunk ${chunk} is invalid: ${message}`, {
          slot,
          code: outcome.code,
        });
      }
      commitments.push(stepCommitment(outcome.state, feeTokens));
      return undefined;
    });
    const end = stepCommitment({ stateRoot: submission.roots[chunk + 1]!, fees: NO_FEES }, feeTokens);
    if (commitments.pop() === end) return commitments;
    throw new RollupError('STATE_MISMATCH', `chunk ${chunk} does not lead to the root that the assertion claims`, {
      chunk,
    });
  });
}
