/** The tables of a journal: made by the first node in one transaction, and compared by every node with what they must be. */

import { randomBytes } from 'node:crypto';
import { RollupError } from '@quittance/protocol';
import type { QueryResultRow } from 'pg';
import type { LogHead } from '../../head-file.ts';
import { journalDamaged, journalForeign, journalUnsuitable, leaseMissing } from '../errors.ts';
import type { Deployment } from '../types.ts';
import type { Connection } from './connection.ts';

/** Version of the tables below; a later program may have later ones. */
const SCHEMA_VERSION = 1;

/**
 * `segment.previous` is unique, so that no entry has two that follow it, whoever holds the lease. `lease.epoch` is unique,
 * so that a change of it is one of a key: an append locks the row FOR KEY SHARE, which a renewal passes and another
 * leader's term does not.
 */
const TABLES = `
CREATE SCHEMA quittance;
CREATE TABLE quittance.segment (
  first bigint NOT NULL PRIMARY KEY,
  last bigint NOT NULL,
  epoch bigint NOT NULL,
  previous bytea NOT NULL UNIQUE,
  chain bytea NOT NULL UNIQUE,
  body bytea NOT NULL
);
ALTER TABLE quittance.segment ALTER COLUMN body SET STORAGE EXTERNAL;
CREATE TABLE quittance.lease (
  id integer NOT NULL PRIMARY KEY,
  epoch bigint NOT NULL UNIQUE,
  holder text NOT NULL,
  url text NOT NULL,
  owner text NOT NULL,
  until timestamptz NOT NULL
);
INSERT INTO quittance.lease VALUES (1, 0, '', '', '', '-infinity');
CREATE TABLE quittance.node (
  name text NOT NULL PRIMARY KEY,
  url text NOT NULL,
  role text NOT NULL,
  epoch bigint NOT NULL,
  head bigint NOT NULL,
  version text NOT NULL,
  seen timestamptz NOT NULL
);
CREATE TABLE quittance.cluster (
  id integer NOT NULL PRIMARY KEY,
  version integer NOT NULL,
  journal text NOT NULL,
  chain_id text NOT NULL,
  contract text NOT NULL,
  base_sequence bigint NOT NULL,
  base_chain bytea NOT NULL,
  secret text NOT NULL
);`;

/** What the catalog says of the tables, a line for each column and each rule. */
const CATALOG = `
SELECT c.relname || '.' || a.attname || ' ' || format_type(a.atttypid, a.atttypmod) ||
       CASE WHEN a.attnotnull THEN ' NOT NULL' ELSE '' END AS line
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
  WHERE n.nspname = 'quittance' AND c.relkind = 'r' AND c.relpersistence = 'p'
UNION ALL
SELECT c.relname || ' ' || pg_get_constraintdef(k.oid)
  FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE n.nspname = 'quittance' AND k.contype IN ('p', 'u') AND k.convalidated`;

/** The lines of the catalog that a table's definition above gives. */
function expectedLines(): Set<string> {
  const lines = new Set<string>();
  for (const [, table, body] of TABLES.matchAll(/CREATE TABLE quittance\.(\w+) \(([^)]+)\)/g)) {
    for (const column of body!.trim().split(/,\n\s*/)) {
      const [name, type, ...rules] = column.split(' ');
      const typeName = type === 'timestamptz' ? 'timestamp with time zone' : type;
      lines.add(`${table}.${name} ${typeName} NOT NULL`);
      if (rules.includes('PRIMARY')) lines.add(`${table} PRIMARY KEY (${name})`);
      if (rules.includes('UNIQUE')) lines.add(`${table} UNIQUE (${name})`);
    }
  }
  return lines;
}

/** What a node does with the tables. */
const PRIVILEGES = `SELECT needed AS missing FROM unnest(
    ARRAY['segment:SELECT', 'segment:INSERT', 'lease:SELECT', 'lease:UPDATE', 'cluster:SELECT',
      'node:SELECT', 'node:INSERT', 'node:UPDATE', 'node:DELETE']) AS needed
  WHERE NOT has_schema_privilege('quittance', 'USAGE')
    OR NOT has_table_privilege('quittance.' || split_part(needed, ':', 1), split_part(needed, ':', 2))`;

