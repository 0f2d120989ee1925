import pg from 'pg';
import { type PostgresServer, startPostgres } from '../../../scripts/postgres/server.ts';
import type { StoredSegment } from '../../../storage/journal/segment.ts';
import { createDatabase, describePostgres, openAs } from '../../support/journal/postgres.ts';
import { describeJournalRules } from '../../support/journal/rules.ts';

describePostgres('Journal: on PostgreSQL', () => {
  let server: PostgresServer;
  before(async function () {
    this.timeout(60_000);
    server = await startPostgres();
  });
  after(() => server.stop());

  describe('rules', () => {
    let client: pg.Client;
    afterEach(() => client.end());
    describeJournalRules(async () => {
      const { url } = await createDatabase(server);
      client = new pg.Client({ connectionString: url });
      await client.connect();
      return {
        open: (name) => openAs(name, url),
        expire: async () => void (await client.query('UPDATE quittance.lease SET until = clock_timestamp()')),
        async tamper(change) {
          const { rows } = await client.query('SELECT * FROM quittance.segment');
          for (const row of rows) {
            const stored = { ...row, first: Number(row.first), last: Number(row.last), epoch: Number(row.epoch) };
            const { body } = change(stored as StoredSegment);
            await client.query('UPDATE quittance.segment SET body = $1 WHERE first = $2', [body, row.first]);
          }
        },
      };
    });
  });
});
