import assert from 'node:assert/strict';
import { WorkerPool } from '../../prover/workers.ts';
import { assertRejects } from '../support/assertions.ts';

const SCRIPT = new URL('./fixtures/fickle-worker.ts', import.meta.url);

describe('prover: the pool of worker threads', () => {
  it('answers more requests than it has workers, each its own', async () => {
    const pool = new WorkerPool(SCRIPT, {}, 2);
    const values = Array.from({ length: 20 }, (_, value) => value);
    assert.deepEqual(await Promise.all(values.map((value) => pool.run({ act: 'echo', value }))), values);
    await pool.close();
  });

  it('passes errors on with code and data, and goes on', async () => {
    const pool = new WorkerPool(SCRIPT, {}, 1);
    const error = await assertRejects(pool.run({ act: 'refuse', value: 3 }), 'OUT_OF_RANGE');
    assert.equal(error.data['value'], 3);
    await assert.rejects(pool.run({ act: 'fail' }), /^Error: failed$/);
    assert.equal(await pool.run({ act: 'echo', value: 1 }), 1);
    await pool.close();
  });

  it('fails what runs, what waits and what comes later once a worker has died', async () => {
    const pool = new WorkerPool(SCRIPT, {}, 1);
    const results = await Promise.allSettled([pool.run({ act: 'die' }), pool.run({ act: 'echo', value: 1 })]);
    assert.deepEqual(
      results.map(({ status }) => status),
      ['rejected', 'rejected'],
    );
    assert.equal(pool.isBroken, true);
    await assert.rejects(pool.run({ act: 'echo', value: 1 }), /ended with code 7/);
    await pool.close();
  });

  it('fails a request that no message can carry, and goes on', async () => {
    const pool = new WorkerPool(SCRIPT, {}, 1);
    for (const value of [Symbol('x'), () => undefined]) {
      await assert.rejects(pool.run({ act: 'echo', value }), { name: 'DataCloneError' });
    }
    assert.equal(await pool.run({ act: 'echo', value: 1 }), 1);
    await pool.close();
  });

  it('cancels what runs and waits when it is closed', async () => {
    const pool = new WorkerPool(SCRIPT, {}, 1);
    const results = [pool.run({ act: 'echo', value: 1 }), pool.run({ act: 'echo', value: 2 })];
    const codes = Promise.all(results.map((result) => result.catch((error) => error.code)));
    await pool.close();
    assert.deepEqual(await codes, ['CANCELLED', 'CANCELLED']);
  });
});
