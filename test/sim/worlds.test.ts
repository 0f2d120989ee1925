import { strict as assert } from 'node:assert';
import { runWorld } from '../support/sim/run.ts';
import { describeViolation, planWorlds, runWorlds } from '../support/sim/worlds.ts';

const SEEDS = ['a', 'b', 'c', 'd', 'e', 'f'];
const STEPS = 80;

describe('Simulator: worlds', () => {
  for (const seed of SEEDS) {
    it(`keeps every promise, whatever fails (seed ${seed})`, async () => {
      const [world] = await runWorlds(seed, STEPS);
      assert.equal(world!.violation && describeViolation(world!), undefined);
      assert.equal(world!.steps, STEPS);
      assert.ok(world!.counts.get('acknowledged')! > 0);
    });
  }

  it('are the same ones again under the same seed, and others under another', async () => {
    const [first, again, other] = [await runWorld('g', 60), await runWorld('g', 60), await runWorld('h', 60)];
    assert.equal(again.digest, first.digest);
    assert.deepEqual(again.history, first.history);
    assert.notEqual(other.digest, first.digest);
  });

  it('have names under which each can be played alone', () => {
    assert.deepEqual(planWorlds('s', 500), [{ seed: 's', steps: 500 }]);
    assert.deepEqual(planWorlds('s', 1_100), [
      { seed: 's.1', steps: 500 },
      { seed: 's.2', steps: 500 },
      { seed: 's.3', steps: 100 },
    ]);
  });
});
