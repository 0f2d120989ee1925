/** The damaged database as SQLite sees it with one -wal or another. Nothing of it is changed. */

import { constants, copyFileSync, existsSync, linkSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { invariantBroken } from '@quittance/protocol';
import Sqlite from 'better-sqlite3';
import type { Database } from '../database.ts';
import { type Wal, writeWal } from './wal.ts';

/** One way to read the database. */
export interface Image {
  readonly handle: Sqlite.Database;
  /** For repositories: reads only. */
  readonly database: Database;
}

function asDatabase(handle: Sqlite.Database, file: string): Database {
  return {
    file,
    prepare: ((sql: string) => handle.prepare(sql)) as Sqlite.Database['prepare'],
    inTransaction: false,
    commit() {
      throw invariantBroken('an image is read only', { file });
    },
    stage() {
      throw invariantBroken('an image is read only', { file });
    },
    copyTo() {
      throw invariantBroken('an image is read only', { file });
    },
    close: () => void handle.close(),
  };
}

function openImage(file: string, folder: string, wal: Wal | undefined): Image | undefined {
  mkdirSync(folder);
  const path = join(folder, 'database');
  if (!existsSync(file)) {
    writeFileSync(path, '');
  } else {
    try {
      linkSync(file, path);
    } catch {
      copyFileSync(file, path, constants.COPYFILE_FICLONE);
    }
  }
  if (wal !== undefined) writeFileSync(`${path}-wal`, writeWal(wal));
  try {
    const handle = new Sqlite(path, { readonly: true });
    handle.prepare('SELECT COUNT(*) FROM sqlite_schema').get();
    return { handle, database: asDatabase(handle, file) };
  } catch {
    return undefined; // damaged beyond what SQLite opens
  }
}

/**
 * The images, the most promising first: every frame of the -wal, each with a checksum made anew; those frames without
 * the damaged ones; those before the first damaged one, which is what SQLite takes by itself.
 */
export function openImages(file: string, folder: string, wal: Wal | undefined): Image[] {
  const frames = wal?.frames ?? [];
  const firstBad = frames.findIndex(({ isIntact }) => !isIntact);
  const choices =
    wal === undefined
      ? [undefined]
      : firstBad < 0
        ? [wal]
        : [
            wal,
            { ...wal, frames: frames.filter(({ isIntact }) => isIntact) },
            { ...wal, frames: frames.slice(0, firstBad) },
          ];
  return choices.flatMap((choice, index) => openImage(file, join(folder, `image-${index}`), choice) ?? []);
}
