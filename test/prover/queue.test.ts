import assert from 'node:assert/strict';
import { TaskQueue } from '../../prover/queue.ts';
import { assertRejects } from './fixtures/rejects.ts';

describe('prover: the queue of chunks', () => {
  it('runs one task at a time, in order', async () => {
    const queue = new TaskQueue(3);
    const events: string[] = [];
    const task = (name: string) => async (): Promise<string> => {
      events.push(`${name} begins`);
      await Promise.resolve();
      events.push(`${name} ends`);
      return name;
    };
    assert.deepEqual(await Promise.all(['a', 'b', 'c'].map((name) => queue.run(task(name)))), ['a', 'b', 'c']);
    assert.deepEqual(
      events,
      ['a', 'b', 'c'].flatMap((name) => [`${name} begins`, `${name} ends`]),
    );
  });

  it('refuses the task beyond its bound and accepts again once one has ended', async () => {
    const queue = new TaskQueue(2);
    let release: () => void = () => undefined;
    const first = queue.run(
      () =>
        new Promise<void>((settle) => {
          release = settle;
        }),
    );
    const second = queue.run(async () => undefined);
    assert.equal(queue.pending, 2);
    const error = await assertRejects(
      queue.run(async () => undefined),
      'QUEUE_FULL',
    );
    assert.equal(error.data['limit'], 2);
    release();
    await Promise.all([first, second]);
    await queue.run(async () => undefined);
    await queue.drain();
    assert.equal(queue.pending, 0);
  });

  it('goes on after a task that failed', async () => {
    const queue = new TaskQueue(2);
    await assert.rejects(
      queue.run(() => Promise.reject(new Error('first'))),
      /first/,
    );
    assert.equal(await queue.run(async () => 2), 2);
  });
});
