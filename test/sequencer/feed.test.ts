import { strict as assert } from 'node:assert';
import { setImmediate as turn } from 'node:timers/promises';
import { createEventBus } from '../../sequencer/events.ts';
import { createFeed, type FeedListener } from '../../sequencer/feed.ts';
import type { History, HistoryEvent } from '../../sequencer/history.ts';
import type { LoggedEntry, Storage } from '../../storage/index.ts';
import { transferEntry } from '../support/storage/log-entries.ts';

/** A feed over a log of transfers from account 1 to account 2, the third of which cannot be read. */
function createScene() {
  const events = createEventBus((error) => assert.fail(String(error)));
  const damaged = new Error('damaged');
  const entryOf = (sequence: number): LoggedEntry => ({
    ...{ sequence, receivedMs: 1 },
    entry: transferEntry(BigInt(sequence)),
  });
  const storage = {
    log: {
      get(sequence: number) {
        if (sequence === 3) throw damaged;
        return entryOf(sequence);
      },
    },
    outcomes: { placementsOf: (batch: number) => [{ sequence: batch }, { sequence: batch + 1 }] },
  } as unknown as Pick<Storage, 'log' | 'outcomes'>;
  const history = {
    eventOf: (logged: LoggedEntry, status: string) => ({ logged, status }) as unknown as HistoryEvent,
  } as unknown as History;
  const feed = createFeed({ events, storage, history });
  const told: string[] = [];
  const failures: unknown[] = [];
  const listener: FeedListener = {
    tell: ({ at, event }) => told.push(`${at}: ${event.logged.sequence} ${event.status}`),
    fail: (error) => failures.push(error),
  };
  return { events, feed, told, failures, listener, damaged, entryOf };
}

describe('Sequencer: the feed of accounts', () => {
  it('numbers what happens, and tells of it in order, an entry once whoever is named', async () => {
    const { events, feed, told, listener, entryOf } = createScene();
    events.emit('appended', { entries: [entryOf(1)] });
    const stop = feed.listen(new Set([1, 2]), listener);
    events.emit('appended', { entries: [entryOf(7), entryOf(8)] });
    events.emit('dropped', { sequences: [7] });
    events.emit('batch', { number: 8, state: 'posted', transferCount: 2 });
    assert.equal(feed.position, 4);
    await turn();
    assert.deepEqual(told, ['2: 7 pending', '2: 8 pending', '3: 7 dropped', '4: 8 posted', '4: 9 posted']);
    stop();
    events.emit('dropped', { sequences: [7] });
    await turn();
    assert.deepEqual([told.length, feed.position], [5, 5]);
  });

  it('tells nobody of entries that do not name his accounts', async () => {
    const { events, feed, told, listener, entryOf } = createScene();
    feed.listen(new Set([3]), listener);
    events.emit('appended', { entries: [entryOf(1)] });
    await turn();
    assert.deepEqual(told, []);
  });

  it('tells its listeners of what cannot be read, and goes on', async () => {
    const { events, feed, told, failures, listener, damaged } = createScene();
    feed.listen(new Set([1, 2]), listener);
    events.emit('batch', { number: 2, state: 'posted', transferCount: 2 });
    events.emit('batch', { number: 5, state: 'posted', transferCount: 2 });
    await turn();
    assert.deepEqual(failures, [damaged]);
    assert.deepEqual(told, ['1: 2 posted', '2: 5 posted', '2: 6 posted']);
  });
});
