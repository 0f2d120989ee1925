/** A submitted transfer whose sender waits for an answer, and the answers. */

import { isRollupError, RecordKind, type RollupError } from '@quittance/protocol';
import type { SequencerMeasurements } from '../measurements.ts';
import type { Acknowledgement, TransferStatus } from '../types.ts';
import type { Admission, Candidate } from './admission.ts';
import type { OpenTransfer, Verdict } from './group.ts';
import type { TransferRequest } from './request.ts';

/** A submitted transfer whose sender waits. */
export class Job {
  readonly request: TransferRequest;
  readonly resolve: (acknowledgement: Acknowledgement) => void;
  readonly #reject: (error: unknown) => void;
  readonly #measurements: SequencerMeasurements;
  readonly answer: Promise<Acknowledgement>;

  constructor(request: TransferRequest, measurements: SequencerMeasurements) {
    const { promise, resolve, reject } = Promise.withResolvers<Acknowledgement>();
    this.request = request;
    this.answer = promise;
    this.resolve = resolve;
    this.#reject = reject;
    this.#measurements = measurements;
  }

  refuse(error: unknown): void {
    this.#measurements.refused.add(1, { reason: isRollupError(error) ? error.code : 'INTERNAL' });
    this.#reject(error);
  }
}

/** A job that can be accepted if its signature is good. */
export interface Checked {
  readonly job: Job;
  readonly candidate: Candidate;
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
  return failure !== undefined && depends ? { kind: 'refused', error: failure } : verdict;
}

/** Tells the sender. A repeated transfer has the acknowledgement of the one before, which is in the log by now. */
export function answer({ job, candidate }: Checked, verdict: Verdict, known: FindKnown): void {
  if (verdict.kind === 'refused') job.refuse(verdict.error);
  else if (verdict.kind === 'known') job.resolve(verdict.acknowledgement);
  else job.resolve(verdict.kind === 'repeated' ? known(candidate.id)! : acknowledge('pending', verdict.open));
}

/** Answers whatever was accepted before or can be refused without checking the signature. @returns the rest. */
export function prepare(jobs: readonly Job[], admission: Admission, known: FindKnown): Checked[] {
  return jobs.flatMap((job) => {
    try {
      const candidate = admission.identify(job.request);
      const acknowledgement = known(candidate.id);
      if (acknowledgement === undefined) {
        admission.precheck(candidate);
        return [{ job, candidate }];
      }
      job.resolve(acknowledgement);
    } catch (error) {
      job.refuse(error);
    }
    return [];
  });
}
