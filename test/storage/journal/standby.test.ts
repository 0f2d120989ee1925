import { strict as assert } from 'node:assert';
import { type PostgresPair, startPostgresPair } from '../../../scripts/postgres/pair.ts';
import type { Journal, LeaseTerm, Segment } from '../../../storage/journal/types.ts';
import { assertRejects } from '../../support/assertions.ts';
import { describePostgres, hastyClock, openAs, untilWaiting } from '../../support/journal/postgres.ts';
import { collect, headAfter, START, segmentsFrom } from '../../support/journal/rows.ts';
import { until } from '../../support/until.ts';

/** Ends every lease, without a wait for the standby. */
const EXPIRE = 'SET LOCAL synchronous_commit = local; UPDATE quittance.lease SET until = clock_timestamp()';

describePostgres('Journal: a standby', () => {
  let pair: PostgresPair;
  let a: Journal;
  let b: Journal;
  let term: LeaseTerm;
  beforeEach(async function () {
    this.timeout(60_000);
    pair = await startPostgresPair();
    a = await openAs('a', pair.url, { clock: hastyClock });
    b = await openAs('b', pair.url, { clock: hastyClock });
    term = (await a.lease.acquire())!;
  });
  afterEach(async () => {
    await a.close();
    await b.close();
    await pair.stop();
  });
  const [first, second, third] = segmentsFrom() as [Segment, Segment, Segment];

  it('is waited for, as long as it takes; the leader stays the leader meanwhile', async () => {
    await a.append(first);
    await pair.standby!.kill();
    let isTaken = false;
    const appended = a.append(second).then(() => {
      isTaken = true;
    });
    await untilWaiting(pair.primary);
    assert.deepEqual(await b.head(), headAfter(first), 'what only one machine has is not shown');
    term = await a.lease.renew(term);
    // Nobody else leads while it may yet be taken.
    await pair.primary.query(EXPIRE);
    const patient = await openAs('b', pair.url);
    const error = await assertRejects(patient.lease.acquire(), 'JOURNAL_UNAVAILABLE');
    await patient.close();
    assert.match(error.message, /it took too long, as when commits wait for a standby that is not there/);
    assert.equal(isTaken, false);
    await pair.standby!.start();
    await appended;
    assert.deepEqual(await b.head(), headAfter(second));
    assert.equal((await a.lease.renew(term)).epoch, 1);
  });

  for (const [what, statement, part] of [
    ['cancelled', 'pg_cancel_backend', /the server warns: canceling wait for synchronous replication/],
    ['ended with its connection', 'pg_terminate_backend', /not available/],
  ] as const) {
    it(`counts for nothing when the wait for it is ${what}: the append fails, and nobody reads it until the standby has it`, async () => {
      await a.append(first);
      await pair.standby!.kill();
      const appended = assertRejects(a.append(second), 'JOURNAL_UNAVAILABLE');
      const behind = assertRejects(a.append(third), 'JOURNAL_UNAVAILABLE');
      const pid = await untilWaiting(pair.primary);
      await pair.primary.query(`SELECT ${statement}(${pid})`);
      assert.match((await appended).message, part);
      await behind;
      assert.deepEqual(await b.head(), headAfter(second), 'it is visible all the same');
      const read: Segment[] = [];
      const reading = async () => {
        for await (const segment of b.read(headAfter(first))) read.push(segment);
      };
      await assertRejects(reading(), 'JOURNAL_UNAVAILABLE');
      assert.deepEqual(read, []);
      await pair.standby!.start();
      await until(
        async () => (await reading().catch(() => undefined)) !== undefined || read.length > 0,
        'a durable read',
      );
      assert.deepEqual(read, [second]);
      assert.equal((await a.lease.acquire())?.epoch, 2, 'it may begin a new term, behind what it finds');
    });
  }

  it('takes over when the primary is lost: all that was appended is there, and nodes find it by themselves', async () => {
    await a.append(first);
    await a.append(second);
    await pair.failOver();
    // Nothing was in flight: the term goes on, on the new primary.
    await a.append(third);
    assert.equal((await a.lease.renew(term)).epoch, 1);
    assert.deepEqual(await collect(b.read(START)), [first, second, third]);
    assert.match((await a.quorum()).reason ?? '', /^no standby is connected; set synchronous_standby_names/);
    await pair.rejoin();
    assert.deepEqual(await b.quorum(), { isMet: true });
  });

  it('may have what was in flight when the primary was lost, or not: the append fails', async () => {
    await a.append(first);
    pair.standby!.freeze(true);
    const appended = assertRejects(a.append(second), 'JOURNAL_UNAVAILABLE');
    await untilWaiting(pair.primary);
    const behind = assertRejects(a.append(third), 'JOURNAL_UNAVAILABLE');
    await pair.primary.kill();
    await appended;
    await behind;
    pair.standby!.freeze(false);
    await pair.standby!.promote();
    await pair.standby!.query(EXPIRE);
    await until(async () => (await b.lease.acquire().catch(() => undefined)) !== undefined, 'a term of b');
    const found = await b.head();
    assert.ok([first.last, second.last].includes(found.sequence), `entry ${found.sequence}`);
    await assertRejects(a.append(third), 'JOURNAL_UNAVAILABLE');
  });

  it('is all that there is when the primary says nothing any more: an append is given up, not taken for done', async () => {
    await a.append(first);
    pair.primary.freeze(true);
    await assertRejects(a.append(second), 'JOURNAL_UNAVAILABLE');
    await assertRejects(b.head(), 'JOURNAL_UNAVAILABLE');
    await pair.standby!.promote();
    await pair.standby!.query(EXPIRE);
    await until(async () => (await b.lease.acquire().catch(() => undefined)) !== undefined, 'a term of b');
    pair.primary.freeze(false);
    await assertRejects(a.append(second), 'JOURNAL_UNAVAILABLE');
  });

  it('is found by a leader whose primary was cut off and knows nothing of it', async () => {
    await a.append(first);
    await pair.standby!.promote();
    await pair.standby!.query(EXPIRE);
    // Renewals go on: the old primary has no reason to refuse them. What is appended there is confirmed by nobody.
    term = await a.lease.renew(term);
    const error = await assertRejects(a.append(second), 'JOURNAL_UNAVAILABLE');
    assert.match(error.message, /another server has taken the place of this one/);
    assert.equal((await a.lease.acquire())?.epoch, 2);
    assert.deepEqual(await a.head(), headAfter(first));
    await a.append({ ...second, epoch: 2 });
    const onNew = await openAs('c', pair.standby!.url);
    assert.deepEqual(await collect(onNew.read(START)), [first, { ...second, epoch: 2 }]);
    await onNew.close();
  });

  it('can be missing, asynchronous or hidden from the role: quorum says so', async () => {
    assert.deepEqual(await a.quorum(), { isMet: true });
    await pair.primary.configure("synchronous_standby_names = ''");
    await until(async () => !(await a.quorum()).isMet, 'the asynchronous standby');
    assert.match((await a.quorum()).reason ?? '', /^the standby is asynchronous/);
    await pair.primary.configure("synchronous_standby_names = '*'");
    await pair.primary.query("CREATE ROLE guest LOGIN PASSWORD 'g'");
    await pair.primary.query('GRANT USAGE ON SCHEMA quittance TO guest');
    await pair.primary.query('GRANT ALL ON ALL TABLES IN SCHEMA quittance TO guest');
    const guest = await openAs('guest', pair.url.replace(/\/\/postgres:\w+@/, '//guest:g@'));
    assert.deepEqual(await guest.quorum(), { isMet: true });
    await pair.standby!.kill();
    await until(async () => !(await guest.quorum()).isMet, 'the missing standby');
    assert.match((await a.quorum()).reason ?? '', /^no standby is connected: commits wait for one of \*/);
    await guest.close();
  });

  it('cannot be written itself', async () => {
    const error = await assertRejects(openAs('a', pair.standby!.url), 'JOURNAL_UNSUITABLE');
    assert.match(error.message, /its role is standby, not primary/);
  });

  it('keeps nobody from ending: a stuck append is left alone after a while', async () => {
    await pair.standby!.kill();
    const appended = assertRejects(a.append(first), 'JOURNAL_UNAVAILABLE');
    await untilWaiting(pair.primary);
    await a.close();
    await appended;
  });
});
