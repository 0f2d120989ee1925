/** How a damaged database is reported: which file, what is wrong, what to do. */

import { RollupError } from '@quittance/protocol';

/** A DATABASE_DAMAGED error that tells its reader what to do next. */
export function databaseDamaged(file: string, problem: string, cause?: unknown): RollupError {
  return new RollupError(
    'DATABASE_DAMAGED',
    `the database ${file} is damaged: ${problem}. Keep the file and its -wal, -shm and .head ` +
      'companions, and restore them together from an up-to-date backup. Without one, `quittance sequencer salvage` ' +
      'saves what a sequencer’s database still holds, and a watcher’s is made anew; see docs/how-to/halt-and-recover.md',
    { file, problem },
    cause === undefined ? undefined : { cause },
  );
}

const DAMAGE_CODES = /^SQLITE_(CORRUPT|NOTADB|IOERR|CANTOPEN|PROTOCOL|FORMAT)/;

/**
 * Turns SQLite's signs of damage into DATABASE_DAMAGED and those of a full disk into DISK_FULL; other errors come back
 * unchanged.
 *
 * @param isLooking whether nothing but our own reads of a file that was found can have failed: then the plain
 * SQLITE_ERROR, with which SQLite answers some flipped bits of a header, is a sign too.
 */
export function translateSqliteError(file: string, error: unknown, isLooking = false): unknown {
  const code = (error as { code?: unknown } | null)?.code;
  if (code === 'SQLITE_FULL' || code === 'ENOSPC') {
    const message = `the disk of the database ${file} is full: free some space, then start again; what was committed is there`;
    return new RollupError('DISK_FULL', message, { file }, { cause: error });
  }
  if (typeof code === 'string' && (DAMAGE_CODES.test(code) || (isLooking && code === 'SQLITE_ERROR'))) {
    return databaseDamaged(file, `SQLite says ${code}: ${(error as Error).message}`, error);
  }
  return error;
}
