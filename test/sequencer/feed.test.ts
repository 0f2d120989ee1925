import { strict as assert } from 'node:assert';
import { setImmediate as turn } from 'node:timers/promises';
import { MOST_WAITING } from '../../sequencer/deliveries.ts';
import { createEventBus } from '../../sequencer/events.ts';
import { createFeed, type FeedListener } from '../../sequencer/feed.ts';
import type { History, HistoryEvent } from '../../sequencer/history.ts';
import type { LoggedEntry, Placement, Storage } from '../../storage/index.ts';
import { transferEntry } from '../support/storage/log-entries.ts';

/** A log of transfers from account 1 to account 2 but for those named, the third of which cannot be read. */
function createScene(between: Readonly<Record<number, readonly [from: number, to: number]>> = {}) {
  const events = createEventBus((error) => assert.fail(String(error)));
  const damaged = new Error('damaged');
  const entryOf = (sequence: number): LoggedEntry => {
    const entry = transferEntry(BigInt(sequence));
    const [from, to] = between[sequence] ?? [1, 2];
    const fields = { ...entry.operation.fields, kind: 1, from, to };
    return { sequence, receivedMs: 1, entry: { ...entry, operation: { ...entry.operation, fields } } };
  };
  const read: number[] = [];
  /** How many entries each batch has, its first at its number. */
  let batchSize = 2;
  const sequencesFrom = (first: number): number[] => Array.from({ length: 2_000 }, (_, offset) => first + offset);
  const storage = {
    log: {
      get(sequence: number) {
        read.push(sequence);
        if (sequence === 3) throw damaged;
        return entryOf(sequence);
      },
    },
    lookups: {
      from: (account: number, first: number, limit: number) =>
        sequencesFrom(first)
          .filter((sequence) => (between[sequence] ?? [1, 2]).includes(account))
          .slice(0, limit),
    },
    outcomes: {
      placementsOf: (batch: number) =>
        sequencesFrom(batch)
          .slice(0, batchSize)
          .map((sequence) => ({ sequence, batch })),
    },
  } as unknown as Pick<Storage, 'log' | 'lookups' | 'outcomes'>;
  const history = {
    eventOf: (logged: LoggedEntry, status: string, placement?: Placement) =>
      ({ logged, status, placement }) as unknown as HistoryEvent,
  } as unknown as History;
  const feed = createFeed({ events, storage, history });
  const told: string[] = [];
  const batches: (number | undefined)[] = [];
  const failures: unknown[] = [];
  const listener: FeedListener = {
    tell({ at, event }) {
      told.push(`${at}: ${event.logged.sequence} ${event.status}`);
      batches.push(event.placement?.batch);
    },
    fail: (error) => failures.push(error),
  };
  /** Until all is told. */
  const settle = async (isDone: () => boolean): Promise<void> => {
    for (let count = 0; !isDone(); count++) {
      assert.ok(count < 10_000);
      await turn();
    }
    await turn();
  };
  return {
    ...{ events, feed, told, batches, failures, listener, damaged, entryOf, read, settle },
    setBatchSize: (size: number) => {
      batchSize = size;
    },
  };
}

/** More turns than the few steps of a delivery take, however long each of them lasts. */
async function turns(): Promise<void> {
  for (let count = 0; count < 50; count++) await turn();
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
    await turns();
    assert.deepEqual(told, ['2: 7 pending', '2: 8 pending', '3: 7 dropped', '4: 8 posted', '4: 9 posted']);
    stop();
    events.emit('dropped', { sequences: [7] });
    await turns();
    assert.deepEqual([told.length, feed.position], [5, 5]);
  });

  it('tells nobody of entries that do not name his accounts', async () => {
    const { events, feed, told, listener, entryOf } = createScene();
    feed.listen(new Set([3]), listener);
    events.emit('appended', { entries: [entryOf(1)] });
    await turns();
    assert.deepEqual(told, []);
  });

  it('tells its listeners of what cannot be read, and goes on', async () => {
    const { events, feed, told, failures, listener, damaged } = createScene();
    feed.listen(new Set([1, 2]), listener);
    events.emit('batch', { number: 2, state: 'posted', transferCount: 2 });
    events.emit('batch', { number: 5, state: 'posted', transferCount: 2 });
    await turns();
    assert.deepEqual(failures, [damaged]);
    assert.deepEqual(told, ['1: 2 posted', '2: 5 posted', '2: 6 posted']);
  });

  it('reads of a batch only what names accounts that somebody listens for, with its place', async () => {
    const { events, feed, told, batches, listener, read, settle, setBatchSize } = createScene({
      ...{ 150: [9, 2], 700: [1, 9], 701: [9, 8], 1500: [9, 9] },
    });
    setBatchSize(1_000);
    const stop = feed.listen(new Set([8, 9]), listener);
    events.emit('batch', { number: 100, state: 'sealed', transferCount: 1_000 });
    await settle(() => told.length === 3);
    assert.deepEqual(told, ['1: 150 sealed', '1: 700 sealed', '1: 701 sealed']);
    assert.deepEqual(read, [150, 700, 701]);
    assert.deepEqual(batches, [100, 100, 100]);
    // Of an account in many entries, page by page.
    stop();
    feed.listen(new Set([1]), listener);
    events.emit('batch', { number: 100, state: 'posted', transferCount: 1_000 });
    await settle(() => told.length === 3 + 998);
    assert.equal(read.length, 3 + 998);
  });

  it('looks through the batch where that is less than looking for all accounts', async () => {
    const { events, feed, told, listener, read, settle } = createScene();
    feed.listen(new Set(Array.from({ length: 100 }, (_, index) => 2 + index)), listener);
    events.emit('batch', { number: 5, state: 'posted', transferCount: 2 });
    await settle(() => told.length === 2);
    assert.deepEqual(read, [5, 6]);
  });

  it('lets its listeners begin anew when more happens than it can keep, and keeps only what they listen for', async () => {
    const { events, feed, told, failures, listener, entryOf, settle } = createScene({ 1: [7, 7] });
    feed.listen(new Set([7]), listener);
    const [own, foreign] = [entryOf(1), entryOf(2)];
    const most = Array.from({ length: MOST_WAITING }, () => own);
    events.emit('appended', { entries: [...most.slice(1), foreign, foreign] });
    events.emit('appended', { entries: [foreign] });
    events.emit('appended', { entries: [own] });
    assert.deepEqual(failures, []);
    events.emit('appended', { entries: [own] });
    const [failure] = failures as unknown as [{ code: string; data: unknown }];
    assert.deepEqual([failures.length, failure.code], [1, 'RATE_LIMITED']);
    assert.deepEqual(failure.data, { retryAfterSeconds: 1, expected: MOST_WAITING, actual: MOST_WAITING + 1 });
    // Those that waited are forgotten.
    events.emit('appended', { entries: [own] });
    await settle(() => told.length > 0);
    assert.deepEqual(told, ['5: 1 pending']);
  });
});
