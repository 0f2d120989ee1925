import { strict as assert } from 'node:assert';
import { signLine, signTimes } from '../../scripts/bench/parts/sdk/result.ts';
import { signMany } from '../../scripts/bench/parts/sdk/sign-many.ts';

describe('times of signatures', () => {
  it('leave the first one out, which prepares tables', () => {
    const times = signTimes([500, ...Array.from({ length: 100 }, (_, index) => 100 - index)]);
    assert.deepEqual(times, { count: 100, firstMs: 500, medianMs: 51, p95Ms: 96 });
    assert.equal(signLine('Node', times), 'Node      median 51.0 ms, 95% 96.0 ms of 100; the first 500.0 ms');
  });

  it('are none of one signature', () => {
    assert.throws(() => signTimes([1]), RangeError);
  });

  it('are taken of each', () => {
    assert.equal(signMany(3).length, 3);
  });
});
