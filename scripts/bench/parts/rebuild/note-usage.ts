/** Imported before a program (node --import): writes what it used into the file QUITTANCE_BENCH_USAGE when it ends. */

import { writeFileSync } from 'node:fs';

/** What a process used from its start to its end. */
export interface Usage {
  readonly peakBytes: number;
  readonly cpuSeconds: number;
}

const file = process.env['QUITTANCE_BENCH_USAGE'];
process.once('exit', () => {
  const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();
  // KiB and microseconds.
  const usage: Usage = { peakBytes: maxRSS * 1_024, cpuSeconds: (userCPUTime + systemCPUTime) / 1e6 };
  if (file !== undefined) writeFileSync(file, JSON.stringify(usage));
});
