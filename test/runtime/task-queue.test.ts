import assert from 'node:assert/strict';
import { createTaskQueue } from '../../runtime/index.ts';

describe('runtime: the queue of tasks', () => {
  it('runs one task at a time, in order, and returns what each returns', async () => {
    const queue = createTaskQueue(3);
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

  it('refuses the task beyond its bound without running it, and accepts again once one has ended', async () => {
    const queue = createTaskQueue(2);
    const first = Promise.withResolvers<void>();
    const running = queue.run(() => first.promise);
    const waiting = queue.run(async () => undefined);
    assert.equal(queue.pending, 2);
    let ran = false;
    const beyond = queue.run(async () => {
      ran = true;
    });
    await assert.rejects(beyond, { code: 'QUEUE_FULL', data: { limit: 2, actual: 2 } });
    first.resolve();
    await Promise.all([running, waiting]);
    assert.equal(ran, false);
    await queue.run(async () => undefined);
    assert.equal(queue.pending, 0);
  });

  it('goes on after a task that failed or threw at once', async () => {
    const queue = createTaskQueue(3);
    const failed = queue.run(() => Promise.reject(new Error('first')));
    const threw = queue.run(() => {
      throw new Error('second');
    });
    const third = queue.run(async () => 3);
    await assert.rejects(failed, /first/);
    await assert.rejects(threw, /second/);
    assert.equal(await third, 3);
    assert.equal(queue.pending, 0);
  });

  it('drains when all that was accepted has ended, failures included', async () => {
    const queue = createTaskQueue(2);
    await queue.drain();
    const ended: string[] = [];
    const failed = queue.run(async () => {
      ended.push('first');
      throw new Error('first');
    });
    const second = queue.run(async () => {
      ended.push('second');
    });
    await Promise.all([assert.rejects(failed, /first/), queue.drain()]);
    assert.deepEqual(ended, ['first', 'second']);
    await second;
  });
});
