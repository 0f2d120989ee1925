import assert from 'node:assert/strict';
import { Dispatcher, type DispatcherOptions } from '../../../sequencer/fleet/dispatcher.ts';
import type { Lease, WorkerIdentity } from '../../../sequencer/fleet/types.ts';
import { statementAt } from '../../support/fleet/statements.ts';
import { createManualClock } from '../../support/manual-clock.ts';

const own = (name: string): WorkerIdentity => ({ id: name, name, kind: 'own' });
const stranger = (name: string): WorkerIdentity => ({ id: name, name, kind: 'market', payee: { keyY: 1n, owner: 1n } });
const asking = (worker: WorkerIdentity, instance = 'machine') => ({ worker, instance });

function open(count = 2, changes: Partial<DispatcherOptions> = {}) {
  const clock = createManualClock();
  const leased: Lease[] = [];
  const accepted = new Map<string, number>();
  const dispatcher = new Dispatcher({
    ...{ clock, window: 64, localLeases: 1, acceptedOf: (id) => accepted.get(id) ?? 0 },
    onLease: (lease) => void leased.push(lease),
    ...changes,
  });
  const statements = Array.from({ length: count }, (_, chunk) => statementAt(1, chunk));
  for (const statement of statements) dispatcher.open(statement);
  return { clock, dispatcher, statements, leased, accepted };
}

