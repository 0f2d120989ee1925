/** How `./dev bench fraud` divides its work among processes, and what each of them reports. */

import type { DataPlace } from '../../../test/support/adversary/arena-data.ts';
import type { GriefingReport } from '../../../test/support/adversary/griefing.ts';
import { LIE_KINDS } from '../../../test/support/adversary/lie-kinds.ts';
import type { LieOutcome } from '../../../test/support/adversary/match.ts';
import type { ReplayReport } from '../../../test/support/adversary/thousand-match.ts';

/** Lies of a job; those of all jobs are all lies. */
export const LIES_PER_JOB = 15;
const LIE_JOBS = Math.ceil(LIE_KINDS.length / LIES_PER_JOB);

/** `lies` are those of one record, answer or root; `sequences` have company. */
export type FraudJob =
  | { readonly part: 'lies'; readonly job: number; readonly place: DataPlace }
  | { readonly part: 'sequences' | 'refusals' | 'thousand' }
  | { readonly part: 'griefing'; readonly isSlow: boolean };

/** What L1 said to an assertion that it has to refuse. */
export interface RefusalOutcome {
  readonly expected: string;
  readonly error: string | undefined;
}

/** What a job found. */
export interface FraudReport {
  readonly lies: Readonly<Record<string, LieOutcome>>;
  readonly refusals: Readonly<Record<string, RefusalOutcome>>;
  readonly honestBatches: number;
  /** Honest batches that did not become final, or that the watcher accused. */
  readonly honestHarmed: number;
  readonly griefing?: GriefingReport;
  readonly replay?: ReplayReport;
}

/** Everything but the timed replay. */
export const JOBS: readonly FraudJob[] = [
  ...(['calldata', 'blobs'] as const).flatMap((place) =>
    Array.from({ length: LIE_JOBS }, (_, job): FraudJob => ({ part: 'lies', job, place })),
  ),
  { part: 'sequences' },
  { part: 'refusals' },
  { part: 'griefing', isSlow: false },
  { part: 'griefing', isSlow: true },
];
