import { strict as assert } from 'node:assert';
import type { HistoryEntryJson, HistoryPageJson } from '@quittance/rpc';
import fc from 'fast-check';
import { systemClock } from '../../runtime/index.ts';
import { startReplay } from '../../sequencer/api/replay.ts';
import { type Api, startApi } from '../../sequencer/index.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { property } from '../support/property/property.ts';
import { alice, bob, createPayerHarness, type PayerHarness } from '../support/sequencer/payer.ts';
import { rpc, transferJson } from '../support/sequencer/rpc.ts';
import { connect, type Message } from '../support/sequencer/socket.ts';
import { until } from '../support/until.ts';

const PAGE = 3;

/** A log whose entries change, a queue of what happened, and a client that is told. */
function createWorld(first: number | undefined) {
  /** By place, from 1: how often the entry changed. */
  const versions: number[] = [];
  const waiting: { readonly place: number; readonly version: number; readonly at: number }[] = [];
  const told: [place: number, version: number][] = [];
  const turns: (() => void)[] = [];
  let position = 0;
  const happened = (place: number): void => {
    position += 1;
    waiting.push({ place, version: versions[place - 1]!, at: position });
  };
  const world = {
    versions,
    told,
    start() {
      const { join, done } = startReplay({
        first,
        read: (from) =>
          versions
            .map((version, index) => ({ place: index + 1, value: [index + 1, version] as [number, number] }))
            .filter(({ place }) => place >= from)
            .slice(0, PAGE),
        position: () => position,
        send: async (value) => void told.push(value),
        turn: <R>(work: () => R) =>
          new Promise<Awaited<R>>((resolve) => turns.push(() => resolve(work() as Awaited<R>))) as Promise<R>,
        isEnded: () => false,
      });
      world.join = join;
      return done;
    },
    join: undefined as ReturnType<typeof startReplay>['join'] | undefined,
    append() {
      versions.push(0);
      happened(versions.length);
    },
    change(place: number) {
      if (versions.length === 0) return;
      const index = place % versions.length;
      versions[index]! += 1;
      happened(index + 1);
    },
    /** Something of the queue reaches the client. */
    deliver() {
      const next = waiting.shift();
      if (next === undefined || world.join === undefined) return;
      if (world.join.isNew(next.place, next.at)) told.push([next.place, next.version]);
    },
    async turn() {
      turns.shift()?.();
      await new Promise((resolve) => setImmediate(resolve));
    },
    get isIdle() {
      return waiting.length === 0 && turns.length === 0;
    },
  };
  return world;
}

describe('Sequencer: the past and what comes', () => {
  const step = fc.oneof(
    fc.constantFrom('append' as const, 'deliver' as const, 'turn' as const),
    fc.record({ change: fc.nat({ max: 20 }) }),
  );
  type Step = 'append' | 'deliver' | 'turn' | { change: number };
  property<[Step[], Step[], number | undefined]>(
    'are told without a gap and nothing twice, whenever what happened comes through',
    [
      fc.array(step, { maxLength: 15 }),
      fc.array(step, { maxLength: 40 }),
      fc.option(fc.integer({ min: 1, max: 12 }), { nil: undefined }),
    ],
    async (before, after, first) => {
      const world = createWorld(first);
      const run = async (steps: readonly Step[]): Promise<void> => {
        for (const one of steps) {
          if (one === 'append') world.append();
          else if (one === 'deliver') world.deliver();
          else if (one === 'turn') await world.turn();
          else world.change(one.change);
        }
      };
      await run(before);
      const known = [...world.versions];
      const done = world.start();
      await run(after);
      while (!world.isIdle) {
        world.deliver();
        await world.turn();
      }
      await done;
      for (const [index, last] of world.versions.entries()) {
        const place = index + 1;
        const told = world.told.filter(([other]) => other === place).map(([, version]) => version);
        const isReplayed = first !== undefined && place >= first;
        // What was there before a client asked for no past is told with its next change.
        const start = isReplayed ? told[0]! : known[index] === undefined ? 0 : known[index] + 1;
        const expected = Array.from({ length: Math.max(0, last - start + 1) }, (_, offset) => start + offset);
        assert.deepEqual(told, expected, `place ${place}`);
        if (isReplayed) assert.ok(told.length > 0);
      }
    },
    { runs: 60 },
  );
});

