/** What one connection is set to, whatever the server, the database or the role says. */

import type { Client } from 'pg';

/** What a connection is for. */
export type Purpose = 'append' | 'control' | 'read';

/** How long a statement takes at most where it may be given up, by the server's clock. Appends are never given up. */
const STATEMENT_TIMEOUT_MS = 4_000;

/**
 * How commits wait. An append waits for the disk and the standby. What control writes (renewals, rows of nodes) counts for
 * nothing after a crash, and says where it must wait itself. Reads commit only to see that what they read is durable.
 */
const SYNCHRONOUS: Readonly<Record<Purpose, string>> = { append: 'on', control: 'off', read: 'on' };

const statementsOf = (purpose: Purpose): string[] => [
  // A wait for the standby that was cancelled is told by a warning, and by nothing else.
  'SET client_min_messages = warning',
  "SET default_transaction_isolation = 'read committed'",
  `SET statement_timeout = ${purpose === 'append' ? 0 : STATEMENT_TIMEOUT_MS}`,
  'SET lock_timeout = 0',
  'SET idle_in_transaction_session_timeout = 0',
  'SET idle_session_timeout = 0',
  // A server that waits until its standby has applied what it commits waits longer than `on`.
  `SELECT set_config('synchronous_commit', '${SYNCHRONOUS[purpose]}', false)
     WHERE current_setting('synchronous_commit') <> 'remote_apply' OR '${SYNCHRONOUS[purpose]}' = 'off'`,
];

/** What a server says of itself on a fresh connection. */
export interface ServerFacts {
  /** As `server_version_num`. */
  readonly version: number;
  readonly isStandby: boolean;
  readonly isReadOnly: boolean;
  readonly fsync: string;
  readonly fullPageWrites: string;
  /** Of this connection, after it was set. */
  readonly synchronousCommit: string;
  /** Likewise. */
  readonly clientMinMessages: string;
  readonly processId: number;
  /** Grows with each promotion of a standby; 0 on a standby. */
  readonly timeline: number;
}

const FACTS = `SELECT current_setting('server_version_num')::int AS "version",
  pg_is_in_recovery() AS "isStandby",
  current_setting('transaction_read_only') = 'on' AS "isReadOnly",
  current_setting('fsync') AS "fsync",
  current_setting('full_page_writes') AS "fullPageWrites",
  current_setting('synchronous_commit') AS "synchronousCommit",
  current_setting('client_min_messages') AS "clientMinMessages",
  pg_backend_pid() AS "processId",
  CASE WHEN pg_is_in_recovery() THEN 0
    ELSE ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::int END AS "timeline"`;

/** Sets a fresh connection and asks what it is connected to. @throws what the driver throws. */
export async function beginSession(client: Client, purpose: Purpose): Promise<ServerFacts> {
  const version = (
    await client.query<{ version: number }>("SELECT current_setting('server_version_num')::int AS version")
  ).rows[0]!;
  // Before 14 there is no idle_session_timeout: such a server is refused for its age, not for that.
  const statements = statementsOf(purpose).filter(
    (text) => version.version >= 140_000 || !text.includes('idle_session'),
  );
  await client.query(statements.join(';\n'));
  return (await client.query<ServerFacts>(FACTS)).rows[0]!;
}
