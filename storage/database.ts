/** Opens SQLite the way a ledger needs it: one writer, durable commits, the present schema, checked for damage. */

import { existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { RollupError } from '@quittance/protocol';
import Sqlite from 'better-sqlite3';
import { databaseDamaged, translateSqliteError } from './damage.ts';
import { MIGRATIONS } from './migrations/index.ts';

export type Database = Sqlite.Database;
export type Statement = Sqlite.Statement;

function migrate(database: Database, file: string, migrations: readonly string[]): void {
  const version = database.pragma('user_version', { simple: true }) as number;
  if (version > migrations.length) {
    throw new RollupError(
      'CONFIG_INVALID',
      `the database ${file} has schema ${version}, this version knows ${migrations.length}; use a newer version`,
      {
        file,
        actual: version,
        expected: migrations.length,
      },
    );
  }
  for (const [from, sql] of migrations.entries()) {
    if (from < version) continue;
    database.transaction(() => {
      database.exec(sql);
      database.pragma(`user_version = ${from + 1}`);
    })();
  }
}

/** The definitions of all tables, indices and triggers. */
function schemaOf(database: Database): string {
  const rows = database.prepare<[], { sql: string }>(
    "SELECT type || ' ' || name || ' ' || tbl_name || ' ' || COALESCE(sql, '') AS sql FROM sqlite_schema ORDER BY type, name",
  );
  return rows
    .all()
    .map(({ sql }) => sql)
    .join('\n');
}

/** A flipped bit in a definition is no damage to SQLite: it would only find other names. */
function checkSchema(database: Database, file: string, migrations: readonly string[]): void {
  const fresh = new Sqlite(':memory:');
  try {
    migrate(fresh, ':memory:', migrations);
    if (schemaOf(database) !== schemaOf(fresh))
      throw databaseDamaged(file, 'its tables are not those of its schema version');
  } finally {
    fresh.close();
  }
}

function inUse(file: string): RollupError {
  return new RollupError('CONFIG_INVALID', `the database ${file} is in use by another process; stop it first`, {
    file,
  });
}

/**
 * The database at `file`, created when it does not exist.
 *
 * @param migrations the schema's history; the sequencer's when absent.
 * @throws RollupError DATABASE_DAMAGED, or CONFIG_INVALID when it is in use or newer than this version.
 */
export function openDatabase(file: string, migrations: readonly string[] = MIGRATIONS): Database {
  mkdirSync(dirname(file), { recursive: true });
  const isNew = !existsSync(file);
  let database: Database | undefined;
  try {
    database = new Sqlite(file, { timeout: 1_000 });
    // One process owns the file for as long as it is open: two sequencers on one log would fork it.
    database.pragma('locking_mode = EXCLUSIVE');
    database.pragma('journal_mode = WAL');
    database.pragma('synchronous = FULL');
    database.pragma('foreign_keys = ON');
    database.pragma('cell_size_check = ON');
    // Takes the lock now rather than at the first write.
    database.exec('BEGIN IMMEDIATE; COMMIT');
    if (!isNew) {
      const report = database.pragma('quick_check(1)', { simple: true });
      if (report !== 'ok') throw databaseDamaged(file, String(report));
    }
    migrate(database, file, migrations);
    checkSchema(database, file, migrations);
    return database;
  } catch (error) {
    try {
      database?.close();
    } catch {
      // The first error says more than the one of closing a damaged file.
    }
    if ((error as { code?: string }).code === 'SQLITE_BUSY') throw inUse(file);
    throw translateSqliteError(file, error);
  }
}
