/**
 * One database file with one user. It is looked at first: until its first commit every file is as it was found, so that
 * a start that is refused leaves all that could be saved.
 */

import { mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import type Sqlite from 'better-sqlite3';
import { databaseDamaged, translateSqliteError } from './damage.ts';
import { fingerprint, openOwned, openView } from './handles.ts';
import { type Hold, holdDatabase, inUse } from './hold.ts';
import { followLinks } from './links.ts';
import { MIGRATIONS } from './migrations/index.ts';
import { checkSchema, createEmpty, migrate, schemaVersion } from './schema.ts';

/** A database that repositories stand on. */
export interface Database {
  readonly file: string;
  /** Its statements may write inside `commit` only. */
  readonly prepare: Sqlite.Database['prepare'];
  readonly inTransaction: boolean;
  /** Runs `change` in one transaction: all of it is on disk afterwards, or nothing. The first takes the file over. */
  commit<T>(change: () => T): T;
  /**
   * Runs `change` in one transaction that need not be on disk before the next commit is: a crash may take it back, alone or
   * with others that were staged after it. Does not wait for the disk.
   */
  stage<T>(change: () => T): T;
  /**
   * Copies the database into a new file, some pages at a time: as it is when that ends, whatever is committed meanwhile.
   *
   * @param onStep called between two steps; what it throws ends the copy.
   * @throws RollupError DISK_FULL, or DATABASE_DAMAGED.
   */
  copyTo(path: string, onStep: () => void): Promise<void>;
  close(): void;
}

export interface DatabaseOptions {
  readonly file: string;
  /** The schema's history; the sequencer's when absent. */
  readonly migrations?: readonly string[];
  /** Refuses what it does not believe, by throwing. `version`: how many of the migrations the database has had. */
  readonly check?: (database: Database, version: number) => void;
  /** Runs once, when the file is taken over, before the first commit. */
  readonly onOwned?: (database: Database) => void;
}

/** Stands for a database that ends with the process. */
export const IN_MEMORY = ':memory:';

/** A bound LIMIT. SQLite plans a statement with a bare `LIMIT ?` anew whenever it runs, which takes several times as long as it. */
export const LIMIT = 'LIMIT ? + 0';

/** Pages of a step of a copy: a quarter of a megabyte, a fraction of a millisecond. */
const COPIED_PAGES = 64;

/** Whether there is nothing yet. @throws RollupError DATABASE_DAMAGED when only a -wal is left. */
function isNew(file: string): boolean {
  const hasWal = (statSync(`${file}-wal`, { throwIfNoEntry: false })?.size ?? 0) > 0;
  const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  if (size === 0 && hasWal) throw databaseDamaged(file, 'it is missing or empty, but its -wal is there');
  return size === 0;
}

/** A statement that follows `current` from one handle to the next. It is prepared once it is used: most of a look are not. */
function follow(current: () => Sqlite.Database, sql: string): Sqlite.Statement {
  let handle: Sqlite.Database | undefined;
  let statement: Sqlite.Statement | undefined;
  const latest = (): Sqlite.Statement => {
    if (statement === undefined || handle !== current()) {
      handle = current();
      statement = handle.prepare(sql);
    }
    return statement;
  };
  const following: Pick<Sqlite.Statement, 'get' | 'all' | 'run' | 'iterate'> = {
    get: (...values) => latest().get(...values),
    all: (...values) => latest().all(...values),
    run: (...values) => latest().run(...values),
    iterate: (...values) => latest().iterate(...values),
  };
  return following as Sqlite.Statement;
}

function refusal(file: string, error: unknown, isLooking = false): unknown {
  if ((error as { code?: string }).code === 'SQLITE_BUSY') return inUse(file);
  return translateSqliteError(file, error, isLooking);
}

/** The database over the view of `hold`, or over nothing when there is no file yet. */
function lookAt(file: string, hold: Hold | undefined, options: DatabaseOptions): Database {
  const { migrations = MIGRATIONS, check, onOwned } = options;
  const isFresh = hold === undefined || isNew(file);
  let found = fingerprint(file);
  let handle = isFresh ? createEmpty(migrations) : openView(file, hold.makeViewFolder());
  let isOwned = hold === undefined;
  /** Whether a commit waits for the disk: `openOwned` says so. */
  let isSynchronous = true;
  if (isFresh && !isOwned) handle.pragma('query_only = ON');

  const own = (): void => {
    if (isOwned) return;
    handle.close();
    hold!.removeViewFolder();
    if (fingerprint(file) !== found) throw inUse(file);
    handle = openOwned(file);
    isSynchronous = true;
    try {
      migrate(handle, file, migrations);
      onOwned?.(database);
      isOwned = true;
    } catch (error) {
      // No commit stands on half a take-over: the next one begins it anew.
      handle.close();
      found = fingerprint(file);
      throw error;
    }
  };
  const transact = <T>(change: () => T, isStaged: boolean): T => {
    try {
      own();
      // Without waiting for the disk at the end; what a later commit makes durable includes it, since the -wal is in order.
      if (isSynchronous === isStaged) {
        handle.pragma(`synchronous = ${isStaged ? 'NORMAL' : 'FULL'}`);
        isSynchronous = !isStaged;
      }
      return handle.transaction(change).immediate();
    } catch (error) {
      throw refusal(file, error);
    }
  };
  const database: Database = {
    file,
    prepare: ((sql: string) => follow(() => handle, sql)) as Sqlite.Database['prepare'],
    get inTransaction() {
      return handle.inTransaction;
    },
    commit: (change) => transact(change, false),
    stage: (change) => transact(change, true),
    async copyTo(path, onStep) {
      try {
        own();
        const progress = (): number => {
          onStep();
          return COPIED_PAGES;
        };
        await handle.backup(path, { progress });
      } catch (error) {
        throw refusal(file, error);
      }
    },
    close() {
      handle.close();
      hold?.release();
    },
  };
  try {
    const version = schemaVersion(handle, file, migrations);
    checkSchema(handle, file, migrations, version);
    check?.(database, version);
    if (version < migrations.length) {
      own();
      check?.(database, migrations.length);
    }
    return database;
  } catch (error) {
    handle.close();
    throw error;
  }
}

/**
 * The database at `file`; it is created by its first commit when it does not exist.
 *
 * @throws RollupError DATABASE_DAMAGED, DATABASE_IN_USE, DATABASE_NEWER, or what `check` throws.
 */
export function openDatabase(options: DatabaseOptions): Database {
  if (options.file === IN_MEMORY) return lookAt(IN_MEMORY, undefined, options);
  mkdirSync(dirname(options.file), { recursive: true });
  const file = followLinks(options.file);
  const hold = holdDatabase(file);
  try {
    return lookAt(file, hold, options);
  } catch (error) {
    hold.release();
    throw refusal(file, error, true);
  }
}
