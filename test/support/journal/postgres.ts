/** Tests that need a PostgreSQL. Where there is none they are not defined, and the run says so at its end. */

import { type Clock, silentLogger, systemClock } from '../../../runtime/index.ts';
import { findPostgres } from '../../../scripts/postgres/find.ts';
import type { PostgresServer } from '../../../scripts/postgres/server.ts';
import { type Journal, type JournalOptions, openJournal } from '../../../storage/index.ts';
import { leaveOut } from '../native.ts';
import { until } from '../until.ts';
import { START } from './rows.ts';

/** `describe` for tests that start one. */
export function describePostgres(title: string, define: (this: Mocha.Suite) => void): void {
  if (findPostgres() === undefined) leaveOut(`${title} (no PostgreSQL)`);
  else describe(title, define);
}

export const DEPLOYMENT = { chainId: 31_337n, contract: `0x${'Ab'.repeat(20)}` };

/** How the node `name` opens a journal, but its URL. */
export const nodeOptions = (name: string): Omit<JournalOptions, 'url'> => ({
  deployment: DEPLOYMENT,
  nodeName: name,
  nodeUrl: `http://${name}`,
  clock: systemClock,
  logger: silentLogger,
  startAt: START,
});

/** The journal at `url`, opened by the node `name`, begun where there is none. */
export function openAs(name: string, url: string, rest: Partial<JournalOptions> = {}): Promise<Journal> {
  return openJournal({ ...nodeOptions(name), url, ...rest });
}

let databases = 0;

/** A database of its own for a test. @returns its URL and its name. */
export async function createDatabase(server: PostgresServer): Promise<{ url: string; name: string }> {
  const name = `journal${++databases}`;
  await server.query(`CREATE DATABASE ${name} STRATEGY wal_log`);
  return { url: server.url.replace(/\/postgres$/, `/${name}`), name };
}

/** The clock of the machine, on which waits are a tenth of what they are: a busy machine still answers in time. */
export const hastyClock: Clock = {
  ...systemClock,
  schedule: (delayMs, callback) => systemClock.schedule(delayMs / 10, callback),
  sleep: (delayMs, signal) => systemClock.sleep(delayMs / 10, signal),
};

/** Resolves once an append waits for the standby. */
export async function untilWaiting(server: PostgresServer): Promise<number> {
  const text = `SELECT pid FROM pg_stat_activity WHERE application_name LIKE 'quittance append%' AND wait_event = 'SyncRep'`;
  let pid: number | undefined;
  await until(async () => {
    pid = (await server.query<{ pid: number }>(text))[0]?.pid;
    return pid !== undefined;
  }, 'an append that waits for the standby');
  return pid!;
}
