/**
 * The way of a group to its judgement: operations, ids, what is cheap to refuse, signatures. A transfer that is in the log
 * already has its acknowledgement, whatever else would be said of it now.
 */

import { RollupError, readWord, viewOf, WORD_BYTES } from '@quittance/protocol';
import type { BulkCrypto } from '../types.ts';
import type { Admission, Candidate } from './admission.ts';
import { type Foresight, foreseen, GroupForesight } from './foreseen.ts';
import { answerKnown, type Checked, type Job, refuseByPending } from './job.ts';
import type { FindKnown } from './known.ts';
import { type Identified, identify, referenceItems, signatureItems } from './verify.ts';

/** What screening needs. */
export interface Screening {
  readonly admission: Admission;
  readonly bulk: BulkCrypto;
  /** How many nonces ahead a transfer of an account from an address may be, to wait for those before it. */
  readonly reachOf: (account: number, address: string) => number;
  readonly known: FindKnown;
  /** As that of the log's writer: what is judged by then is told after it. */
  readonly settled: () => Promise<void> | undefined;
}

/** Refuses a job with what `check` throws, unless it is in the log. @returns whether nothing was thrown. */
function passes(checked: Checked, screening: Screening, check: () => void, isWasted = false): boolean {
  try {
    check();
    return true;
  } catch (error) {
    const found = screening.known(checked.id);
    if (found === undefined) refuseByPending(checked, error, isWasted, screening);
    else answerKnown(checked.job, found);
    return false;
  }
}

/** The jobs that ask for an operation which can have an id, with it. */
function readAll(jobs: readonly Job[], screening: Screening): Checked[] {
  const { admission, bulk } = screening;
  const read = jobs.flatMap((job): { job: Job; candidate: Candidate }[] => {
    try {
      return [{ job, candidate: admission.read(job.submission) }];
    } catch (error) {
      refuseByPending({ job }, error, false, screening);
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

function badReference(): RollupError {
  return new RollupError('BAD_REFERENCE', 'the signature of the payment reference does not verify for this transfer', {
    expected: 'a signature by the key of the sender',
    actual: 'another',
  });
}

/** The transfers of a group of which a signature is bad. */
interface Forged {
  readonly transfers: ReadonlySet<Identified>;
  readonly references: ReadonlySet<Identified>;
}

/** Checks all signatures of a group at once, but those that were checked before a transfer waited. */
async function findForged(group: readonly Checked[], { bulk }: Screening): Promise<Forged> {
  const unknown = group.filter(({ job, id, candidate }) => !job.isKnownGood(id, candidate.sender.keyY));
  if (unknown.length === 0) return { transfers: new Set(), references: new Set() };
  const own = signatureItems(unknown);
  const references = referenceItems(bulk, unknown);
  const items = new Uint8Array(own.length + references.items.length);
  items.set(own);
  items.set(references.items, own.length);
  const verdicts = await bulk.verifySignatures(items);
  return {
    transfers: new Set(unknown.filter((_, position) => verdicts[position] !== 1)),
    references: new Set(references.of.filter((_, position) => verdicts[unknown.length + position] !== 1)),
  };
}

/** Answers those whose signatures do not verify. @returns the others, whose keys are known then. */
async function refuseForged(group: readonly Checked[], screening: Screening): Promise<Checked[]> {
  const { admission } = screening;
  if (group.length === 0) return [];
  const { transfers, references } = await findForged(group, screening);
  const judging = admission.judgingContext();
  const check = (checked: Checked): void => {
    if (transfers.has(checked)) admission.refuseForged(checked.candidate, judging);
    if (references.has(checked)) throw badReference();
  };
  const good = group.filter((checked) => passes(checked, screening, () => check(checked), true));
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
  const { admission, reachOf } = screening;
  const foresight = new GroupForesight();
  const judging = admission.judgingContext();
  const isOpen = (checked: Checked): boolean => {
    const { candidate } = checked;
    const { from } = candidate.operation.fields;
    const { sent, received } = foreseen(from, [before, foresight]);
    const earlier = { sent: Math.max(sent, reachOf(from, checked.job.source.address)), received };
    const isLeft = passes(checked, screening, () => admission.precheck(candidate, earlier, judging));
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
