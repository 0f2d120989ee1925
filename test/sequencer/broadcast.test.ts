import { strict as assert } from 'node:assert';
import { setImmediate as turn } from 'node:timers/promises';
import { createBroadcast, type Listener } from '../../sequencer/api/broadcast.ts';
import { createShares } from '../../sequencer/api/shares.ts';
import { createSubscriptions } from '../../sequencer/api/subscriptions.ts';
import { MOST_WAITING } from '../../sequencer/deliveries.ts';
import { createEventBus } from '../../sequencer/events.ts';
import type { Feed, FeedListener } from '../../sequencer/feed.ts';
import type { HistoryEvent } from '../../sequencer/history.ts';
import type { Queries } from '../../sequencer/queries.ts';
import type { LoggedTransfer } from '../../storage/index.ts';
import { transferEntry } from '../support/storage/log-entries.ts';

/** A sequencer whose transfers pay from account 1 to account 2, with how often it was asked to say so. */
function createScene() {
  const events = createEventBus((error) => assert.fail(String(error)));
  const asked = { transfers: 0, batches: 0 };
  const feedListeners: FeedListener[] = [];
  const feed: Feed = {
    position: 5,
    listen(_, listener) {
      feedListeners.push(listener);
      return () => void feedListeners.splice(feedListeners.indexOf(listener), 1);
    },
  };
  const queries = {
    history: {
      transferOf() {
        asked.transfers += 1;
        const [from, to] = [{ index: 1, tokenId: 0 }, { index: 2 }];
        return { from, to, amount: 3n, fee: 4n, reference: undefined };
      },
    },
    overview() {
      asked.batches += 1;
      return undefined;
    },
  } as unknown as Queries;
  const sequencer = { events, feed, queries };
  const broadcast = createBroadcast(sequencer);
  const heard: string[] = [];
  const failures: string[] = [];
  const listener = (name: string): Listener => ({
    tell(news) {
      try {
        heard.push(`${name} ${news.place} ${JSON.parse(news.text()).status}`);
      } catch (error) {
        failures.push(`${name} ${(error as { code: string }).code}`);
      }
    },
    fail: (error) => failures.push(`${name} ${(error as { code: string }).code}`),
  });
  const happen = (sequence: number): void => {
    const logged = { sequence, receivedMs: 1, entry: transferEntry(BigInt(sequence)) } as LoggedTransfer;
    events.emit('transfer', { id: BigInt(sequence), sequence, status: 'pending', logged });
  };
  return { events, sequencer, broadcast, asked, heard, failures, listener, happen, feedListeners };
}

/** More turns than the few steps of a delivery take, however long each of them lasts. */
async function turns(): Promise<void> {
  for (let count = 0; count < 50; count++) await turn();
}