describe('Sequencer: subscriptions with a past', () => {
  let harness: PayerHarness;
  let api: Api;
  let nonce = 0;

  const pay = () => transferJson(harness.sign(alice, harness.payment(nonce++)));
  const heardBy = (messages: readonly Message[], subscription: unknown) =>
    messages.flatMap(({ params }) =>
      params !== undefined && params.subscription === subscription ? [params.result] : [],
    );

  before(async () => {
    harness = await createPayerHarness();
    api = await startApi({ sequencer: harness.sequencer, clock: systemClock });
  });
  after(async () => {
    await api.stop();
    await harness.close();
  });

  it('tell of accounts everything from a place on and each change of it, as their histories do', async () => {
    const client = await connect(api.url);
    const accounts = [harness.from, harness.to];
    for (let count = 0; count < 40; count++) await rpc(api.url, 'rollup_sendTransfer', { transfer: pay() });
    await harness.settle();
    const { result: subscription } = await client.call(1, 'rollup_subscribe', {
      topic: 'accounts',
      ...{ accounts, fromSequence: 1 },
    });
    const sent: Promise<unknown>[] = [];
    for (let count = 0; count < 40; count++) sent.push(rpc(api.url, 'rollup_sendTransfer', { transfer: pay() }));
    await Promise.all(sent);
    harness.chain.deposit(bob.keyPair.publicKey.y, bob.owner, 0, 9n);
    const deposits = harness.sequencer.status().priorityOperations;
    await harness.until(() => harness.sequencer.status().priorityOperations > deposits, 'the deposit');
    await harness.settle();
    const heard = () => heardBy(client.messages, subscription) as unknown as HistoryEntryJson[];
    await harness.until(() => {
      const final = heard().filter(({ status }) => status === 'final');
      return final.length >= 83;
    }, 'all of it');
    const byStatus = new Map<number, string[]>();
    for (const { sequence, status } of heard()) byStatus.set(sequence, [...(byStatus.get(sequence) ?? []), status]);
    const life = ['pending', 'sealed', 'proving', 'posted', 'final'];
    for (const statuses of byStatus.values()) assert.deepEqual(statuses, life.slice(-statuses.length));
    const histories = await Promise.all(
      accounts.map(async (account) => {
        const { body } = await rpc(api.url, 'rollup_getHistory', { account, limit: 100 });
        return (body.result as HistoryPageJson).entries;
      }),
    );
    const all = new Map(histories.flat().map((entry) => [entry.sequence, entry]));
    const last = new Map(heard().map((entry) => [entry.sequence, entry]));
    assert.deepEqual(
      new Map([...last].sort(([one], [other]) => one - other)),
      new Map([...all].sort(([one], [other]) => one - other)),
    );
    client.socket.close();
  });

  it('tell of what comes only, to whoever asks for nothing else, and of no other accounts', async () => {
    const client = await connect(api.url);
    const ask = async (id: number, accounts: number[]) =>
      (await client.call(id, 'rollup_subscribe', { topic: 'accounts', accounts })).result;
    const [own, others] = [await ask(1, [harness.to]), await ask(2, [0])];
    await rpc(api.url, 'rollup_sendTransfer', { transfer: pay() });
    await client.find(({ params }) => params?.subscription === own);
    assert.deepEqual(
      heardBy(client.messages, own).map(({ status }) => status),
      ['pending'],
    );
    await client.call(3, 'rollup_unsubscribe', { subscription: own });
    await rpc(api.url, 'rollup_sendTransfer', { transfer: pay() });
    await harness.settle();
    assert.equal(heardBy(client.messages, own).length, 1);
    assert.deepEqual(heardBy(client.messages, others), []);
    client.socket.close();
  });

  it('tell of batches from one on, as they are now, and then of each change', async () => {
    const client = await connect(api.url);
    const last = harness.sequencer.status().sealedBatch;
    const { result: subscription } = await client.call(1, 'rollup_subscribe', { topic: 'batches', fromBatch: 2 });
    const numbers = () => heardBy(client.messages, subscription).map(({ number, state }) => `${number} ${state}`);
    await harness.until(() => numbers().length >= last - 1, 'the past');
    await rpc(api.url, 'rollup_sendTransfer', { transfer: pay() });
    await harness.settle();
    await harness.until(() => numbers().includes(`${last + 1} final`), 'the next one');
    const past = Array.from({ length: last - 1 }, (_, index) => `${index + 2} final`);
    const next = ['sealed', 'proving', 'posted', 'final'].map((state) => `${last + 1} ${state}`);
    assert.deepEqual(numbers(), [...past, ...next]);
    const [summary] = heardBy(client.messages, subscription);
    assert.deepEqual(
      [summary?.['transferCount'], summary?.['chunkCount'], typeof summary?.['stateRoot']],
      [0, 1, 'string'],
    );
    client.socket.close();
  });

  it('tell of transfers who pays whom how much', async () => {
    const client = await connect(api.url);
    await client.call(1, 'rollup_subscribe', { topic: 'transfers' });
    await rpc(api.url, 'rollup_sendTransfer', { transfer: pay() });
    const { params } = await client.find((message) => message.params !== undefined);
    const { id, sequence, ...rest } = params!.result;
    assert.deepEqual([typeof id, typeof sequence], ['string', 'number']);
    assert.deepEqual(rest, {
      ...{ status: 'pending', from: harness.from, to: harness.to, tokenId: 0 },
      ...{ amount: '1', fee: '10', reference: null },
    });
    client.socket.close();
  });

  it('refuse more than 100 accounts', async () => {
    const client = await connect(api.url);
    const accounts = Array.from({ length: 101 }, (_, index) => index);
    const refused = await client.call(1, 'rollup_subscribe', { topic: 'accounts', accounts });
    assert.equal(refused.error?.data.reason, 'INVALID_PARAMS');
    client.socket.close();
  });

  it('wait with the past while its reader may ask for nothing more', async () => {
    const allowance = { max: 100, windowMs: 1_000 };
    const clock = createManualClock();
    const slow = await startApi({ sequencer: harness.sequencer, clock, config: { allowance } });
    const client = await connect(slow.url);
    const { result: subscription } = await client.call(1, 'rollup_subscribe', {
      ...{ topic: 'accounts', accounts: [harness.from], fromSequence: 1 },
    });
    const { body } = await rpc(api.url, 'rollup_getHistory', { account: harness.from, limit: 1 });
    const [newest] = (body.result as HistoryPageJson).entries;
    const isThere = () => client.messages.some(({ params }) => params?.result['sequence'] === newest?.sequence);
    await until(async () => {
      await clock.advance(1_000);
      return isThere();
    }, 'the newest entry');
    const sequences = heardBy(client.messages, subscription).map(({ sequence }) => sequence as number);
    assert.deepEqual(
      sequences,
      [...sequences].sort((one, other) => one - other),
    );
    assert.equal(new Set(sequences).size, sequences.length);
    client.socket.close();
    await slow.stop();
  });
});
