import { strict as assert } from 'node:assert';
import type { ErrorCode } from '@quittance/protocol';
import { freePort, type PostgresServer, startPostgres } from '../../../scripts/postgres/server.ts';
import { IN_MEMORY, type JournalOptions, openJournal, openJournalOf, openStorage } from '../../../storage/index.ts';
import { assertRejects } from '../../support/assertions.ts';
import { startPooler } from '../../support/journal/pooler.ts';
import { createDatabase, DEPLOYMENT, describePostgres, nodeOptions, openAs } from '../../support/journal/postgres.ts';
import { transferEntry } from '../../support/storage/log-entries.ts';

describePostgres('Journal: a refused start', () => {
  let server: PostgresServer;
  let url: string;
  let name: string;
  before(async function () {
    this.timeout(60_000);
    server = await startPostgres();
  });
  after(() => server.stop());
  beforeEach(async () => {
    ({ url, name } = await createDatabase(server));
  });

  const refuses = async (code: ErrorCode, part: RegExp, at = url, rest: Partial<JournalOptions> = {}) => {
    const error = await assertRejects(openAs('a', at, rest), code);
    assert.match(error.message, part);
    assert.ok(!error.message.includes(server.password), error.message);
    assert.ok(!JSON.stringify(error.data).includes(server.password));
  };
  const inDatabase = async (statements: string): Promise<void> => {
    await server.query(statements, undefined, name);
  };
  const make = async (): Promise<string> => {
    const journal = await openAs('a', url);
    await journal.close();
    return journal.id;
  };

  it('says that the password is wrong, without it', async () => {
    await refuses(
      'CONFIG_INVALID',
      /cannot be used with these settings: .*password authentication failed/,
      url.replace(/:\w+@/, ':x@'),
    );
    await refuses('CONFIG_INVALID', /with these settings: .*client password must be/, url.replace(/:\w+@/, '@'));
  });

  it('says that there is no such user or database', async () => {
    await refuses(
      'CONFIG_INVALID',
      /password authentication failed for user "nobody"/,
      url.replace('//postgres:', '//nobody:'),
    );
    await refuses('CONFIG_INVALID', /database "elsewhere" does not exist/, url.replace(name, 'elsewhere'));
  });

  it('says that a file of TLS is not there, or that the server has no TLS', async () => {
    const file = 'sslmode=verify-full&sslrootcert=/nowhere/ca.pem';
    await refuses('CONFIG_INVALID', /with these settings: .*no such file .*\/nowhere\/ca\.pem/, `${url}?${file}`);
    await refuses('CONFIG_INVALID', /does not support SSL connections/, `${url}?sslmode=require`);
  });

  it('says that no server answers, of each host', async () => {
    const [one, other] = [await freePort(), await freePort()];
    const hosts = `127.0.0.1:${one},127.0.0.1:${other}`;
    const dead = url.replace(/@[^/]+/, `@${hosts}`);
    await refuses('JOURNAL_UNAVAILABLE', new RegExp(`:${one}: .*ECONNREFUSED.*:${other}: .*ECONNREFUSED`), dead);
  });

  it('finds the server that takes writes among several', async () => {
    const dead = await freePort();
    const journal = await openAs('a', url.replace('@', `@127.0.0.1:${dead},`));
    assert.equal((await journal.lease.acquire())?.epoch, 1);
    await journal.close();
  });

  it('takes no journal of another rollup, or of another journal than the one it knows', async () => {
    const id = await make();
    const other = { ...DEPLOYMENT, chainId: 1n };
    await refuses('JOURNAL_FOREIGN', /its chain is 31337, not 1; name another database/, url, { deployment: other });
    const contract = { ...DEPLOYMENT, contract: `0x${'11'.repeat(20)}` };
    await refuses('JOURNAL_FOREIGN', /its contract is 0xabab\w+, not 0x1111/, url, { deployment: contract });
    const known = new RegExp(
      `/${name} has the journal ${id}, but this node belongs to the journal x: name the database`,
    );
    await refuses('JOURNAL_FOREIGN', known, url, { known: 'x' });
    const journal = await openAs('a', url, { known: id });
    await journal.close();
  });

  it('begins none for a node that belongs to one, or for who only looks', async () => {
    const belongs = /has no journal, but this node belongs to the journal x: name the database of that one/;
    await refuses('JOURNAL_FOREIGN', belongs, url, { known: 'x' });
    const { startAt: _, ...looking } = { ...nodeOptions('a'), url };
    const error = await assertRejects(openJournal(looking), 'JOURNAL_FOREIGN');
    assert.match(error.message, /has no journal: start a node with it first, or name another database/);
    const schemas = await server.query("SELECT FROM pg_namespace WHERE nspname = 'quittance'", [], name);
    assert.equal(schemas.length, 0);
  });

  it('lets a database remember its journal, and another one take its place only when that is wanted', async () => {
    const storage = openStorage({ file: IN_MEMORY });
    storage.commit(() => storage.log.append([transferEntry(1n), transferEntry(2n)], 1));
    const { startAt: _, ...options } = { ...nodeOptions('a'), url };
    const begun = await openJournalOf(storage, options);
    assert.deepEqual(begun.base, storage.log.head(), 'it begins behind the log of the first node');
    await begun.close();
    const again = await openJournalOf(storage, options);
    assert.equal(again.id, begun.id);
    await again.close();
    const { url: elsewhere } = await createDatabase(server);
    await assertRejects(openJournalOf(storage, { ...options, url: elsewhere }), 'JOURNAL_FOREIGN');
    const other = await openJournalOf(storage, { ...options, url: elsewhere, isOtherWanted: true });
    await other.close();
    assert.equal((await assertRejects(openJournalOf(storage, options), 'JOURNAL_FOREIGN')).data.expected, other.id);
    storage.close();
  });

  it('finds each table, column and rule that is missing', async () => {
    await make();
    for (const [statement, part] of [
      ['ALTER TABLE quittance.segment DROP CONSTRAINT segment_previous_key', /lacks “segment UNIQUE \(previous\)”/],
      ['ALTER TABLE quittance.node DROP COLUMN seen', /lacks “node.seen timestamp with time zone NOT NULL”/],
      ['ALTER TABLE quittance.segment ALTER COLUMN body DROP NOT NULL', /lacks “segment.body bytea NOT NULL”/],
      ['ALTER TABLE quittance.segment SET UNLOGGED', /lacks “segment.first bigint NOT NULL”/],
      ['DROP TABLE quittance.lease', /lacks “lease.id integer NOT NULL”/],
      ['DELETE FROM quittance.cluster', /table cluster has 0 rows/],
      ['DROP TABLE quittance.cluster', /lacks “cluster.id integer NOT NULL”/],
    ] as const) {
      const undo = await createDatabase(server);
      url = undo.url;
      name = undo.name;
      await make();
      await inDatabase(statement);
      await refuses('JOURNAL_DAMAGED', part);
    }
  });

  it('finds that the lease has no row, and says how to put one there', async () => {
    await make();
    await inDatabase(
      "UPDATE quittance.lease SET epoch = 7; INSERT INTO quittance.segment VALUES (1, 1, 7, 'a', 'b', '')",
    );
    await inDatabase('DELETE FROM quittance.lease');
    const error = await assertRejects(openAs('a', url), 'JOURNAL_DAMAGED');
    assert.match(
      error.message,
      /its table lease has no row with id 1, so that no node can lead; the log is not touched/,
    );
    await inDatabase(error.message.match(/Stop all nodes, put the row back with “([^”]+)”/)![1]!);
    const journal = await openAs('a', url);
    assert.equal((await journal.lease.acquire())?.epoch, 9, 'behind every epoch that there was');
    await journal.close();
  });

  it('leaves the journal of a later version alone', async () => {
    await make();
    await inDatabase('UPDATE quittance.cluster SET version = 2');
    await refuses('DATABASE_NEWER', /later version \(2, this program knows 1\); run that version on this node too/);
  });

  it('says which permission is missing', async () => {
    await server.query(`CREATE ROLE guest_${name} LOGIN PASSWORD 'g'`);
    const guest = url.replace(/\/\/postgres:\w+@/, `//guest_${name}:g@`);
    await refuses('JOURNAL_UNSUITABLE', /permission denied for database .*GRANT CREATE ON DATABASE/, guest);
    await make();
    await refuses('JOURNAL_UNSUITABLE', /without SELECT on segment, .*GRANT USAGE ON SCHEMA quittance TO/, guest);
    const all = 'SELECT, UPDATE, DELETE, INSERT ON ALL TABLES IN SCHEMA quittance';
    await inDatabase(`GRANT USAGE ON SCHEMA quittance TO guest_${name}; GRANT ${all} TO guest_${name};
      REVOKE INSERT ON quittance.segment FROM guest_${name}`);
    await refuses('JOURNAL_UNSUITABLE', /without INSERT on segment, .*GRANT INSERT ON quittance.segment TO it/, guest);
    await inDatabase(`GRANT INSERT ON quittance.segment TO guest_${name}`);
    const journal = await openAs('a', guest);
    assert.equal((await journal.lease.acquire())?.epoch, 1);
    await journal.close();
  });

  it('refuses a server that takes no writes, or would lose them', async () => {
    await server.query(`ALTER DATABASE ${name} SET default_transaction_read_only = on`);
    await refuses('JOURNAL_UNSUITABLE', /default_transaction_read_only is on, not off/);
    await server.query(`ALTER DATABASE ${name} RESET default_transaction_read_only`);
    for (const setting of ['fsync', 'full_page_writes']) {
      await server.query(`ALTER SYSTEM SET ${setting} = off`);
      await server.query('SELECT pg_reload_conf()');
      await refuses('JOURNAL_UNSUITABLE', new RegExp(`${setting} is off, not on`));
      await server.query(`ALTER SYSTEM RESET ${setting}`);
      await server.query('SELECT pg_reload_conf()');
    }
  });

  it('does not mind settings that it can overrule', async () => {
    await server.query(`ALTER DATABASE ${name} SET synchronous_commit = off`);
    await server.query(`ALTER DATABASE ${name} SET client_min_messages = error`);
    await server.query(`ALTER DATABASE ${name} SET statement_timeout = '1ms'`);
    await make();
  });

  for (const size of [1, 3]) {
    it(`refuses a pooler in transaction mode with ${size} connections`, async () => {
      const pooler = await startPooler(url, size);
      try {
        await refuses('JOURNAL_UNSUITABLE', /pooler in (?:transaction|session) mode/, pooler.url);
      } finally {
        await pooler.stop();
      }
    });
  }
});