describe('Sequencer: what all subscribers are told', () => {
  it('is encoded once, for those who asked for it, in a later turn than it happened in', async () => {
    const { broadcast, asked, heard, listener, happen } = createScene();
    for (const name of ['a', 'b']) broadcast.toTransfers(undefined, listener(name));
    broadcast.toTransfers(new Set([7n, 8n]), listener('c'));
    const stop = broadcast.toTransfers(new Set([7n]), listener('d'));
    happen(7);
    assert.deepEqual([heard, asked.transfers], [[], 0]);
    await turns();
    assert.deepEqual(heard, ['a 7 pending', 'b 7 pending', 'c 7 pending', 'd 7 pending']);
    assert.equal(asked.transfers, 1);
    stop();
    happen(9);
    happen(7);
    await turns();
    assert.deepEqual(heard.slice(4), ['a 9 pending', 'b 9 pending', 'a 7 pending', 'b 7 pending', 'c 7 pending']);
    assert.equal(asked.transfers, 3);
  });

  it('is nothing that happened before somebody listened, and costs nothing where nobody does', async () => {
    const { broadcast, asked, heard, listener, happen } = createScene();
    broadcast.toTransfers(new Set([7n]), listener('a'));
    happen(7);
    broadcast.toTransfers(undefined, listener('b'));
    await turns();
    assert.deepEqual(heard, ['a 7 pending']);
    const other = createScene();
    other.broadcast.toTransfers(new Set([1n]), other.listener('a'));
    for (let sequence = 2; sequence < MOST_WAITING + 10; sequence++) other.happen(sequence);
    await turns();
    assert.deepEqual([other.heard, other.failures, asked.transfers], [[], [], 1]);
  });

  it('ends where more happens than can be told of, and where something cannot be read', async () => {
    const { events, broadcast, heard, failures, listener, happen } = createScene();
    broadcast.toTransfers(undefined, listener('a'));
    broadcast.toBatches(listener('b'));
    for (let sequence = 1; sequence <= MOST_WAITING; sequence++) happen(sequence);
    assert.deepEqual(failures, []);
    happen(MOST_WAITING + 1);
    assert.deepEqual(failures, ['a RATE_LIMITED']);
    events.emit('batch', { number: 1, state: 'sealed', transferCount: 1 });
    await turns();
    assert.deepEqual(heard, []);
    // What had happened before it began to listen, by the number of the feed.
    assert.deepEqual(failures, ['a RATE_LIMITED']);
  });

  it('is the same text for all who listen to accounts', () => {
    const { broadcast, feedListeners, listener } = createScene();
    const texts: string[] = [];
    const keep: Listener = { ...listener('a'), tell: (news) => texts.push(news.text()) };
    const stops = [1, 2].map((account) => broadcast.toAccounts(new Set([account]), keep));
    let encoded = 0;
    const logged = { sequence: 7, receivedMs: 1, entry: transferEntry(7n) };
    const party = { index: 1, owner: 2n, keyY: 3n, tokenId: 0 };
    const event = {
      ...{ type: 'transfer', logged, placement: undefined, reason: undefined, from: party, to: party },
      ...{ amount: 1n, fee: 2n, reference: undefined },
      get status() {
        encoded += 1;
        return 'pending';
      },
    } as unknown as HistoryEvent;
    for (const { tell } of feedListeners) tell({ at: 6, event });
    assert.equal(new Set(texts).size, 1);
    assert.deepEqual([texts.length, encoded], [2, 1]);
    for (const stop of stops) stop();
    assert.equal(feedListeners.length, 0);
  });
});

describe('Sequencer: the subscriptions of a connection', () => {
  it('end with it, and none begins any more when a call comes through later', async () => {
    const { broadcast, sequencer, happen } = createScene();
    const shares = createShares(10);
    const told: string[] = [];
    const { methods, clear } = createSubscriptions(sequencer, broadcast, {
      limit: 3,
      reserve: (names) => shares.take('a', names) ?? { refusal: 'no room' },
      notify: (_, text) => told.push(text),
      replay: () => assert.fail('no past was asked for'),
      turn: () => assert.fail('no past was asked for'),
      fail: (error) => assert.fail(String(error)),
    });
    const subscribe = () => methods['rollup_subscribe']!({ topic: 'transfers', ids: ['7'] });
    subscribe();
    assert.equal(shares.total, 1);
    clear();
    assert.throws(subscribe, { data: { reason: 'TOO_MANY_SUBSCRIPTIONS' }, message: 'this connection has ended' });
    happen(7);
    await turns();
    assert.deepEqual([told, shares.total], [[], 0]);
  });
});

describe('Sequencer: shares of addresses', () => {
  it('end at what one may have, and are given back once', () => {
    const shares = createShares(10);
    const [some, rest] = [shares.take('a', 7), shares.take('a', 3)];
    assert.deepEqual([shares.take('a', 1), shares.total], [undefined, 10]);
    shares.take('b', 10)!();
    for (let times = 0; times < 3; times++) some!();
    assert.equal(shares.total, 3);
    assert.deepEqual([shares.take('a', 8), typeof shares.take('a', 7)], [undefined, 'function']);
    rest!();
    assert.equal(shares.total, 7);
  });
});
