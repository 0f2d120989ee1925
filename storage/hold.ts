/**
 * `<file>.open`, the folder of the one process that has the database open. Its `lock` ends with the process, however that
 * ends; `view` is where the database is looked at before anything of it is touched.
 */

import { mkdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { isRollupError, RollupError } from '@quittance/protocol';
import Sqlite from 'better-sqlite3';
import { translateSqliteError } from './damage.ts';

/** The sole right to a database. */
export interface Hold {
  /** An empty folder, for the view. */
  makeViewFolder(): string;
  removeViewFolder(): void;
  /** Idempotent. */
  release(): void;
}

/** How long a process that is just ending is waited for. */
export const BUSY_TIMEOUT_MS = 1_000;

/** Processes that end one after the other, each just before us. */
const MAX_TRIES = 5;

/** Another process has the database. */
export function inUse(file: string): RollupError {
  const message = `the database ${file} is in use by another process; stop it first`;
  return new RollupError('DATABASE_IN_USE', message, { file });
}

/** Which file the path names at present. */
const nodeOf = (path: string): number | undefined => statSync(path, { throwIfNoEntry: false })?.ino;

/** Locks the file `lock` in `folder`. @returns undefined when whoever had it removed it with the folder meanwhile. */
function lockIn(folder: string): Sqlite.Database | undefined {
  const path = join(folder, 'lock');
  mkdirSync(folder, { recursive: true });
  let lock: Sqlite.Database | undefined;
  try {
    lock = new Sqlite(path, { timeout: BUSY_TIMEOUT_MS });
    const node = nodeOf(path);
    lock.exec('BEGIN EXCLUSIVE');
    if (node !== undefined && nodeOf(path) === node) return lock;
    lock.close();
    return undefined;
  } catch (error) {
    lock?.close();
    if (nodeOf(folder) === undefined) return undefined;
    throw error;
  }
}

/**
 * @throws RollupError DATABASE_IN_USE when another process holds it, DISK_FULL, or CONFIG_INVALID when nothing can be
 * written beside it.
 */
export function holdDatabase(file: string): Hold {
  const folder = `${file}.open`;
  const view = join(folder, 'view');
  let lock: Sqlite.Database | undefined;
  const release = (): void => {
    try {
      if (lock !== undefined) rmSync(folder, { recursive: true, force: true });
    } catch {
      // What stays, of a network file system for example, is in nobody's way: the lock ends all the same.
    } finally {
      lock?.close();
      lock = undefined;
    }
  };
  try {
    for (let tries = 0; lock === undefined && tries < MAX_TRIES; tries++) lock = lockIn(folder);
  } catch (error) {
    if ((error as { code?: string }).code === 'SQLITE_BUSY') throw inUse(file);
    const known = translateSqliteError(file, error);
    if (isRollupError(known, 'DISK_FULL')) throw known;
    const message = `cannot write beside the database ${file}: ${(error as Error).message}`;
    throw new RollupError('CONFIG_INVALID', message, { file }, { cause: error });
  }
  if (lock === undefined) throw inUse(file);
  const removeViewFolder = (): void => rmSync(view, { recursive: true, force: true });
  return {
    makeViewFolder() {
      removeViewFolder();
      mkdirSync(view);
      return view;
    },
    removeViewFolder,
    release,
  };
}
