/**
 * A database that counts its commits, with a witness of their number outside SQLite: one that lost its last commits,
 * which SQLite itself does not notice, is refused.
 */

import { isRollupError } from '@quittance/protocol';
import { databaseDamaged, translateSqliteError } from './damage.ts';
import { type Database, type DatabaseOptions, IN_MEMORY, openDatabase } from './database.ts';
import { type HeadFile, type LogHead, openHeadFile, readHeadFile } from './head-file.ts';
import { EMPTY_CHAIN } from './log-codec.ts';
import { createMetaRepository, type MetaRepository } from './meta.ts';

export interface WitnessedOptions extends DatabaseOptions {
  /** The present schema's version has a table `meta` with checksums. */
  readonly migrations: readonly string[];
  /** Where the log of the database ends, if it has one. */
  readonly logHead?: () => LogHead;
}

const COMMITS = 'commits';
const NO_LOG: LogHead = { sequence: 0, chain: EMPTY_CHAIN };

/** Commits so far. */
function countCommits(meta: MetaRepository): number {
  return Number(meta.get(COMMITS) ?? 0);
}

/** @throws RollupError DATABASE_DAMAGED when commits are missing, be it that they did not touch the log. */
function checkCommits(database: Database): void {
  const { file } = database;
  const known = readHeadFile(`${file}.head`)?.commits ?? 0;
  const commits = countCommits(createMetaRepository(database));
  if (known <= commits) return;
  throw databaseDamaged(file, `it has ${commits} commits, but ${known} were made: the last ones are missing`);
}

/** Does something to the witness. @throws RollupError DISK_FULL or DATABASE_DAMAGED. */
function touchWitness<T>(file: string, touch: () => T): T {
  try {
    return touch();
  } catch (error) {
    const known = translateSqliteError(file, error);
    if (isRollupError(known)) throw known;
    throw databaseDamaged(file, `its witness cannot be written: ${(error as Error).message}`, error);
  }
}

/** As `openDatabase`; `<file>.head` is the witness. @throws RollupError as `openDatabase`. */
export function openWitnessed(options: WitnessedOptions): Database {
  const { check, migrations, logHead = () => NO_LOG } = options;
  if (options.file === IN_MEMORY) return openDatabase(options);
  let witness: HeadFile | undefined;
  const database = openDatabase({
    ...options,
    check(found, version) {
      check?.(found, version);
      if (version === migrations.length) checkCommits(found);
    },
    onOwned(owned) {
      const commits = countCommits(createMetaRepository(owned));
      touchWitness(owned.file, () => {
        witness ??= openHeadFile(`${owned.file}.head`);
        witness.write({ ...logHead(), commits });
      });
    },
  });
  const { file } = database;
  const meta = createMetaRepository(database);
  /** Why the witness is behind the database: nothing more is committed then. */
  let failure: unknown;
  return {
    file,
    prepare: database.prepare,
    get inTransaction() {
      return database.inTransaction;
    },
    commit<T>(change: () => T): T {
      if (failure !== undefined) throw failure;
      const { result, commits } = database.commit(() => {
        const result = change();
        const commits = countCommits(meta) + 1;
        meta.set(COMMITS, String(commits));
        return { result, commits };
      });
      try {
        touchWitness(file, () => witness!.write({ ...logHead(), commits }));
      } catch (error) {
        failure = error;
        throw error;
      }
      return result;
    },
    stage(change) {
      if (failure !== undefined) throw failure;
      return database.stage(change);
    },
    copyTo: database.copyTo,
    close() {
      witness?.close();
      witness = undefined;
      database.close();
    },
  };
}
