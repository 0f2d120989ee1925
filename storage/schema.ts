/** The schema of a database: brought up to the present version, and compared with what it should be. */

import { RollupError } from '@quittance/protocol';
import Sqlite from 'better-sqlite3';
import { rowChecksum } from './checksum.ts';
import { databaseDamaged } from './damage.ts';
import { addPackingFunctions } from './migrations/packing.ts';

/** How many migrations the database has had. @throws RollupError DATABASE_NEWER. */
export function schemaVersion(database: Sqlite.Database, file: string, migrations: readonly string[]): number {
  const version = database.pragma('user_version', { simple: true }) as number;
  if (version <= migrations.length) return version;
  throw new RollupError(
    'DATABASE_NEWER',
    `the database ${file} has schema ${version}, this version knows ${migrations.length}; use a newer version`,
    { file, actual: version, expected: migrations.length },
  );
}

/** Applies the migrations that the database has not had. */
export function migrate(database: Sqlite.Database, file: string, migrations: readonly string[]): void {
  const version = schemaVersion(database, file, migrations);
  if (version === migrations.length) return;
  database.function('row_checksum', { deterministic: true, varargs: true }, (table, ...values) =>
    rowChecksum(String(table), values),
  );
  addPackingFunctions(database);
  for (const [from, sql] of migrations.entries()) {
    if (from < version) continue;
    database.transaction(() => {
      database.exec(sql);
      database.pragma(`user_version = ${from + 1}`);
    })();
  }
}

/** The definitions of all tables, indices and triggers. */
function schemaOf(database: Sqlite.Database): string {
  const rows = database.prepare<[], { sql: string }>(
    "SELECT type || ' ' || name || ' ' || tbl_name || ' ' || COALESCE(sql, '') AS sql FROM sqlite_schema ORDER BY type, name",
  );
  return rows
    .all()
    .map(({ sql }) => sql)
    .join('\n');
}

/** An empty database in memory with the schema of these migrations. */
export function createEmpty(migrations: readonly string[]): Sqlite.Database {
  const empty = new Sqlite(':memory:');
  migrate(empty, ':memory:', migrations);
  return empty;
}

/** By migrations and version. Each open compares, and what it compares with takes milliseconds to make. */
const known = new WeakMap<readonly string[], Map<number, string>>();

/** The definitions that a database has after the first `version` of these migrations. */
function schemaAt(migrations: readonly string[], version: number): string {
  const versions = known.get(migrations) ?? new Map<number, string>();
  known.set(migrations, versions);
  let schema = versions.get(version);
  if (schema === undefined) {
    const empty = createEmpty(migrations.slice(0, version));
    schema = schemaOf(empty);
    empty.close();
    versions.set(version, schema);
  }
  return schema;
}

/** The version whose schema the database has, if it is one before the present; a flipped bit makes none of another. */
export function earlierVersion(database: Sqlite.Database, migrations: readonly string[]): number | undefined {
  const found = schemaOf(database);
  for (let version = migrations.length - 1; version > 0; version -= 1) {
    if (found === schemaAt(migrations, version)) return version;
  }
  return undefined;
}

/**
 * A flipped bit in a definition is no damage to SQLite: it would only find other names.
 *
 * @param version how many of the migrations the database has had.
 * @throws RollupError DATABASE_DAMAGED.
 */
export function checkSchema(
  database: Sqlite.Database,
  file: string,
  migrations: readonly string[],
  version: number,
): void {
  if (schemaOf(database) === schemaAt(migrations, version)) return;
  throw databaseDamaged(file, 'its tables are not those of its schema version');
}
