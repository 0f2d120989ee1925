/** The rules of every journal, as tests: run against the one in memory and against PostgreSQL. */

import { strict as assert } from 'node:assert';
import { type StoredSegment, segmentOf } from '../../../storage/journal/segment.ts';
import { type Journal, LEASE_MS, MAX_APPENDS_IN_FLIGHT, type Segment } from '../../../storage/journal/types.ts';
import { assertRejects } from '../assertions.ts';
import { collect, headAfter, journalRows, START, segmentsFrom } from './rows.ts';

/** A journal that begins empty, before entry 1. */
export interface JournalScene {
  open(name: string): Promise<Journal>;
  /** Lets every lease end. */
  expire(): Promise<void>;
  /** Changes what is stored. */
  tamper(change: (segment: StoredSegment) => StoredSegment): Promise<void>;
}

/** Defines the tests. `create` makes a journal that no other test uses. */
export function describeJournalRules(create: () => Promise<JournalScene>): void {
  let scene: JournalScene;
  let a: Journal;
  let b: Journal;
  beforeEach(async () => {
    scene = await create();
    a = await scene.open('a');
    b = await scene.open('b');
  });
  afterEach(async () => {
    await a.close();
    await b.close();
  });

  it('gives the segments of the leader to every node, from any of their ends on', async () => {
    assert.deepEqual(await b.head(), START);
    assert.deepEqual(await collect(b.read(START)), []);
    assert.equal((await a.lease.acquire())?.epoch, 1);
    const segments = segmentsFrom();
    // All at once: they take effect in their order.
    await Promise.all(segments.map((segment) => a.append(segment)));
    assert.deepEqual(await b.head(), headAfter(segments[2]!));
    assert.deepEqual(await collect(b.read(START)), segments);
    assert.deepEqual(await collect(b.read(headAfter(segments[0]!))), segments.slice(1));
    assert.deepEqual(await collect(b.read(headAfter(segments[2]!))), []);
    assert.equal(a.secret, b.secret);
    assert.match(a.secret, /^[0-9a-f]{64}$/);
  });

  it('tells who watches that there is more, until told to stop', async () => {
    await a.lease.acquire();
    const [first, second] = segmentsFrom() as [Segment, Segment];
    let stopped = 0;
    const stop = b.watch(() => {
      stopped += 1;
    });
    stop();
    const news = new Promise<void>((resolve) => b.watch(resolve));
    await a.append(first);
    await news;
    await a.append(second);
    assert.equal(stopped, 0);
  });

  it('refuses appends without a lease, and of an epoch that has ended', async () => {
    const [first, second] = segmentsFrom() as [Segment, Segment];
    await assertRejects(b.append(first), 'NOT_LEADER');
    const next = segmentOf(START, first.rows, 2);
    assert.equal((await a.lease.acquire())?.epoch, 1);
    await scene.expire();
    assert.equal((await b.lease.acquire())?.epoch, 2);
    const error = await assertRejects(a.append(first), 'NOT_LEADER');
    assert.deepEqual(error.data, { epoch: 1, holder: 'b' });
    assert.match(error.message, /b leads now/);
    await b.append(next);
    await assertRejects(a.append(second), 'NOT_LEADER');
    assert.deepEqual(await a.head(), headAfter(next));
  });

  it('appends on while the lease has expired, as long as nobody else took it', async () => {
    await a.lease.acquire();
    await scene.expire();
    assert.equal((await b.lease.holder())?.isExpired, true);
    await a.append(segmentsFrom()[0]!);
  });

  it('lets no fork begin: a segment that does not follow the newest is refused, and so are those behind it', async () => {
    await a.lease.acquire();
    const [first, second, third] = segmentsFrom() as [Segment, Segment, Segment];
    await a.append(first);
    const fork = segmentOf(START, journalRows(1, 2), 1);
    const outcomes = await Promise.allSettled([a.append(fork), a.append(second), a.append(third)]);
    for (const outcome of outcomes) {
      assert.equal(outcome.status, 'rejected');
      assert.equal((outcome.reason as { code: string }).code, 'NOT_LEADER');
    }
    assert.deepEqual(await b.head(), headAfter(first));
    assert.deepEqual(await collect(b.read(START)), [first]);
    // With the next epoch it may try again.
    assert.equal((await a.lease.acquire())?.epoch, 2);
    await a.append(segmentOf(headAfter(first), second.rows, 2));
  });

  it(`takes ${MAX_APPENDS_IN_FLIGHT} appends at a time`, async () => {
    await a.lease.acquire();
    const segments = segmentsFrom(START, MAX_APPENDS_IN_FLIGHT + 1);
    const taken = segments.slice(0, -1).map((segment) => a.append(segment));
    await assertRejects(a.append(segments.at(-1)!), 'QUEUE_FULL');
    await Promise.all(taken);
    await a.append(segments.at(-1)!);
    assert.equal((await b.head()).sequence, segments.at(-1)!.last);
  });

  it('gives the lease to one node at a time, with a higher epoch each time', async () => {
    assert.equal(await a.lease.holder(), undefined);
    const term = await a.lease.acquire();
    assert.ok(term !== undefined);
    assert.deepEqual([term.epoch, term.holder, term.url], [1, 'a', 'http://a']);
    assert.equal(await b.lease.acquire(), undefined);
    const same = await scene.open('a');
    assert.equal(await same.lease.acquire(), undefined, 'another process of the same name is another node');
    await same.close();
    assert.deepEqual(await b.lease.holder(), { epoch: 1, holder: 'a', url: 'http://a', isExpired: false });
    const renewed = await a.lease.renew(term);
    assert.ok(renewed.epoch === 1 && renewed.untilMs >= term.untilMs);
    await scene.expire();
    const taken = await b.lease.acquire();
    assert.equal(taken?.epoch, 2);
    await assertRejects(a.lease.renew(renewed), 'NOT_LEADER');
    await a.lease.release(renewed);
    assert.equal((await a.lease.holder())?.isExpired, false, 'a term that has ended gives nothing up');
    await b.lease.release(taken!);
    await assertRejects(b.lease.renew(taken!), 'NOT_LEADER');
    assert.equal((await a.lease.acquire())?.epoch, 3);
    assert.equal((await a.lease.acquire())?.epoch, 4, 'who has it may begin anew');
  });

  it('renews a lease that has expired when nobody took it', async () => {
    const term = await a.lease.acquire();
    await scene.expire();
    assert.equal((await a.lease.renew(term!)).epoch, 1);
    assert.equal(await b.lease.acquire(), undefined);
    assert.equal(LEASE_MS, 10_000);
  });

  it('lists the nodes by name, each with what it last said', async () => {
    const row = { url: 'http://a', role: 'leader', epoch: 1, head: 7, version: '1.2.3' } as const;
    await b.nodes.put({ ...row, name: 'b', role: 'replica' });
    await a.nodes.put({ ...row, name: 'a', head: 6 });
    await a.nodes.put({ ...row, name: 'a' });
    const rows = await b.nodes.list();
    assert.deepEqual(
      rows.map(({ secondsAgo, ...rest }) => rest),
      [
        { ...row, name: 'a' },
        { ...row, name: 'b', role: 'replica' },
      ],
    );
    assert.ok(rows.every(({ secondsAgo }) => secondsAgo >= 0 && secondsAgo < 60));
  });

  it('does not serve a node that has more, or other entries', async () => {
    await a.lease.acquire();
    const [first, second] = segmentsFrom() as [Segment, Segment];
    await a.append(first);
    const behind = await assertRejects(collect(b.read(headAfter(second))), 'JOURNAL_BEHIND');
    assert.deepEqual(behind.data, { expected: second.last, actual: first.last });
    await a.append(second);
    const other = { sequence: first.last, chain: Buffer.alloc(32, 1) };
    await assertRejects(collect(b.read(other)), 'JOURNAL_DAMAGED');
    await assertRejects(collect(b.read({ sequence: second.last, chain: other.chain })), 'JOURNAL_DAMAGED');
    await assertRejects(collect(b.read({ sequence: first.last - 1, chain: other.chain })), 'JOURNAL_DAMAGED');
  });

  it('believes no chain that is stored', async () => {
    await a.lease.acquire();
    const [first, second] = segmentsFrom() as [Segment, Segment];
    await a.append(first);
    await a.append(second);
    await scene.tamper((stored) => {
      const body = Buffer.from(stored.body);
      if (stored.first === second.first) body[body.length - 1]! ^= 1;
      return { ...stored, body };
    });
    const read: Segment[] = [];
    const reading = async () => {
      for await (const segment of b.read(START)) read.push(segment);
    };
    const error = await assertRejects(reading(), 'JOURNAL_DAMAGED');
    assert.match(error.message, /entries 6 to 10 is not what its chain says/);
    assert.deepEqual(read, [first], 'what is sound before it is given');
  });
}
