/**
 * The way of a group to its judgement: operations, ids, what is cheap to refuse, signatures. A transfer that is in the log
 * already has its acknowledgement, whatever else would be said of it now.
 */

import { readWord, viewOf, WORD_BYTES } from '@quittance/protocol';
import type { BulkCrypto } from '../types.ts';
import type { Admission, Candidate } from './admission.ts';
import type { Checked, FindKnown, Job } from './job.ts';
import { identify, signatureItems } from './verify.ts';

/** What screening needs. */
export interface Screening {
  readonly admission: Admission;
  readonly bulk: BulkCrypto;
  readonly known: FindKnown;
}

/** Refuses a job with what `check` throws, unless it is in the log. @returns whether nothing was thrown. */
function passes({ job, id }: Checked, known: FindKnown, check: () => void): boolean {
  try {
    check();
    return true;
  } catch (error) {
    const acknowledgement = known(id);
    if (acknowledgement === undefined) job.refuse(error);
    else job.acknowledge(acknowledgement);
    return false;
  }
}

/** The jobs that ask for an operation which can have an id, with it. */
function readAll(jobs: readonly Job[], { admission, bulk }: Screening): Checked[] {
  const read = jobs.flatMap((job): { job: Job; candidate: Candidate }[] => {
    try {
      return [{ job, candidate: admission.read(job.submission) }];
    } catch (error) {
      job.refuse(error);
      return [];
    }
  });
  const ids = identify(
    bulk,
    admission,
    read.map(({ candidate }) => candidate),
  );
  const view = viewOf(ids);
  return read.map((one, position) => ({ ...one, id: readWord(view, position * WORD_BYTES) }));
}

/** Answers those that can be answered without their signatures. @returns the others. */
export function screen(jobs: readonly Job[], screening: Screening): Checked[] {
  const { admission, known } = screening;
  const counts = new Map<number, number>();
  return readAll(jobs, screening).filter((checked) => {
    const { from } = checked.candidate.operation.fields;
    const earlier = counts.get(from) ?? 0;
    const isLeft = passes(checked, known, () => admission.precheck(checked.candidate, earlier));
    if (isLeft) counts.set(from, earlier + 1);
    return isLeft;
  });
}

/** Answers those whose signatures do not verify. @returns the others. */
export async function refuseForged(
  group: readonly Checked[],
  { admission, bulk, known }: Screening,
): Promise<Checked[]> {
  if (group.length === 0) return [];
  const verdicts = await bulk.verifySignatures(signatureItems(group));
  const judging = admission.judgingContext();
  return group.filter((checked, position) =>
    passes(checked, known, () => {
      if (verdicts[position] !== 1) admission.refuseForged(checked.candidate, judging);
    }),
  );
}
