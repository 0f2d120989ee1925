/** What `./dev bench fraud` found, and what of it must not be. */

import type { GriefingReport } from '../../../test/support/adversary/griefing.ts';
import type { LieOutcome } from '../../../test/support/adversary/match.ts';
import type { ReplayReport } from '../../../test/support/adversary/thousand-match.ts';
import type { RefusalOutcome } from './fraud-jobs.ts';

/** The JSON that it prints. */
export interface FraudResult {
  readonly lies: Readonly<Record<string, LieOutcome>>;
  readonly refusedAtAssertion: Readonly<Record<string, RefusalOutcome>>;
  readonly honestBatches: number;
  readonly honestHarmed: number;
  /** The worst case: all disputes in the last block, and answers in the last moment. */
  readonly griefing: GriefingReport & {
    /** The delay when the asserter answers at once. */
    readonly promptDelaySeconds: number;
  };
  readonly replay: ReplayReport;
  readonly seconds: number;
}

/** Looks of the watcher within which it has to see a lie. */
const MAX_POLLS = 2;
const MIN_LIES = 10;
/** Errors of proofs of three right steps, and of one from another state. */
const STEP_ERRORS = 'NoFraud,NoFraud,NoFraud,WrongStateBefore';

/** One sentence for each thing that is not as it has to be. */
export function failuresOf({ lies, refusedAtAssertion, honestHarmed, griefing, replay }: FraudResult): string[] {
  const failures = Object.entries(lies).flatMap(([name, { overturned, polls }]) => {
    if (!overturned) return [`${name}: not overturned`];
    return polls >= 1 && polls <= MAX_POLLS ? [] : [`${name}: seen at look ${polls}, not within ${MAX_POLLS}`];
  });
  for (const [name, { expected, error }] of Object.entries(refusedAtAssertion)) {
    if (error !== expected) failures.push(`${name}: L1 said ${error ?? 'nothing'}, expected ${expected}`);
  }
  if (Object.keys(lies).length < MIN_LIES) failures.push(`only ${Object.keys(lies).length} lies were told`);
  if (honestHarmed > 0) failures.push(`${honestHarmed} honest batches were harmed`);
  const { delaySeconds, boundSeconds, stepErrors, tooLate } = griefing;
  if (!griefing.isFinal || !(delaySeconds <= boundSeconds)) {
    failures.push(`false disputes delayed an honest batch by ${delaySeconds} s, more than ${boundSeconds} s`);
  }
  if (stepErrors.join() !== STEP_ERRORS) failures.push(`proofs of right steps ended with ${stepErrors}`);
  if (tooLate !== 'TooLate') failures.push(`a dispute after the period ended with ${tooLate}`);
  if (!replay.isRight) failures.push('an honest batch of 1,000 transfers was called wrong');
  return failures;
}
