/**
 * `<file>.open`, the folder of the one process that has the database open. Its `lock` ends with the process, however that
 * ends; `view` is where the database is looked at before anything of it is touched.
 */

import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { RollupError } from '@quittance/protocol';
import Sqlite from 'better-sqlite3';

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

/** Another process has the database. */
export function inUse(file: string): RollupError {
  const message = `the database ${file} is in use by another process; stop it first`;
  return new RollupError('DATABASE_IN_USE', message, { file });
}

/** @throws RollupError DATABASE_IN_USE when another process holds it, CONFIG_INVALID when nothing can be written beside it. */
export function holdDatabase(file: string): Hold {
  const folder = `${file}.open`;
  const view = join(folder, 'view');
  let lock: Sqlite.Database | undefined;
  const release = (): void => {
    if (lock === undefined) return;
    rmSync(folder, { recursive: true, force: true });
    lock.close();
    lock = undefined;
  };
  try {
    mkdirSync(folder, { recursive: true });
    lock = new Sqlite(join(folder, 'lock'), { timeout: BUSY_TIMEOUT_MS });
    lock.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    lock?.close();
    if ((error as { code?: string }).code === 'SQLITE_BUSY') throw inUse(file);
    const message = `cannot write beside the database ${file}: ${(error as Error).message}`;
    throw new RollupError('CONFIG_INVALID', message, { file }, { cause: error });
  }
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
