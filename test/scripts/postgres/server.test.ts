import { strict as assert } from 'node:assert';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { findPostgres, POSTGRES_MISSING } from '../../../scripts/postgres/find.ts';
import { type PostgresServer, startPostgres } from '../../../scripts/postgres/server.ts';
import { describePostgres } from '../../support/journal/postgres.ts';
import { until } from '../../support/until.ts';

const SERVER = fileURLToPath(new URL('../../../scripts/postgres/server.ts', import.meta.url));

/** Runs with another value of a variable of the environment. */
async function withVariable<T>(name: string, value: string | undefined, run: () => T | Promise<T>): Promise<T> {
  const before = process.env[name];
  const set = (to: string | undefined): void => {
    if (to === undefined) delete process.env[name];
    else process.env[name] = to;
  };
  set(value);
  try {
    return await run();
  } finally {
    set(before);
  }
}

describe('PostgreSQL on this machine', () => {
  it('is missing where QUITTANCE_POSTGRES_BIN names none, and the way out is said', async () => {
    await withVariable('QUITTANCE_POSTGRES_BIN', '/nowhere', async () => {
      assert.equal(findPostgres(), undefined);
      await assert.rejects(startPostgres(), new Error(POSTGRES_MISSING));
    });
    assert.match(
      POSTGRES_MISSING,
      /install it \(Debian: apt install postgresql\), or npm’s binaries .*QUITTANCE_POSTGRES_BIN/,
    );
  });
});

describePostgres('PostgreSQL started here', () => {
  let server: PostgresServer;
  before(async function () {
    this.timeout(60_000);
    server = await startPostgres();
  });
  after(() => server.stop());

  it('keeps what was committed when it is killed and started again', async () => {
    await server.query('CREATE TABLE kept AS SELECT 7 AS value');
    await server.kill();
    assert.equal(server.isUp, false);
    await server.start();
    assert.deepEqual(await server.query('SELECT value FROM kept'), [{ value: 7 }]);
  });

  it('lets nobody in without its password', async () => {
    const client = new pg.Client({ connectionString: server.url.replace(/:\w+@/, ':wrong@') });
    client.on('error', () => undefined);
    await assert.rejects(client.connect(), /password authentication failed/);
  });

  it('says what it logged when it does not start', async () => {
    await assert.rejects(
      startPostgres('no_such_setting = 1'),
      /unrecognized configuration parameter "no_such_setting"/,
    );
  });

  it('ends with the process that started it, and its folder goes, also when that is killed', async () => {
    const program = `
      const { startPostgres } = await import(${JSON.stringify(SERVER)});
      const one = await startPostgres();
      const other = await startPostgres();
      await other.kill();
      console.log(JSON.stringify([one.folder, other.folder]));
      setInterval(() => undefined, 1_000);`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = await once(createInterface({ input: child.stdout }), 'line');
    const folders = JSON.parse(line) as string[];
    for (const folder of folders) assert.ok(existsSync(join(folder, 'data')), folder);
    child.kill('SIGKILL');
    await until(() => folders.every((folder) => !existsSync(folder)), 'that nothing is left');
  });
});
