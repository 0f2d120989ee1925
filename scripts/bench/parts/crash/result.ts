/** What the crash bench ends with. */

import type { Verdict } from './judge.ts';
import type { ProbeCounts } from './probes.ts';

export interface CrashResult extends Verdict, ProbeCounts {
  readonly kills: number;
  /** How often the disk filled up. */
  readonly fullDisk: number;
}

/** Whether nothing was lost, done twice or damaged without a word, and L1 has the same state. */
export function isRight({ lost, doubled, rootsEqual, silent }: CrashResult): boolean {
  return lost === 0 && doubled === 0 && rootsEqual && silent === 0;
}
