/**
 * The way of a group to its judgement: operations, ids, what is cheap to refuse, signatures. A transfer that is in the log
 * already has its acknowledgement, whatever else would be said of it now.
 */

import { readWord, viewOf, WORD_BYTES } from '@quittance/protocol';
import type { BulkCrypto } from '../types.ts';
import type { Admission, Candidate } from './admission.ts';
import { type Foresight, foreseen, GroupForesight } from './foreseen.ts';
import type { Checked, FindKnown, Job } from './job.ts';
import { identify, signatureItems } from './verify.ts';

/** What screening needs. */
export interface Screening {
  readonly admission: Admission;
  readonly bulk: BulkCrypto;
  readonly known: FindKnown;
}

/** Refuses a job with what `check` throws, unless it is in the log. @returns whether nothing was thrown. */
function passes({ job, id }: Checked, known: FindKnown, check: () => void, isWasted = false): boolean {
  try {
    check();
    return true;
  } catch (error) {
    const acknowledgement = known(id);
    if (acknowledgement === undefined) job.refuse(error, isWasted);
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

/** Answers those whose signatures do not verify. @returns the others, whose keys are known then. */
async function refuseForged(group: readonly Checked[], { admission, bulk, known }: Screening): Promise<Checked[]> {
  if (group.length === 0) return [];
  const verdicts = await bulk.verifySignatures(signatureItems(group));
  const judging = admission.judgingContext();
  const good = group.filter((checked, position) =>
    passes(checked, known, () => verdicts[position] === 1 || admission.refuseForged(checked.candidate, judging), true),
  );
  await admission.learnKeys(good.map(({ candidate }) => candidate));
  return good;
}

/** A group on its way to its judgement. */
export interface Screened {
  /** What can be accepted if its signature is good. */
  readonly group: readonly Checked[];
  /** What it may do. */
  readonly foresight: Foresight;
  /** Those whose signatures are good; the others are answered. Rejects when that cannot be found out. */
  readonly good: Promise<readonly Checked[]>;
}

/**
 * Answers those that can be answered without their signatures, and has those of the others checked.
 *
 * @param before what the group before may do, where that is not judged yet.
 */
export function screen(jobs: readonly Job[], screening: Screening, before?: Foresight): Screened {
  const { admission, known } = screening;
  const foresight = new GroupForesight();
  const judging = admission.judgingContext();
  const isOpen = (checked: Checked): boolean => {
    const { candidate } = checked;
    const earlier = foreseen(candidate.operation.fields.from, [before, foresight]);
    const isLeft = passes(checked, known, () => admission.precheck(candidate, earlier, judging));
    if (isLeft) foresight.add(candidate.operation);
    return isLeft;
  };
  try {
    const group = readAll(jobs, screening).filter(isOpen);
    const good = refuseForged(group, screening);
    // Whoever takes the group hears of it; until then nobody listens, and what nobody listens to ends the process.
    good.catch(() => undefined);
    return { group, foresight, good };
  } catch (error) {
    for (const job of jobs) job.refuse(error);
    return { group: [], foresight, good: Promise.resolve([]) };
  }
}
