import { strict as assert } from 'node:assert';
import { failuresOf, type RebuildResult, secondsPerBatch } from '../../scripts/bench/parts/rebuild/result.ts';

const RESULT: RebuildResult = {
  ...{ batches: 1_006, transfers: 1_000_000, accounts: 2_000, seconds: 40, cpuSeconds: 50 },
  ...{ secondsPerBatchFirstHalf: 0.04, secondsPerBatchSecondHalf: 0.04, peakBytes: 3e8 },
  ...{ resumed: true, rootsEqual: true },
};

describe('the result of the rebuild bench', () => {
  it('passes when everything is as it has to be', () => {
    assert.deepEqual(failuresOf(RESULT), []);
    assert.deepEqual(failuresOf({ ...RESULT, secondsPerBatchSecondHalf: 0.06 }), []);
  });

  const cases: Readonly<Record<string, readonly [changes: Partial<RebuildResult>, failure: RegExp]>> = {
    'another state': [{ rootsEqual: false }, /not the one on L1$/],
    'a run that began anew': [{ resumed: false }, /did not go on/],
    'batches that take longer and longer': [{ secondsPerBatchSecondHalf: 0.0601 }, /it is not linear$/],
  };
  for (const [what, [changes, failure]] of Object.entries(cases)) {
    it(`fails for ${what}`, () => {
      const failures = failuresOf({ ...RESULT, ...changes });
      assert.equal(failures.length, 1);
      assert.match(failures[0]!, failure);
    });
  }

  it('takes the time of a batch from the lines of progress', () => {
    const lines = [
      { atMs: 1_000, done: 10 },
      { atMs: 1_100, done: 20 },
      { atMs: 3_000, done: 60 },
    ];
    assert.equal(secondsPerBatch(lines), 0.04);
    assert.deepEqual([secondsPerBatch([]), secondsPerBatch(lines.slice(1, 2))], [0, 0]);
  });
});
