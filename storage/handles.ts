/** The two ways in which SQLite opens a database here: to look at it without changing a byte, and to own it. */

import { constants, copyFileSync, existsSync, linkSync, statSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { databaseDamaged } from './damage.ts';
import { BUSY_TIMEOUT_MS } from './hold.ts';

/**
 * Opens the database for reading in `folder`, where SQLite finds the file under another name (a hard link, so that
 * size does not matter; a copy where there are none) beside a copy of its -wal. What SQLite does to a -wal and a -shm
 * (it moves the one into the database and deletes both) happens to those in `folder`.
 */
export function openView(file: string, folder: string): Sqlite.Database {
  const path = join(folder, 'database');
  try {
    linkSync(file, path);
  } catch {
    copyFileSync(file, path, constants.COPYFILE_FICLONE);
  }
  if (existsSync(`${file}-wal`)) copyFileSync(`${file}-wal`, `${path}-wal`);
  const database = new Sqlite(path, { readonly: true, timeout: BUSY_TIMEOUT_MS });
  try {
    database.pragma('cell_size_check = ON');
    // Holds a read lock on the file for as long as the view is open.
    database.exec('BEGIN');
    database.prepare('SELECT COUNT(*) FROM sqlite_schema').get();
    const report = database.pragma('integrity_check(1)', { simple: true });
    if (report !== 'ok') throw databaseDamaged(file, String(report));
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** Opens the database as its only user: durable commits, an exclusive lock. */
export function openOwned(file: string): Sqlite.Database {
  const database = new Sqlite(file, { timeout: BUSY_TIMEOUT_MS });
  try {
    // One process owns the file for as long as it is open: two sequencers on one log would fork it.
    database.pragma('locking_mode = EXCLUSIVE');
    database.pragma('journal_mode = WAL');
    database.pragma('synchronous = FULL');
    database.pragma('foreign_keys = ON');
    database.pragma('cell_size_check = ON');
    // Takes the lock now rather than at the first write.
    database.exec('BEGIN IMMEDIATE; COMMIT');
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** Changes when another process writes the database. */
export function fingerprint(file: string): string {
  return [file, `${file}-wal`]
    .map((path) => {
      const { ino, size, mtimeMs } = statSync(path, { throwIfNoEntry: false }) ?? { ino: 0, size: 0, mtimeMs: 0 };
      return `${ino}:${size}:${mtimeMs}`;
    })
    .join(' ');
}
