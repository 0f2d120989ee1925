/**
 * A database that counts its commits, with a witness of their number outside SQLite: one that lost its last commits,
 * which SQLite itself does not notice, is refused.
 */

import { databaseDamaged } from './damage.ts';
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

/** As `openDatabase`; `<file>.head` is the witness. @throws RollupError as `openDatabase`. */
export function openWitnessed(options: WitnessedOptions): Database {
  const { file, check, migrations, logHead = () => NO_LOG } = options;
  if (file === IN_MEMORY) return openDatabase(options);
  let witness: HeadFile | undefined;
  const database = openDatabase({
    ...options,
    check(found, version) {
      check?.(found, version);
      if (version === migrations.length) checkCommits(found);
    },
    onOwned(owned) {
      witness = openHeadFile(`${file}.head`);
      witness.write({ ...logHead(), commits: countCommits(createMetaRepository(owned)) });
    },
  });
  const meta = createMetaRepository(database);
  return {
    file,
    prepare: database.prepare,
    get inTransaction() {
      return database.inTransaction;
    },
    commit<T>(change: () => T): T {
      const { result, commits } = database.commit(() => {
        const result = change();
        const commits = countCommits(meta) + 1;
        meta.set(COMMITS, String(commits));
        return { result, commits };
      });
      witness!.write({ ...logHead(), commits });
      return result;
    },
    close() {
      witness?.close();
      witness = undefined;
      database.close();
    },
  };
}
