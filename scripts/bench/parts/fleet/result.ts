/** What `./dev bench fleet` measures, and what of it is a failure. */

import { EXPECTED_REFUSALS, type Refusals } from './hostile.ts';

export interface FleetResult {
  /** Simulated workers of each run. */
  readonly workers: readonly number[];
  /** Proofs a second of each run. */
  readonly proofsPerSecond: readonly number[];
  /** Of the largest run, as a part of so many times what one worker does. */
  readonly efficiency: number;
  /** Between the end of a worker and the next lease of its chunk. */
  readonly releasedAfterSeconds: number;
  /** Proofs that were being made when the sequencer was killed, and are not those that it took. */
  readonly lostProofs: number;
  /** Likewise, and were taken. */
  readonly keptProofs: number;
  /** Base units that provers earned and were paid. */
  readonly paid: string;
  /** What they have on their accounts. */
  readonly received: string;
  readonly refusals: Refusals;
}

const LEAST_EFFICIENCY = 0.9;
const MOST_RELEASE_SECONDS = 40;

/** What is not as it has to be; nothing when all is. */
export function failuresOf(result: FleetResult): string[] {
  const { efficiency, releasedAfterSeconds, lostProofs, keptProofs, paid, received, refusals } = result;
  const failures: string[] = [];
  if (efficiency < LEAST_EFFICIENCY)
    failures.push(`${efficiency} of what the workers could do, ${LEAST_EFFICIENCY} at least`);
  if (releasedAfterSeconds > MOST_RELEASE_SECONDS) {
    failures.push(
      `the chunk of a dead worker was leased again after ${releasedAfterSeconds} s, ${MOST_RELEASE_SECONDS} at most`,
    );
  }
  if (lostProofs > 0) failures.push(`${lostProofs} proofs were lost by a restart of the sequencer`);
  if (keptProofs === 0) failures.push('no proof was being made when the sequencer was killed: nothing was shown');
  if (paid === '0' || paid !== received) failures.push(`provers were paid ${paid} and have ${received}`);
  for (const [attack, expected] of Object.entries(EXPECTED_REFUSALS)) {
    const actual = refusals[attack];
    if (actual !== expected) failures.push(`${attack} was answered with ${actual}, expected ${expected}`);
  }
  return failures;
}
