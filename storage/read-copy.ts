/**
 * Reads a database that another process has open, which lets nobody else in: a copy of its file and of its -wal. What the -wal
 * has beyond its last whole commit SQLite leaves out; what must not happen is that it was moved into the file meanwhile.
 */

import {
  closeSync,
  constants,
  copyFileSync,
  existsSync,
  mkdtempSync,
  openSync,
  readSync,
  rmSync,
  statSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { RollupError } from '@quittance/protocol';
import Sqlite from 'better-sqlite3';
import { databaseDamaged, translateSqliteError } from './damage.ts';
import type { Database } from './database.ts';
import { BUSY_TIMEOUT_MS } from './hold.ts';
import { followLinks } from './links.ts';
import { schemaVersion } from './schema.ts';

/** Copies that are made until one is whole. The owner moves its -wal every few thousand commits, for some milliseconds. */
const MOST_COPIES = 10;
const PAUSE_MS = 50;
/** Where the header of a -wal has its salt, which another one begins with. Source: sqlite.org/fileformat2.html, The Write-Ahead Log. */
const SALT = { at: 16, bytes: 8 };

/** What changes as soon as the file does, or another -wal begins. */
function stampOf(file: string): string {
  const { ino, size, mtimeNs } = statSync(file, { bigint: true });
  return `${ino}:${size}:${mtimeNs}:${saltOf(`${file}-wal`)}`;
}

function saltOf(wal: string): string {
  if (!existsSync(wal)) return 'none';
  const salt = Buffer.alloc(SALT.bytes);
  const descriptor = openSync(wal, 'r');
  try {
    return salt.subarray(0, readSync(descriptor, salt, 0, SALT.bytes, SALT.at)).toString('hex');
  } finally {
    closeSync(descriptor);
  }
}

/** Copies the database. @returns whether nothing of its file changed meanwhile. */
function copyInto(file: string, path: string): boolean {
  rmSync(`${path}-wal`, { force: true });
  const before = stampOf(file);
  copyFileSync(file, path, constants.COPYFILE_FICLONE);
  if (existsSync(`${file}-wal`)) copyFileSync(`${file}-wal`, `${path}-wal`, constants.COPYFILE_FICLONE);
  return stampOf(file) === before;
}

function opened(file: string, path: string, migrations: readonly string[]): Sqlite.Database {
  const handle = new Sqlite(path, { readonly: true, timeout: BUSY_TIMEOUT_MS });
  try {
    const version = schemaVersion(handle, file, migrations);
    if (version === migrations.length) return handle;
    const message = `the database ${file} has schema ${version}: start whoever has it once with this version`;
    throw new RollupError('DATABASE_OLDER', message, { file, expected: migrations.length, actual: version });
  } catch (error) {
    handle.close();
    throw error;
  }
}

/** A handle that is read, as repositories take it. */
function readOnly(file: string, handle: Sqlite.Database): Database {
  const refuse = (): never => {
    throw new Error('a copy of a database is read only');
  };
  return {
    ...{ file, commit: refuse, stage: refuse, copyTo: refuse },
    prepare: handle.prepare.bind(handle) as Database['prepare'],
    inTransaction: false,
    close: () => void handle.close(),
  };
}

/**
 * What `read` makes of a copy. The copy lies beside the database, in a folder for its owner only, and is removed.
 *
 * @param migrations those that the database must have had.
 * @throws RollupError CONFIG_INVALID when there is none, DATABASE_DAMAGED, DATABASE_NEWER, DATABASE_OLDER, DISK_FULL, or TIMEOUT
 * when the file did not rest for as long as a copy takes: try again.
 */
export async function readCopy<T>(
  named: string,
  migrations: readonly string[],
  read: (database: Database) => T,
): Promise<T> {
  const file = followLinks(named);
  if (!existsSync(file)) throw new RollupError('CONFIG_INVALID', `there is no database ${file}`, { file });
  const folder = mkdtempSync(`${file}.copy-`);
  const path = join(folder, 'database');
  try {
    for (let copies = 0; copies < MOST_COPIES; copies++) {
      if (copies > 0) await pause(PAUSE_MS);
      if (!copyInto(file, path)) continue;
      const database = readOnly(file, opened(file, path, migrations));
      try {
        return read(database);
      } finally {
        database.close();
      }
    }
    throw new RollupError('TIMEOUT', `the database ${file} changes faster than it can be copied`, { file });
  } catch (error) {
    throw (error as { code?: string }).code === 'SQLITE_BUSY'
      ? databaseDamaged(file, 'its copy cannot be opened', error)
      : translateSqliteError(file, error, true);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
