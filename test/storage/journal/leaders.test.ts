import { strict as assert } from 'node:assert';
import pg from 'pg';
import { type PostgresServer, startPostgres } from '../../../scripts/postgres/server.ts';
import { segmentOf } from '../../../storage/journal/segment.ts';
import type { Journal, Segment } from '../../../storage/journal/types.ts';
import { assertRejects } from '../../support/assertions.ts';
import { createDatabase, describePostgres, hastyClock, openAs } from '../../support/journal/postgres.ts';
import { collect, headAfter, journalRows, START, segmentsFrom } from '../../support/journal/rows.ts';
import { createRandom } from '../../support/property/random.ts';
import { until } from '../../support/until.ts';

const SEED = process.env['QUITTANCE_TEST_SEED'] ?? 'leaders';

/** That an append goes on while its server works on it, for longer than it takes to find that nobody does. */
async function assertSlow(appended: Promise<void>): Promise<void> {
  const long = hastyClock.sleep(5_000 + 3 * 2_000).then(() => 'in flight');
  assert.equal(await Promise.race([appended, long]), 'in flight');
}

describePostgres('Journal: leaders', () => {
  let server: PostgresServer;
  let client: pg.Client;
  let a: Journal;
  let b: Journal;
  before(async function () {
    this.timeout(60_000);
    server = await startPostgres();
  });
  after(() => server.stop());
  beforeEach(async () => {
    const { url } = await createDatabase(server);
    client = new pg.Client({ connectionString: url });
    client.on('error', () => undefined);
    await client.connect();
    a = await openAs('a', url, { clock: hastyClock });
    b = await openAs('b', url, { clock: hastyClock });
  });
  afterEach(async () => {
    await client.end();
    await a.close();
    await b.close();
  });
  const expire = () => client.query('UPDATE quittance.lease SET until = clock_timestamp()');

  it(`make one chain, which has all that succeeded, however they race (QUITTANCE_TEST_SEED="${SEED}")`, async () => {
    const random = createRandom(SEED);
    const taken: Segment[] = [];
    let refused = 0;
    /** Appends behind the head that it sees, in a term of its own, until it is fenced. */
    const lead = async (journal: Journal): Promise<void> => {
      const term = await journal.lease.acquire();
      if (term === undefined) return;
      try {
        let head = await journal.head();
        for (let count = random.below(6); count >= 0; count--) {
          const segment = segmentOf(head, journalRows(head.sequence + 1, 1 + random.below(4)), term.epoch);
          await journal.append(segment);
          taken.push(segment);
          head = headAfter(segment);
        }
      } catch (error) {
        assert.equal((error as { code: string }).code, 'NOT_LEADER');
        refused += 1;
      }
    };
    for (let round = 0; round < 30; round++) await Promise.all([lead(a), expire(), lead(b), expire()]);
    const chain = await collect(b.read(START));
    assert.ok(refused > 0 && taken.length > 30, `${refused} refused, ${taken.length} taken`);
    assert.deepEqual(
      chain,
      taken.sort((one, other) => one.first - other.first),
    );
  });

  it('have no entry with two that follow it, even where the lease lets both', async () => {
    await a.lease.acquire();
    const [first] = segmentsFrom() as [Segment];
    // Another session that has passed all other checks, and is about to commit.
    await client.query('BEGIN');
    await client.query(`INSERT INTO quittance.segment VALUES (1, 1, 1, $1, $2, '')`, [
      START.chain,
      Buffer.alloc(32, 9),
    ]);
    const appended = assertRejects(a.append(first), 'NOT_LEADER');
    await until(async () => {
      const { rows } = await server
        .query(
          "SELECT FROM pg_stat_activity WHERE application_name LIKE 'quittance append%' AND wait_event_type = 'Lock'",
        )
        .then((found) => ({ rows: found }));
      return rows.length > 0;
    }, 'an append that waits for another session');
    await client.query('COMMIT');
    assert.match((await appended).message, /entry 0 is not the newest of the journal/);
  });

  it('take no new term while an append of the old one is being committed', async () => {
    await a.lease.acquire();
    const [first] = segmentsFrom() as [Segment];
    await client.query('BEGIN');
    await client.query('SELECT FROM quittance.lease WHERE epoch = 1 FOR KEY SHARE');
    // A renewal passes such an append, and so does another append.
    await a.lease.renew({ epoch: 1, holder: 'a', url: '', untilMs: 0 });
    await server.query('UPDATE quittance.lease SET until = clock_timestamp()', [], client.database);
    const order: string[] = [];
    const acquired = b.lease.acquire().then((term) => {
      order.push('acquired');
      return term;
    });
    await a.append(first);
    order.push('appended');
    await client.query('COMMIT');
    assert.equal((await acquired)?.epoch, 2);
    assert.deepEqual(order, ['appended', 'acquired']);
  });

  it('fail with the reason of the server: a full disk, a lost permission, a warning', async () => {
    const trigger = (statement: string) => `
      CREATE OR REPLACE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN ${statement}; RETURN NEW; END $$;
      CREATE OR REPLACE TRIGGER refuse BEFORE INSERT ON quittance.segment FOR EACH ROW EXECUTE FUNCTION refuse()`;
    const [first, second] = segmentsFrom() as [Segment, Segment];
    for (const [epoch, statement, part] of [
      [
        1,
        "RAISE EXCEPTION 'no space left' USING ERRCODE = '53100'",
        /the disk of the server is full \(no space left\)/,
      ],
      [2, "RAISE EXCEPTION 'not you' USING ERRCODE = '42501'", /the role lacks a permission \(not you\)/],
      [3, "RAISE EXCEPTION 'something else'", /not available: something else/],
      [4, "RAISE WARNING 'not replicated'", /the server warns: not replicated/],
    ] as const) {
      assert.equal((await a.lease.acquire())?.epoch, epoch);
      await client.query(trigger(statement));
      const error = await assertRejects(a.append(segmentOf(START, first.rows, epoch)), 'JOURNAL_UNAVAILABLE');
      assert.match(error.message, part);
      await client.query('DROP TRIGGER refuse ON quittance.segment');
      // Nothing of this term is taken any more, whatever became of the first.
      const again = await assertRejects(
        a.append(segmentOf(START, second.rows.slice(0, 0).concat(first.rows), epoch)),
        'JOURNAL_UNAVAILABLE',
      );
      assert.equal(again, error);
    }
    assert.equal((await b.head()).sequence, first.last, 'what a warning came with is there');
  });

  it('find that tables were torn meanwhile, which no other try mends, and take nothing then', async () => {
    const [first, second] = segmentsFrom() as [Segment, Segment];
    for (const [tear, mend, part] of [
      ['segment RENAME TO elsewhere', 'elsewhere RENAME TO segment', /relation "quittance.segment" does not exist/],
      ['segment RENAME epoch TO term', 'segment RENAME term TO epoch', /column .*epoch.* does not exist/],
      ['lease RENAME TO elsewhere', 'elsewhere RENAME TO lease', /relation "quittance.lease" does not exist/],
    ] as const) {
      const term = (await a.lease.acquire())!;
      const head = await b.head();
      const next = head.sequence === 0 ? first : second;
      await client.query(`ALTER TABLE quittance.${tear}`);
      const error = await assertRejects(a.append({ ...next, epoch: term.epoch }), 'JOURNAL_DAMAGED');
      assert.match(error.message, part);
      assert.match(
        error.message,
        /not what they were when this node opened it.*stop all nodes and restore it, or begin/,
      );
      if (tear.startsWith('lease')) {
        for (const ask of [() => a.lease.renew(term), b.lease.acquire, b.lease.holder])
          await assertRejects(ask(), 'JOURNAL_DAMAGED');
      } else await assertRejects(collect(b.read(START)), 'JOURNAL_DAMAGED');
      await client.query(`ALTER TABLE quittance.${mend}`);
      // What was refused is not there, and the next term goes on as if nothing had been.
      assert.deepEqual(await b.head(), head);
      await assertRejects(a.append({ ...next, epoch: term.epoch }), 'JOURNAL_DAMAGED');
      const again = (await a.lease.acquire())!;
      if (next === first) await a.append({ ...next, epoch: again.epoch });
      assert.equal((await collect(b.read(START))).length, 1);
    }
    await client.query('ALTER TABLE quittance.segment ALTER COLUMN chain TYPE text');
    await assertRejects(collect(b.read(START)), 'JOURNAL_DAMAGED');
    await client.query('DROP TABLE quittance.node');
    await assertRejects(b.nodes.list(), 'JOURNAL_DAMAGED');
  });

  it('find that their lease is gone, and say how to put it back', async () => {
    const [first] = segmentsFrom() as [Segment];
    const term = (await a.lease.acquire())!;
    await client.query('DELETE FROM quittance.lease');
    for (const ask of [() => a.append(first), () => a.lease.renew(term), a.lease.holder, b.lease.holder]) {
      const error = await assertRejects(ask(), 'JOURNAL_DAMAGED');
      assert.match(error.message, /table lease has no row .*Stop all nodes, put the row back with “INSERT INTO/);
    }
    assert.deepEqual(await b.head(), START);
  });

  it('lose what is in flight when they give up their term, or find that it has ended', async () => {
    const [first, second] = segmentsFrom() as [Segment, Segment];
    for (const end of ['release', 'renew'] as const) {
      const term = (await a.lease.acquire())!;
      await client.query('BEGIN');
      await client.query('LOCK TABLE quittance.segment IN SHARE MODE');
      const [one, other] = [first, second].map((segment) => a.append({ ...segment, epoch: term.epoch }));
      const outcomes = [one!, other!].map((outcome) => assertRejects(outcome, 'JOURNAL_UNAVAILABLE'));
      if (end === 'release') await a.lease.release(term);
      else {
        await server.query("UPDATE quittance.lease SET owner = 'x'", [], client.database);
        await assertRejects(a.lease.renew(term), 'NOT_LEADER');
        await server.query("UPDATE quittance.lease SET owner = '', until = '-infinity'", [], client.database);
      }
      for (const outcome of outcomes) assert.match((await outcome).message, /term of epoch \d ended before its answer/);
      await client.query('ROLLBACK');
      await assertRejects(a.append({ ...first, epoch: term.epoch }), 'JOURNAL_UNAVAILABLE');
    }
  });

  it('take a lease that a clock made which has been set back since', async () => {
    await a.lease.acquire();
    await client.query("UPDATE quittance.lease SET until = clock_timestamp() + interval '9 s'");
    assert.equal(await b.lease.acquire(), undefined);
    assert.equal((await b.lease.holder())?.isExpired, false);
    await client.query("UPDATE quittance.lease SET until = clock_timestamp() + interval '5 minutes'");
    // Nobody tries to take a lease that it sees held.
    assert.equal((await b.lease.holder())?.isExpired, true);
    assert.equal((await b.lease.acquire())?.epoch, 2);
  });

  it('are heard of again after the server restarted', async () => {
    let heard = 0;
    b.watch(() => {
      heard += 1;
    });
    await a.lease.acquire();
    const [first, second] = segmentsFrom() as [Segment, Segment];
    await a.append(first);
    await until(() => heard > 0, 'news of the first segment');
    await server.kill();
    await assertRejects(a.append(second), 'JOURNAL_UNAVAILABLE');
    await assertRejects(b.head(), 'JOURNAL_UNAVAILABLE');
    await server.start();
    await until(async () => (await a.lease.acquire().catch(() => undefined)) !== undefined, 'a new term');
    const before = heard;
    const term = (await a.lease.acquire())!;
    await a.append({ ...second, epoch: term.epoch });
    await until(() => heard > before, 'news of the second segment');
    assert.equal((await collect(b.read(START))).length, 2);
  });

  it('give pages of bounded size to who is far behind, in order', async () => {
    const term = (await a.lease.acquire())!;
    const segments = segmentsFrom(START, 70, 1, term.epoch);
    for (const segment of segments) await a.append(segment);
    // Two that are longer than a page each.
    let head = headAfter(segments.at(-1)!);
    for (let index = 0; index < 2; index++) {
      const [row] = journalRows(head.sequence + 1, 1);
      const long = segmentOf(head, [{ ...row!, payload: Buffer.alloc(3 * 2 ** 20, index) }], term.epoch);
      await a.append(long);
      segments.push(long);
      head = headAfter(long);
    }
    assert.deepEqual(await collect(b.read(START)), segments);
  });

  it('may have names that PostgreSQL writes otherwise', async () => {
    const url = server.url.replace(/postgres$/, client.database!);
    const named = await openAs(`Zürich “1”, ${'x'.repeat(80)}`, url, { clock: hastyClock });
    const term = (await named.lease.acquire())!;
    await client.query('BEGIN');
    await client.query('LOCK TABLE quittance.segment IN SHARE MODE');
    const appended = named.append({ ...segmentsFrom()[0]!, epoch: term.epoch });
    await assertSlow(appended);
    await client.query('ROLLBACK');
    await appended;
    await named.close();
  });

  it('forget nodes that were silent for a day', async () => {
    const row = { url: '', role: 'replica', epoch: 0, head: 0, version: '1' } as const;
    await a.nodes.put({ ...row, name: 'old' });
    await a.nodes.put({ ...row, name: 'a' });
    await client.query("UPDATE quittance.node SET seen = seen - interval '25 hours'");
    assert.deepEqual(await b.nodes.list(), []);
    await a.nodes.put({ ...row, name: 'a' });
    assert.deepEqual(
      (await b.nodes.list()).map(({ name }) => name),
      ['a'],
    );
    assert.equal((await client.query('SELECT FROM quittance.node')).rowCount, 1);
  });
});
