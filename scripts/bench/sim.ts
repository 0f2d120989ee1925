/**
 * `./dev bench sim [--seed S] [--steps N] [--json] [--save]`: a rollup with all of its processes in one, on a clock, a disk and an
 * L1 that fail in every way, held against an independent ledger after each step. Ends with code 1 when a promise is broken,
 * with the history of the world in which it was.
 */

import { randomBytes } from 'node:crypto';
import { parseArgs } from 'node:util';
import { describeViolation, runWorlds } from '../../test/support/sim/worlds.ts';
import { printResult } from './parts/options.ts';

const DEFAULT_STEPS = 10_000;

function readOptions() {
  try {
    const boolean = { type: 'boolean', default: false } as const;
    const string = { type: 'string' } as const;
    const { values } = parseArgs({ options: { json: boolean, save: boolean, seed: string, steps: string } });
    const steps = Number(values.steps ?? DEFAULT_STEPS);
    if (!Number.isSafeInteger(steps) || steps < 1) throw new Error('--steps takes a whole number from 1');
    const { json, save, seed = randomBytes(4).toString('hex') } = values;
    return { json, save, seed, steps };
  } catch (error) {
    console.error(`usage: ./dev bench sim [--seed S] [--steps N] [--json] [--save]: ${(error as Error).message}`);
    process.exit(2);
  }
}

const options = readOptions();
const startedMs = performance.now();
const worlds = await runWorlds(options.seed, options.steps, (world) => {
  if (world.violation !== undefined) console.error(describeViolation(world));
});
const seconds = (performance.now() - startedMs) / 1_000;
const steps = worlds.reduce((sum, world) => sum + world.steps, 0);
const violations = worlds.filter(({ violation }) => violation !== undefined).length;
const events: Record<string, number> = {};
for (const { counts } of worlds) for (const [what, count] of counts) events[what] = (events[what] ?? 0) + count;
const result = {
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
