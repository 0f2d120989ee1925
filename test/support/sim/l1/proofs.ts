/** Proofs of the simulator: of chunks, which name what they prove, and of steps, which are judged by what is true. */

import type { StepProof } from '@quittance/chain';
import {
  type Bytes32,
  encodeWords,
  type Groth16Proof,
  keccakToField,
  RECORD_ERROR_CODES,
  stepCommitment,
  stepProofCommitment,
  unpackFeeTokens,
} from '@quittance/protocol';
import { type ExecutionContext, executeBatch, type StepTruth, type Truth } from '../ledger/execution.ts';
import type { Submission, TakenBatch } from './batches.ts';
import { refuse } from './calls.ts';

/** What a proof of a chunk shows: that these roots and this commitment belong to each other. */
export interface ChunkStatement {
  readonly oldRoot: bigint;
  readonly newRoot: bigint;
  readonly commitment: bigint;
}

const statementOf = ({ oldRoot, newRoot, commitment }: ChunkStatement): bigint =>
  keccakToField(encodeWords([oldRoot, newRoot, commitment]));

const statements = new WeakMap<Submission, bigint[]>();

/** What the proofs of a batch have to show, by chunk, computed once: replays of L1 ask again. */
function statementsOf(submission: Submission): bigint[] {
  const { roots, commitments } = submission;
  const known =
    statements.get(submission) ??
    commitments.map((commitment, chunk) =>
      statementOf({ oldRoot: roots[chunk]!, newRoot: roots[chunk + 1]!, commitment }),
    );
  statements.set(submission, known);
  return known;
}

/** The proof of a chunk. */
export function simProof(statement: ChunkStatement): Groth16Proof {
  return {
    a: [statementOf(statement), 2n],
    b: [
      [3n, 4n],
      [5n, 6n],
    ],
    c: [7n, 8n],
  };
}

/** Proves nothing. */
export const BAD_PROOF: Groth16Proof = {
  a: [1n, 1n],
  b: [
    [1n, 1n],
    [1n, 1n],
  ],
  c: [1n, 1n],
};

const shows = ({ a, c }: Groth16Proof, statement: bigint | undefined): boolean => a[0] === statement && c[0] === 7n;

/** Whether it is the proof of this statement. */
export const provesChunk = (proof: Groth16Proof, statement: ChunkStatement): boolean =>
  shows(proof, statementOf(statement));

/** Whether proofs are those of the chunks from `firstChunk` on. That these are true is judged apart. */
export function judgeProof(submission: Submission, proofs: readonly Groth16Proof[], firstChunk: number): boolean {
  const expected = statementsOf(submission);
  return proofs.every((proof, position) => shows(proof, expected[firstChunk + position]));
}

/** What L1 finds when it executes a step. */
export interface StepFinding {
  readonly isFraud: boolean;
  /** 0 for a valid record, else the place of its code among the rules, from 1. */
  readonly result: number;
  /** What its prover must have committed to. */
  readonly commitment: Bytes32;
}

export type JudgeStep = (
  batch: TakenBatch,
  proof: StepProof,
  answer: readonly Bytes32[],
  sender: string,
) => StepFinding;

const NO_FEES = [0n, 0n, 0n, 0n];

/**
 * Judges by executing the whole batch. A proof whose state before the step is not the true one is refused here, though the
 * contract would execute from it: an honest prover names the first wrong step, before which all is true.
 */
export function createStepJudge(context: ExecutionContext): JudgeStep {
  const known = new WeakMap<Truth, StepTruth[][]>();
  /** What is so after each step, by chunk, computed once: replays of L1 ask again. */
  const stepsOf = ({ submission, truth }: TakenBatch): StepTruth[][] => {
    const steps = known.get(truth) ?? submission.visible.map((): StepTruth[] => []);
    if (!known.has(truth)) executeBatch(context, truth.before, submission, (at, _, step) => steps[at]!.push(step()));
    known.set(truth, steps);
    return steps;
  };
  return (batch, { assertionId, chunk, slot, salt, before }, answer, sender) => {
    const { submission, truth: found } = batch;
    const steps = stepsOf(batch)[chunk]!;
    if (found.lie !== undefined && (found.lie.chunk < chunk || found.lie.what === 'it stands on a lie'))
      refuse('WrongState');
    const feeTokens = unpackFeeTokens(submission.feeTokens[chunk]!);
    const commitmentTo = ({ root, fees, visibleCount }: StepTruth): Bytes32 =>
      stepCommitment({ stateRoot: root, fees, visibleCount }, feeTokens);
    const start = { root: submission.roots[chunk]!, fees: NO_FEES, visibleCount: 0 };
    const previous = slot === 0 ? start : steps[slot - 1];
    const claimedBefore = slot === 0 ? commitmentTo(start) : answer[slot - 1];
    if (previous === undefined || commitmentTo(previous) !== claimedBefore) refuse('WrongState');
    if (stepCommitment(before, feeTokens) !== claimedBefore) refuse('WrongState');
    const after = steps[slot];
    const isLast = slot === answer.length;
    const end = {
      root: submission.roots[chunk + 1]!,
      fees: NO_FEES,
      visibleCount: submission.visible[chunk]!.length / 112,
    };
    const claimed = isLast ? commitmentTo(end) : answer[slot];
    const isInvalid = after === undefined;
    const code = found.lie?.what as (typeof RECORD_ERROR_CODES)[number];
    const outcome = isInvalid
      ? ({ valid: false, code } as const)
      : ({
          valid: true,
          state: { stateRoot: after.root, fees: after.fees, visibleCount: after.visibleCount },
        } as const);
    return {
      isFraud: isInvalid || commitmentTo(after) !== claimed,
      result: isInvalid ? RECORD_ERROR_CODES.indexOf(code) + 1 : 0,
      commitment: stepProofCommitment({ prover: sender, salt, assertionId, chunk, slot, outcome }),
    };
  };
}
