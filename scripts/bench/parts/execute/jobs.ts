/** The parts of `./dev bench execute`, each of which runs in a process of its own, and what they report. */

import type { EngineTiming } from './timing.ts';

/** `engine` reference is the path of before: the rules in TypeScript, hashes and signatures one by one natively. */
export type ExecuteJob = SpeedJob | GrowthJob | RecordsJob;

interface SpeedJob {
  readonly part: 'speed';
  readonly engine: 'native' | 'reference';
  readonly accounts: number;
  readonly batches: number;
}

interface GrowthJob {
  readonly part: 'growth';
  readonly accounts: number;
  readonly batches: number;
}

export interface RecordsJob {
  readonly part: 'records';
  readonly seed: string;
  /** Worlds of a seed are numbered: jobs do not share any. */
  readonly firstWorld: number;
  readonly records: number;
}

/** What a state of so many accounts costs. */
export interface GrowthReport extends EngineTiming {
  readonly accounts: number;
  /** To write all accounts into an empty state. */
  readonly createSeconds: number;
  /** Resident bytes that the process has more than before it had the state. */
  readonly bytes: number;
  readonly bytesPerMillion: number;
}

/** What came of random records. */
export interface RecordsReport {
  /** All that were judged by the reference and by native engines of 1, 2 and 7 threads. */
  readonly records: number;
  /** Those among them that were executed, their traces, roots, commitments and changes compared byte by byte. */
  readonly executed: number;
  /** By kind and outcome, like `transfer/EXPIRED`. */
  readonly kinds: Readonly<Record<string, number>>;
  /** Batches in which two engines did not say the same, as sentences. */
  readonly differences: readonly string[];
}

/** What a job reports. */
export interface ExecuteReports {
  readonly speed: EngineTiming;
  readonly growth: GrowthReport;
  readonly records: RecordsReport;
}
