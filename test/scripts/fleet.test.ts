import { strict as assert } from 'node:assert';
import { readFileSync } from 'node:fs';
import { EXPECTED_REFUSALS } from '../../scripts/bench/parts/fleet/hostile.ts';
import { type FleetResult, failuresOf } from '../../scripts/bench/parts/fleet/result.ts';
import { fleetSection } from '../../scripts/generate/performance/throughput.ts';

const RESULT: FleetResult = {
  ...{ workers: [1, 2, 4, 8], proofsPerSecond: [1, 2, 4, 7.2], efficiency: 0.9, releasedAfterSeconds: 40 },
  ...{ lostProofs: 0, keptProofs: 2, paid: '7', received: '7', refusals: EXPECTED_REFUSALS },
};

describe('the result of the fleet bench', () => {
  it('passes when everything is as it has to be', () => {
    assert.deepEqual(failuresOf(RESULT), []);
  });

  it('is told on the page of measurements, which says so when it is not', () => {
    const { machine } = JSON.parse(readFileSync('docs/performance/execute.json', 'utf8'));
    assert.doesNotMatch(fleetSection({ machine, result: RESULT }), /NO, SEE/);
    assert.match(fleetSection({ machine, result: { ...RESULT, received: '14' } }), /NO, SEE/);
  });

  const cases: Readonly<Record<string, readonly [changes: Partial<FleetResult>, failure: RegExp]>> = {
    'workers that hinder each other': [{ efficiency: 0.899 }, /0\.9 at least/],
    'a chunk that a dead worker keeps': [{ releasedAfterSeconds: 40.1 }, /40 at most/],
    'a proof that a restart lost': [{ lostProofs: 1 }, /1 proofs were lost/],
    'a restart that no proof saw': [{ keptProofs: 0 }, /nothing was shown/],
    'nothing paid': [{ paid: '0', received: '0' }, /paid 0/],
    'a reward that was paid twice': [{ received: '14' }, /paid 7 and have 14/],
    'a lie that was taken': [{ refusals: { ...EXPECTED_REFUSALS, wrong: 200 } }, /wrong was answered with 200/],
  };
  for (const [what, [changes, failure]] of Object.entries(cases)) {
    it(`fails for ${what}`, () => {
      const failures = failuresOf({ ...RESULT, ...changes });
      assert.equal(failures.length, 1);
      assert.match(failures[0]!, failure);
    });
  }
});
