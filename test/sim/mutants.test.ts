import { strict as assert } from 'node:assert';
import { MUTANTS } from '../support/sim/mutants.ts';
import { runWorld } from '../support/sim/run.ts';

const STEPS = 100;

describe('Simulator: bugs planted by hand', () => {
  it('are ten at least', () => {
    assert.ok(MUTANTS.length >= 10);
    assert.equal(new Set(MUTANTS.map(({ name }) => name)).size, MUTANTS.length);
  });

  for (const { name, seams, withinSteps, world: first } of MUTANTS) {
    it(`finds one that ${name} within ${withinSteps} steps`, async () => {
      for (let played = 0, world = first; played < withinSteps; played += STEPS, world += 1) {
        const { violation } = await runWorld(`mutant ${world}`, STEPS, seams);
        if (violation !== undefined) return;
      }
      assert.fail(`not found in ${withinSteps} steps`);
    });
  }
});
