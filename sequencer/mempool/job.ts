/** A submitted transfer whose sender waits for an answer, and the answers. */

import { isPassing, isRollupError, type RollupError } from '@quittance/protocol';
import type { SequencerContext } from '../context.ts';
import type { SequencerMeasurements } from '../measurements.ts';
import type { Acknowledgement, Answer } from '../types.ts';
import type { Verdict } from './group.ts';
import { acknowledge, type FindKnown, isSameReference, type Known, referenceKept } from './known.ts';
import { referenceOf, type Submission } from './request.ts';
import type { Source } from './turns.ts';
import type { Identified } from './verify.ts';

/** A submitted transfer whose sender waits. */
export class Job {
  readonly submission: Submission;
  readonly source: Source;
  /** Unix milliseconds at which it came. */
  readonly receivedMs: number;
  readonly #settle: (answer: Answer) => void;
  #isSettled = false;
  readonly #measurements: SequencerMeasurements;
  #good: { readonly id: bigint; readonly keyY: bigint } | undefined;

  /** @param settle told what became of it: the first answer that it gets. */
  constructor(
    submission: Submission,
    source: Source,
    measurements: SequencerMeasurements,
    settle: (answer: Answer) => void,
    receivedMs = 0,
  ) {
    this.submission = submission;
    this.source = source;
    this.receivedMs = receivedMs;
    this.#settle = settle;
    this.#measurements = measurements;
  }

  /** All of its signatures are good by this key, for a transfer with this id. */
  noteGood(id: bigint, keyY: bigint): void {
    this.#good = { id, keyY };
  }

  isKnownGood(id: bigint, keyY: bigint): boolean {
    return this.#good?.id === id && this.#good.keyY === keyY;
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
  source: Source,
  { measurements, statistics, clock }: Pick<SequencerContext, 'measurements' | 'statistics' | 'clock'>,
): { readonly jobs: Job[]; readonly answers: Promise<Answer[]> } {
  const { promise, resolve } = Promise.withResolvers<Answer[]>();
  const answers = new Array<Answer>(submissions.length);
  let open = submissions.length;
  if (open === 0) resolve(answers);
  const receivedMs = clock.nowMs();
  const jobs = submissions.map((submission, position) => {
    const settle = (answer: Answer): void => {
      if ('error' in answer) statistics.refused();
      answers[position] = answer;
      open -= 1;
      if (open === 0) resolve(answers);
    };
    return new Job(submission, source, measurements, settle, receivedMs);
  });
  return { jobs, answers: promise };
}

/** A job that can be accepted if its signature is good. */
export interface Checked extends Identified {
  readonly job: Job;
}

/** The verdict, unless the commit that it depends on has failed: a refusal may rest on what was to be committed, too. */
export function unlessLost(verdict: Verdict, failure: RollupError | undefined): Verdict {
  if (failure === undefined || verdict.kind === 'known') return verdict;
  return { kind: 'refused', error: failure, isOurs: true };
}

/**
 * Refuses a transfer by what is pending. Where some of that is on its way, it is told once that is durable: a transfer that was
 * sent again is in the log by then, and what is lost refuses nothing.
 *
 * @param settled as that of `LogWriter`. @param id undefined where it could not be read.
 */
export function refuseByPending(
  { job, id }: { readonly job: Job; readonly id?: bigint },
  error: unknown,
  isWasted: boolean,
  { known, settled }: { readonly known: FindKnown; readonly settled: () => Promise<void> | undefined },
): void {
  const settling = settled();
  if (settling === undefined) {
    job.refuse(error, isWasted);
    return;
  }
  const tell = (): void => {
    const found = id === undefined ? undefined : known(id);
    if (found === undefined) job.refuse(error, isWasted);
    else answerKnown(job, found);
  };
  settling.then(tell, (lost: unknown) => job.refuse(lost));
}

/** Tells the sender of a transfer that is in the log. One that names another payment reference than was kept is told so. */
export function answerKnown(job: Job, { acknowledgement, reference: kept }: Known): void {
  const sent = referenceOf(job.submission);
  if (sent === undefined || (kept !== undefined && isSameReference(sent, kept))) job.acknowledge(acknowledgement);
  else job.refuse(referenceKept(kept, sent));
}

/**
 * Tells the sender, whose signature was checked: a refusal that is no fault of ours is to be paid for. A repeated transfer has
 * the acknowledgement of the one before, which is in the log by now.
 */
export function answer({ job, id }: Checked, verdict: Verdict, known: FindKnown): void {
  // What was on its way when it was judged, perhaps the very same transfer, is in the log by now.
  const found = verdict.kind === 'refused' && verdict.isOurs !== true ? known(id) : undefined;
  if (found !== undefined) answerKnown(job, found);
  else if (verdict.kind === 'refused') job.refuse(verdict.error, !isPassing(verdict.error) && verdict.isOurs !== true);
  else if (verdict.kind === 'accepted') job.acknowledge(acknowledge('pending', verdict.open));
  else answerKnown(job, verdict.kind === 'known' ? verdict.known : known(id)!);
}

/** Answers a group of which nothing new can be taken: what is in the log has its acknowledgement all the same. */
export function refuseUnknown(group: readonly Checked[], known: FindKnown, reason: RollupError): void {
  for (const { job, id } of group) {
    const found = known(id);
    if (found === undefined) job.refuse(reason);
    else answerKnown(job, found);
  }
}