describe('fleet dispatcher', () => {
  it('gives out the oldest chunk, over several batches, and no further than the window', () => {
    const { dispatcher } = open(0, { window: 3 });
    for (const [batch, chunk] of [
      [2, 1],
      [1, 1],
      [2, 0],
      [1, 0],
    ] as const)
      dispatcher.open(statementAt(batch, chunk));
    const places = ['a', 'b', 'c', 'd'].map((name) => {
      const statement = dispatcher.pick(asking(own(name)))?.statement;
      return statement && [statement.batch, statement.chunk];
    });
    assert.deepEqual(places, [[1, 0], [1, 1], [2, 0], undefined]);
    // One that is proven makes room for the next.
    dispatcher.prove(statementAt(1, 0).id, asking(own('a')));
    assert.equal(dispatcher.pick(asking(own('d')))?.statement.chunk, 1);
  });

  it('ends a lease after three heartbeats that are missing, and not before', async () => {
    const { clock, dispatcher } = open(1);
    const lease = dispatcher.pick(asking(own('a')))!;
    await clock.advance(20_000);
    assert.equal(dispatcher.heartbeat(lease.id, lease.statement.id, asking(own('a'))), true);
    await clock.advance(29_999);
    assert.equal(dispatcher.pick(asking(own('b'))), undefined);
    await clock.advance(1);
    assert.equal(dispatcher.pick(asking(own('b')))?.statement.id, lease.statement.id);
  });

  it('counts a silence as a failure: others come first, and whoever only takes chunks gets ever less', async () => {
    const expired: unknown[] = [];
    const onExpired: DispatcherOptions['onExpired'] = ({ worker, statement }, reason) =>
      void expired.push([worker.name, statement.chunk, reason]);
    const { clock, dispatcher, statements } = open(1, { onExpired });
    for (const [count, pauseMs] of [2_000, 4_000, 8_000, 16_000].entries()) {
      assert.equal(dispatcher.pick(asking(own('a')))?.statement.id, statements[0]!.id);
      await clock.advance(29_999);
      assert.equal(dispatcher.leases.length, 1);
      await clock.advance(1);
      assert.equal(dispatcher.leases.length, 0);
      assert.deepEqual(expired, Array(count + 1).fill(['a', 0, 'silent']));
      // It rests for ten seconds from this chunk in any case, so another one shows the pause.
      dispatcher.open(statementAt(1, 1));
      await clock.advance(pauseMs - 1);
      assert.equal(dispatcher.pick(asking(own('a'))), undefined);
      await clock.advance(1);
      const next = dispatcher.pick(asking(own('a')))!;
      dispatcher.release(next.statement.id, asking(own('a')));
      dispatcher.close(1);
      dispatcher.open(statements[0]!);
      await clock.advance(10_000);
    }
    assert.equal(dispatcher.activity.list()[0]?.failures, 4);
    // What it is proving all the same it may deliver, and begins anew.
    dispatcher.prove(statements[0]!.id, asking(own('a')));
    dispatcher.open(statementAt(2, 0));
    dispatcher.pick(asking(own('a')));
    await clock.advance(30_000);
    assert.equal(dispatcher.leases.length, 0);
    dispatcher.open(statementAt(2, 1));
    await clock.advance(2_000);
    assert.ok(dispatcher.pick(asking(own('a'))));
  });

  it('counts one silence once, whatever number of chunks it ends', async () => {
    const { clock, dispatcher, statements } = open(8);
    for (const _ of statements) {
      assert.ok(dispatcher.pick(asking(own('a'))));
      await clock.advance(1_000);
    }
    for (let second = 0; second < 30; second += 1) {
      await clock.advance(1_000);
      dispatcher.pick(asking(own('b'), 'looks'));
    }
    assert.equal(dispatcher.activity.list().find(({ worker }) => worker.name === 'a')?.failures, 8);
    dispatcher.open(statementAt(2, 0));
    assert.ok(dispatcher.pick(asking(own('a'))), 'its pause of two seconds is over');
  });

  it('tells who waits when a lease has ended', async () => {
    const { clock, dispatcher } = open(1);
    dispatcher.pick(asking(own('a')));
    let calls = 0;
    const stop = dispatcher.onWork(() => {
      calls += 1;
    });
    await clock.advance(30_000);
    assert.equal(dispatcher.leases.length, 0);
    assert.equal(calls, 1);
    stop();
    dispatcher.close();
    assert.equal(calls, 1);
  });

  it('takes up a lease again that it does not know, for whoever is still at it', async () => {
    const { clock, dispatcher, statements } = open(1);
    const [statement] = statements;
    assert.equal(dispatcher.heartbeat('of before the restart', statement!.id, asking(own('a'))), true);
    assert.equal(dispatcher.pick(asking(own('b'))), undefined);
    // A stranger to it does not take it over, and may go on all the same: any valid proof counts.
    assert.equal(dispatcher.heartbeat('of before the restart', statement!.id, asking(own('b'))), true);
    assert.deepEqual(
      dispatcher.leases.map(({ worker }) => worker.name),
      ['a'],
    );
    await clock.advance(30_000);
    assert.equal(dispatcher.heartbeat('of before the restart', statementAt(9, 9).id, asking(own('a'))), false);
  });

  it('gives the oldest chunk a second worker after three times the median, and no third', async () => {
    const { clock, dispatcher } = open(5);
    for (const chunk of [0, 1, 2]) {
      dispatcher.pick(asking(own('quick')));
      await clock.advance(1_000);
      dispatcher.prove(statementAt(1, chunk).id, asking(own('quick')));
    }
    const slow = dispatcher.pick(asking(own('slow')))!;
    dispatcher.pick(asking(own('other')));
    await clock.advance(3_000);
    assert.equal(dispatcher.pick(asking(own('second'))), undefined);
    await clock.advance(1);
    assert.equal(dispatcher.pick(asking(own('slow'))), undefined, 'not the one that is slow');
    // Only the oldest: the other one is late, too.
    assert.equal(dispatcher.pick(asking(own('second')))?.statement.id, slow.statement.id);
    assert.equal(dispatcher.pick(asking(own('third'))), undefined);
  });

  it('gives no second worker while nobody knows how long a proof takes, until ten minutes by three are over', async () => {
    const { clock, dispatcher } = open(1);
    const lease = dispatcher.pick(asking(own('a')))!;
    for (let beats = 0; beats < 180; beats += 1) {
      await clock.advance(10_000);
      assert.ok(dispatcher.heartbeat(lease.id, lease.statement.id, asking(own('a'))));
    }
    assert.equal(dispatcher.pick(asking(own('b'))), undefined);
    await clock.advance(1);
    assert.ok(dispatcher.pick(asking(own('b'))));
  });

  it('gives whoever failed another chunk first, and less the more it fails', async () => {
    const { clock, dispatcher, statements } = open(2);
    const [first, second] = statements;
    assert.equal(dispatcher.pick(asking(own('a')))?.statement.id, first!.id);
    dispatcher.fail(first!.id, asking(own('a')));
    assert.equal(dispatcher.pick(asking(own('a'))), undefined, 'a pause');
    assert.equal(dispatcher.pick(asking(own('b')))?.statement.id, first!.id);
    dispatcher.release(first!.id, asking(own('b')));
    await clock.advance(2_000);
    assert.equal(dispatcher.pick(asking(own('a')))?.statement.id, second!.id);
    dispatcher.fail(second!.id, asking(own('a')));
    await clock.advance(3_999);
    assert.equal(dispatcher.pick(asking(own('a'))), undefined);
    await clock.advance(1);
    // The first is offered to it again before its rest is over for the second.
    assert.equal(dispatcher.pick(asking(own('a')))?.statement.id, first!.id);
  });

  it('offers a chunk again to the only worker that there is', async () => {
    const { clock, dispatcher, statements } = open(1);
    dispatcher.pick(asking(own('a')));
    dispatcher.fail(statements[0]!.id, asking(own('a')));
    await clock.advance(9_999);
    assert.equal(dispatcher.pick(asking(own('a'))), undefined);
    await clock.advance(1);
    assert.ok(dispatcher.pick(asking(own('a'))));
  });

  it('gives whoever has a proof already that statement first', () => {
    const { dispatcher, statements } = open(3);
    const held = new Set([statements[2]!.id]);
    assert.equal(dispatcher.pick({ ...asking(own('a')), held })?.statement.id, statements[2]!.id);
    // Also where somebody else is at it.
    assert.equal(dispatcher.pick({ ...asking(own('b')), held })?.statement.id, statements[2]!.id);
  });

  it('gives a stranger one lease until ten of its proofs were accepted, then eight', () => {
    const { dispatcher, accepted } = open(12);
    const count = (worker: WorkerIdentity) => {
      let leases = 0;
      while (dispatcher.pick(asking(worker, String(leases))) !== undefined) leases += 1;
      return leases;
    };
    accepted.set('nine', 9);
    accepted.set('ten', 10);
    assert.equal(count(stranger('nine')), 1);
    assert.equal(count(stranger('ten')), 8);
  });

  it('lets strangers take no chunk from the operator’s own workers', () => {
    const { dispatcher, statements } = open(1);
    dispatcher.pick(asking(stranger('sybil')));
    assert.equal(dispatcher.pick(asking(stranger('another'))), undefined);
    assert.equal(dispatcher.pick(asking(own('a')))?.statement.id, statements[0]!.id);
    assert.equal(dispatcher.pick(asking(own('b'))), undefined);
  });

  it('gives one token no more leases than 64', () => {
    const { dispatcher } = open(70, { window: 4_096 });
    const leases = Array.from({ length: 70 }, (_, machine) => dispatcher.pick(asking(own('a'), String(machine))));
    assert.equal(leases.filter((lease) => lease !== undefined).length, 64);
  });

  it('knows what was proven, and what it never heard of', () => {
    const { dispatcher, statements } = open(1);
    const [{ id }] = statements as [(typeof statements)[0]];
    assert.equal(dispatcher.stateOf(id), 'open');
    dispatcher.prove(id, asking(own('a')));
    assert.equal(dispatcher.stateOf(id), 'proven');
    assert.equal(dispatcher.stateOf(statementAt(7, 7).id), 'closed');
    for (let other = 0; other < 4_096; other += 1) dispatcher.markProven(String(other));
    assert.equal(dispatcher.stateOf(id), 'closed', 'the oldest is forgotten');
  });

  it('opens again what was proven by a proof that is gone', () => {
    const { dispatcher, statements } = open(1);
    const [{ id }] = statements as [(typeof statements)[0]];
    dispatcher.prove(id, asking(own('a')));
    dispatcher.open(statements[0]!);
    assert.deepEqual([dispatcher.stateOf(id), dispatcher.openCount], ['open', 1]);
    dispatcher.prove(id, asking(own('a')));
    assert.deepEqual([dispatcher.stateOf(id), dispatcher.openCount], ['proven', 0]);
  });

  it('fixes the reward when a lease begins', async () => {
    const { clock, dispatcher } = open(1, { rewardAt: (ageMs) => ({ tokenId: 0, amount: BigInt(ageMs) }) });
    await clock.advance(500);
    const lease = dispatcher.pick(asking(stranger('a')))!;
    await clock.advance(5_000);
    assert.equal(dispatcher.leaseOf(asking(stranger('a')), lease.statement.id)?.reward?.amount, 500n);
    assert.equal(dispatcher.pick(asking(own('b')))?.reward, undefined);
  });

  /** Proofs of a second each, or of so many, by somebody of the operator. */
  const prove = async ({ clock, dispatcher }: ReturnType<typeof open>, count: number, ms = 1_000) => {
    for (let chunk = 0; chunk < count; chunk += 1) {
      dispatcher.pick(asking(own('quick')));
      await clock.advance(ms);
      dispatcher.prove(statementAt(1, chunk).id, asking(own('quick')));
    }
  };

  it('lets no number of strangers lock a chunk away from the operator’s own workers', () => {
    const { dispatcher, accepted, statements } = open(2);
    const [first, second] = statements;
    // Two keys on one chunk: one that has proven itself takes what a fresh one has.
    accepted.set('proven', 10);
    assert.equal(dispatcher.pick(asking(stranger('fresh')))?.statement.id, first!.id);
    assert.equal(dispatcher.pick(asking(stranger('another')))?.statement.id, second!.id);
    assert.equal(dispatcher.pick(asking(stranger('proven')))?.statement.id, first!.id);
    assert.equal(dispatcher.pick(asking(own('a')))?.statement.id, first!.id);
    assert.equal(dispatcher.pick(asking(own('b')))?.statement.id, second!.id);
    assert.equal(dispatcher.pick(asking(own('c'))), undefined);
  });

  it('gives the oldest chunk that strangers have for long to a known worker before all others', async () => {
    const all = open(4);
    const { clock, dispatcher, statements } = all;
    await prove(all, 1);
    const lease = dispatcher.pick(asking(stranger('sybil')))!;
    assert.equal(dispatcher.pick(asking(own('a')))?.statement.id, statements[2]!.id, 'what nobody has comes first');
    await clock.advance(2_001);
    assert.equal(dispatcher.pick(asking(own('b')))?.statement.id, lease.statement.id);
  });

  it('takes the word of a stranger that it has a proof only for what nobody has', () => {
    const { dispatcher, statements } = open(2);
    const held = new Set([statements[0]!.id]);
    dispatcher.pick(asking(own('a')));
    assert.equal(dispatcher.pick({ ...asking(stranger('liar')), held })?.statement.id, statements[1]!.id);
    assert.equal(dispatcher.pick({ ...asking(stranger('another')), held }), undefined);
  });

  for (const [ms, endsMs] of [
    [10_000, 60_000],
    [10, 30_000],
  ] as const) {
    it(`ends the lease of a stranger after ${endsMs} ms with a median of ${ms} ms, however often it is heard of`, async () => {
      const expired: string[] = [];
      const all = open(2, { onExpired: (_, reason) => void expired.push(reason) });
      const { clock, dispatcher } = all;
      await prove(all, 1, ms);
      const lease = dispatcher.pick(asking(stranger('sybil')))!;
      for (let beats = 0; beats < endsMs / 10_000; beats += 1) {
        await clock.advance(10_000);
        assert.ok(dispatcher.heartbeat(lease.id, lease.statement.id, asking(stranger('sybil'))));
      }
      assert.equal(dispatcher.leases.length, 1);
      await clock.advance(1);
      // It is told of no end, and does not get the chunk back by its heartbeat.
      assert.ok(dispatcher.heartbeat(lease.id, lease.statement.id, asking(stranger('sybil'))));
      assert.equal(dispatcher.leases.length, 0);
      assert.deepEqual(expired, ['late']);
      assert.equal(dispatcher.pick(asking(stranger('sybil'), 'another name')), undefined, 'a pause');
      assert.ok(dispatcher.pick(asking(stranger('another'))));
    });
  }

  it('learns how long a proof takes from nobody who had it before', () => {
    const { dispatcher, statements } = open(3);
    const [first, second, third] = statements;
    dispatcher.pick({ ...asking(own('a')), held: new Set([first!.id]) });
    dispatcher.prove(first!.id, asking(own('a')));
    dispatcher.heartbeat('of before', second!.id, asking(own('a')));
    dispatcher.prove(second!.id, asking(own('a')));
    assert.ok(dispatcher.claim(third!.id, asking(stranger('s'))));
    assert.equal(dispatcher.claim(third!.id, asking(stranger('other'))), false, 'somebody has it');
    dispatcher.prove(third!.id, asking(stranger('s')));
    assert.equal(dispatcher.claim(third!.id, asking(stranger('s'))), false, 'it is proven');
    assert.equal(dispatcher.durations.quantile(0.5), undefined);
  });

  it('wakes nobody for a failure of who has no lease, and ends no pause by another name', async () => {
    const { clock, dispatcher, statements } = open(2);
    const [first] = statements;
    let calls = 0;
    dispatcher.onWork(() => {
      calls += 1;
    });
    dispatcher.activity.see(stranger('a'), 'one');
    assert.equal(dispatcher.fail(first!.id, asking(stranger('a'), 'one')), false);
    dispatcher.release(first!.id, asking(own('b')));
    assert.equal(calls, 0);
    assert.equal(dispatcher.pick(asking(stranger('a'), 'two')), undefined);
    await clock.advance(2_000);
    // Taking and giving back is a failure, too.
    const { id } = dispatcher.pick(asking(stranger('a'), 'two'))!.statement;
    dispatcher.release(id, asking(stranger('a'), 'two'));
    assert.equal(calls, 1);
    await clock.advance(2_000);
    assert.equal(dispatcher.pick(asking(stranger('a'), 'three')), undefined);
    assert.equal(dispatcher.activity.list().length, 1, 'and it is one in the list');
  });

  it('forgets strangers before workers of the operator', () => {
    const { dispatcher } = open(0);
    dispatcher.activity.see(own('mine'), 'machine');
    for (let other = 0; other < 4_100; other += 1) dispatcher.activity.see(stranger(`s${other}`), 'machine');
    const list = dispatcher.activity.list();
    assert.equal(list.length, 4_096);
    assert.ok(list.some(({ worker }) => worker.name === 'mine'));
  });

  it('makes a proof dearer with the time that nobody has the chunk, and with no other', async () => {
    const { clock, dispatcher } = open(1, { rewardAt: (waitedMs) => ({ tokenId: 0, amount: BigInt(waitedMs) }) });
    await clock.advance(500);
    for (const [name, amount] of [
      ['a', 500n],
      ['b', 700n],
    ] as const) {
      const lease = dispatcher.pick(asking(stranger(name)))!;
      assert.equal(lease.reward?.amount, amount);
      await clock.advance(20_000);
      dispatcher.release(lease.statement.id, asking(stranger(name)));
      await clock.advance(200);
    }
  });
});
