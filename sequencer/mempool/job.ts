/** A submitted transfer whose sender waits for an answer, and the answers. */

import { isPassing, isRollupError, RecordKind, type RollupError } from '@quittance/protocol';
import type { SequencerMeasurements } from '../measurements.ts';
import type { Acknowledgement, Answer, TransferStatus } from '../types.ts';
import type { OpenTransfer, Verdict } from './group.ts';
import type { Submission } from './request.ts';
import type { Identified } from './verify.ts';

/** A submitted transfer whose sender waits. */
export class Job {
  readonly submission: Submission;
  readonly #settle: (answer: Answer) => void;
  #isSettled = false;
  readonly #measurements: SequencerMeasurements;

  /** @param settle told what became of it: the first answer that it gets. */
  constructor(submission: Submission, measurements: SequencerMeasurements, settle: (answer: Answer) => void) {
    this.submission = submission;
    this.#settle = settle;
    this.#measurements = measurements;
  }

  acknowledge(acknowledgement: Acknowledgement): void {
    if (this.#isSettled) return;
    this.#isSettled = true;
    this.#settle({ acknowledgement });
  }

  /** @param isWasted whether its signature was checked for nothing. */
  refuse(error: unknown, isWasted = false): void {
    if (this.#isSettled) return;
    this.#isSettled = true;
    this.#measurements.refused.add(1, { reason: isRollupError(error) ? error.code : 'INTERNAL' });
    this.#settle({ error, isWasted });
  }
}

/** Jobs for submissions that arrived together, and what becomes of each, in order, once that is known of all. */
export function createJobs(
  submissions: readonly Submission[],
  measurements: SequencerMeasurements,
): { readonly jobs: Job[]; readonly answers: Promise<Answer[]> } {
  const { promise, resolve } = Promise.withResolvers<Answer[]>();
  const answers = new Array<Answer>(submissions.length);
  let open = submissions.length;
  if (open === 0) resolve(answers);
  const jobs = submissions.map((submission, position) => {
    const settle = (answer: Answer): void => {
      answers[position] = answer;
      open -= 1;
      if (open === 0) resolve(answers);
    };
    return new Job(submission, measurements, settle);
  });
  return { jobs, answers: promise };
}

/** A job that can be accepted if its signature is good. */
export interface Checked extends Identified {
  readonly job: Job;
}

/** The acknowledgement of a transfer that is in the log, by its id. */
export type FindKnown = (id: bigint) => Acknowledgement | undefined;

/** What the sender of a durable transfer is told. */
export function acknowledge(
  status: TransferStatus,
  { sequence, entry }: Pick<OpenTransfer, 'sequence' | 'entry'>,
): Acknowledgement {
  const { id, operation } = entry;
  const { kind, to } = operation.fields;
  return { id, sequence, status, ...(kind === RecordKind.transferToNew ? { to } : {}) };
}

/** The verdict, unless the commit that it depends on has failed. */
export function unlessLost(verdict: Verdict, failure: RollupError | undefined): Verdict {
  const depends = verdict.kind === 'accepted' || verdict.kind === 'repeated';
  return failure !== undefined && depends ? { kind: 'refused', error: failure, isOurs: true } : verdict;
}

/**
 * Tells the sender, whose signature was checked: a refusal that is no fault of ours is to be paid for. A repeated transfer has
 * the acknowledgement of the one before, which is in the log by now.
 */
export function answer({ job, id }: Checked, verdict: Verdict, known: FindKnown): void {
  if (verdict.kind === 'refused') job.refuse(verdict.error, !isPassing(verdict.error) && verdict.isOurs !== true);
  else if (verdict.kind === 'known') job.acknowledge(verdict.acknowledgement);
  else job.acknowledge(verdict.kind === 'repeated' ? known(id)! : acknowledge('pending', verdict.open));
}

/** Answers a group of which nothing new can be taken: what is in the log has its acknowledgement all the same. */
export function refuseUnknown(group: readonly Checked[], known: FindKnown, reason: RollupError): void {
  for (const { job, id } of group) {
    const acknowledgement = known(id);
    if (acknowledgement === undefined) job.refuse(reason);
    else job.acknowledge(acknowledgement);
  }
}
