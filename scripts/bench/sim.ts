/**
 * `./dev bench sim [--seed S] [--steps N] [--json] [--save]`: a rollup with all of its processes in one, on a clock, a disk and an
 * L1 that fail in every way, held against an independent ledger after each step. Ends with code 1 when a promise is broken,
 * with the history of the world in which it was.
 */

import { randomBytes } from 'node:crypto';
import { describeViolation, runWorlds } from '../../test/support/sim/worlds.ts';
import { readArguments } from './parts/arguments.ts';
import { printResult } from './parts/options.ts';
import type { SimResult } from './parts/sim/result.ts';

/** Some days. */
const MOST_STEPS = 100_000_000;

const options = readArguments(
  'usage: ./dev bench sim [--seed S] [--steps N] [--json] [--save]',
  { seed: randomBytes(4).toString('hex'), steps: '10000' },
  (whole, { seed }) => ({ seed, steps: whole('steps', 1, MOST_STEPS) }),
);
const startedMs = performance.now();
const worlds = await runWorlds(options.seed, options.steps, (world) => {
  if (world.violation !== undefined) console.error(describeViolation(world));
});
const seconds = (performance.now() - startedMs) / 1_000;
const steps = worlds.reduce((sum, world) => sum + world.steps, 0);
const violations = worlds.filter(({ violation }) => violation !== undefined).length;
const events: Record<string, number> = {};
for (const { counts } of worlds) for (const [what, count] of counts) events[what] = (events[what] ?? 0) + count;
const result: SimResult = {
  seed: options.seed,
  steps,
  stepsPerMinute: Math.round((60 * steps) / seconds),
  worlds: worlds.length,
  violations,
  events: Object.fromEntries(Object.entries(events).sort()),
};
printResult(result, { name: 'sim', ...options, slots: 0 }, [
  `seed ${result.seed}: ${steps} steps in ${worlds.length} worlds, ${result.stepsPerMinute} a minute, ${violations} broken`,
  ...Object.entries(result.events).map(([what, count]) => `${String(count).padStart(8)} ${what}`),
]);
process.exit(violations === 0 ? 0 : 1);
