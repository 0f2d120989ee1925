/**
 * Properties by fast-check: generated inputs, the smallest one that fails, and a replay by seed. The seed is fixed, so
 * that a run on main and one of a branch see the same inputs; QUITTANCE_TEST_SEED gives another, and with
 * QUITTANCE_TEST_PATH, which a failure prints, exactly the input that failed.
 */

import fc from 'fast-check';
import { propertySeed } from './random.ts';

export interface PropertyOptions {
  /** Inputs that are tried. */
  readonly runs?: number;
  /** What has to hold over all runs together, for example that each case came up. Not asked after a failure. */
  readonly afterAll?: () => void;
}

/** Longest search for a smaller input that fails too. */
const SHRINK_LIMIT_MS = 30_000;

/** A test of `body` on generated inputs. */
export function property<Values extends [unknown, ...unknown[]]>(
  title: string,
  arbitraries: { [Index in keyof Values]: fc.Arbitrary<Values[Index]> },
  body: (...values: Values) => void | Promise<void>,
  { runs = 100, afterAll }: PropertyOptions = {},
): void {
  it(title, async () => {
    const seed = propertySeed();
    const path = process.env['QUITTANCE_TEST_PATH'];
    const checked = fc.asyncProperty(...arbitraries, async (...values: Values) => body(...values));
    const details = await fc.check(checked, {
      seed,
      numRuns: runs,
      interruptAfterTimeLimit: SHRINK_LIMIT_MS * 4,
      ...(path === undefined ? {} : { path, endOnFailure: true }),
    });
    if (details.failed) {
      const replay = `Replay with QUITTANCE_TEST_SEED=${seed} QUITTANCE_TEST_PATH=${details.counterexamplePath}`;
      throw new Error(`${await fc.asyncDefaultReportMessage(details)}\n${replay}`, { cause: details.errorInstance });
    }
    if (path === undefined) afterAll?.();
  });
}