/** @throws RollupError JOURNAL_UNSUITABLE when the role of this node may not do what a node does. */
async function requirePrivileges(control: Connection): Promise<void> {
  const { rows } = await control.query<{ missing: string }>({ text: PRIVILEGES });
  const [table, privilege] = rows[0]?.missing.split(':') ?? [];
  if (privilege === undefined) return;
  const way = `as the owner: GRANT USAGE ON SCHEMA quittance TO the role; GRANT ${privilege} ON quittance.${table} TO it`;
  throw journalUnsuitable('the permission of the role', `without ${privilege} on ${table}`, 'one to write it', way);
}

/** What the journal says of itself. */
export interface ClusterRow {
  /** Random: tells journals apart. */
  readonly journal: string;
  readonly base: LogHead;
  readonly secret: string;
}

interface StoredCluster extends QueryResultRow {
  readonly version: number;
  readonly journal: string;
  readonly chain_id: string;
  readonly contract: string;
  readonly base_sequence: string;
  readonly base_chain: Buffer;
  readonly secret: string;
}

async function rowsOf<Row extends QueryResultRow>(control: Connection, text: string, values: unknown[] = []) {
  return (await control.query<Row>({ text, values })).rows;
}

/** Makes the tables where there is no schema of this name. Of two nodes at once, one makes them. */
export async function createSchema(
  control: Connection,
  { chainId, contract }: Deployment,
  base: LogHead,
): Promise<void> {
  // A block takes no parameters; in hexadecimal nothing ends it early.
  const text = (value: string): string => `convert_from('\\x${Buffer.from(value).toString('hex')}', 'UTF8')`;
  const journal = randomBytes(8).toString('hex');
  const secret = randomBytes(32).toString('hex');
  const values = [
    ...[1, SCHEMA_VERSION, text(journal), text(String(chainId)), text(contract.toLowerCase())],
    ...[base.sequence, `'\\x${base.chain.toString('hex')}'`, text(secret)],
  ];
  // One statement of several is one transaction; of two that make the schema at once, one waits and finds it there.
  const statement = `DO $make$ BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('quittance journal', 0));
    IF NOT EXISTS (SELECT FROM pg_namespace WHERE nspname = 'quittance') THEN
      PERFORM set_config('synchronous_commit', 'on', true);
      ${TABLES}
      INSERT INTO quittance.cluster VALUES (${values.join(', ')});
    END IF;
  END $make$`;
  await control.query({ text: statement });
}

/**
 * What the journal is.
 *
 * @returns undefined where there is no schema of this name.
 * @throws RollupError JOURNAL_DAMAGED when the tables are not those above or the lease is gone, DATABASE_NEWER,
 * JOURNAL_FOREIGN.
 */
export async function readCluster(
  control: Connection,
  { chainId, contract }: Deployment,
  name: string,
): Promise<ClusterRow | undefined> {
  const schemas = await rowsOf(control, "SELECT 1 FROM pg_namespace WHERE nspname = 'quittance'");
  if (schemas.length === 0) return undefined;
  const found = new Set((await rowsOf<{ line: string }>(control, CATALOG)).map(({ line }) => line));
  const missing = [...expectedLines()].find((line) => !found.has(line));
  const hasCluster = [...found].some((line) => line.startsWith('cluster.version '));
  if (missing === undefined) await requirePrivileges(control);
  const rows = hasCluster ? await rowsOf<StoredCluster>(control, 'SELECT * FROM quittance.cluster') : [];
  const row = rows[0];
  if (row !== undefined && row.version > SCHEMA_VERSION) {
    const versions = { expected: SCHEMA_VERSION, actual: row.version };
    const message = `the journal ${name} was written by a later version (${row.version}, this program knows ${SCHEMA_VERSION})`;
    throw new RollupError('DATABASE_NEWER', `${message}; run that version on this node too`, {
      file: name,
      ...versions,
    });
  }
  if (missing !== undefined) throw journalDamaged(`its schema quittance lacks “${missing}”`);
  if (row === undefined || rows.length > 1) throw journalDamaged(`its table cluster has ${rows.length} rows, not one`);
  if ((await rowsOf(control, 'SELECT 1 FROM quittance.lease WHERE id = 1')).length === 0) throw leaseMissing();
  const address = contract.toLowerCase();
  if (row.chain_id !== String(chainId)) throw journalForeign('chain', String(chainId), row.chain_id);
  if (row.contract !== address) throw journalForeign('contract', address, row.contract);
  const base = { sequence: Number(row.base_sequence), chain: row.base_chain };
  return { journal: row.journal, base, secret: row.secret };
}
