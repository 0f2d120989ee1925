/** The repositories over one database file, and the one way to change it: a durable commit. */

import { existsSync } from 'node:fs';
import { type BatchRepository, createBatchRepository } from './batches.ts';
import { type ChunkRepository, createChunkRepository } from './chunks.ts';
import { databaseDamaged } from './damage.ts';
import type { Database } from './database.ts';
import { type LogHead, readHeadFile } from './head-file.ts';
import { createLeafRepository, type LeafRepository } from './leaves.ts';
import { createLogRepository, type LogRepository, verifyChain } from './log.ts';
import { EMPTY_CHAIN } from './log-codec.ts';
import { createLookups, type Lookups } from './lookups.ts';
import { createMetaRepository, type MetaRepository } from './meta.ts';
import { MIGRATIONS } from './migrations/index.ts';
import { createOutcomeRepository, type OutcomeRepository } from './outcomes.ts';
import { createPriorityRepository, type PriorityRepository } from './priority.ts';
import { createProofRepository, type ProofRepository } from './proofs.ts';
import { verifyRows } from './verify.ts';
import { verifyEarlier } from './verify-earlier.ts';
import { openWitnessed } from './witnessed.ts';

/** All that a sequencer keeps. */
export interface Storage {
  readonly file: string;
  readonly log: LogRepository;
  /** Finds entries of the log. */
  readonly lookups: Lookups;
  readonly outcomes: OutcomeRepository;
  readonly batches: BatchRepository;
  readonly chunks: ChunkRepository;
  readonly proofs: ProofRepository;
  readonly leaves: LeafRepository;
  readonly priority: PriorityRepository;
  readonly meta: MetaRepository;
  /**
   * Runs `change` in one transaction. When it returns, all of it is on disk; when it throws, nothing is. Until the first
   * commit every file is as it was found.
   *
   * @throws RollupError DATABASE_DAMAGED when the disk or the file fails, or whatever `change` throws.
   */
  commit<T>(change: () => T): T;
  /**
   * Runs `change`, which appends nothing to the log, in one transaction that need not be on disk before the next commit is:
   * for what counts only once that is there. It does not wait for the disk.
   *
   * @throws RollupError as `commit`.
   */
  stage<T>(change: () => T): T;
  /** As `Database.copyTo`. The copy has no witness; `acceptCopy` gives it one. */
  copyTo(path: string, onStep: () => void): Promise<void>;
  close(): void;
}

export interface StorageOptions {
  /** Path of the database; `<file>.head` is the witness of the log's head. */
  readonly file: string;
  /** Accept a log without its witness file: after a deliberate restore from a backup without it. */
  readonly trustWithoutWitness?: boolean;
}

/** Compares the verified log with its witness. @throws RollupError DATABASE_DAMAGED when the database is behind it. */
function checkWitness({ trustWithoutWitness }: StorageOptions, database: Database, head: LogHead): void {
  const { file } = database;
  const headFile = `${file}.head`;
  const known = readHeadFile(headFile);
  if (known === undefined) {
    if (head.sequence === 0 || trustWithoutWitness === true) return;
    throw databaseDamaged(file, `its witness ${headFile} is ${existsSync(headFile) ? 'unreadable' : 'missing'}`);
  }
  if (known.sequence > head.sequence) {
    throw databaseDamaged(file, `it ends at log entry ${head.sequence}, but entry ${known.sequence} was acknowledged`);
  }
  // Entries may be committed without their witness when the process died in between; they count.
  const chainAt = database.prepare<[number], { chain: Buffer }>('SELECT chain FROM log WHERE sequence = ?');
  if (!(chainAt.get(known.sequence)?.chain ?? EMPTY_CHAIN).equals(known.chain)) {
    throw databaseDamaged(file, `log entry ${known.sequence} is not the one that was acknowledged`);
  }
}

/**
 * Opens the database, verifying all that can be verified without executing anything.
 *
 * @throws RollupError DATABASE_DAMAGED, DATABASE_IN_USE or DATABASE_NEWER.
 */
export function openStorage(options: StorageOptions): Storage {
  const { file } = options;
  let found: LogHead = { sequence: 0, chain: EMPTY_CHAIN };
  let log: ReturnType<typeof createLogRepository> | undefined;
  const database = openWitnessed({
    file,
    migrations: MIGRATIONS,
    check(database, version) {
      found = verifyChain(database);
      checkWitness(options, database, found);
      if (version === MIGRATIONS.length) verifyRows(database);
      else verifyEarlier(database, version);
    },
    // An older schema is taken over before there is a repository.
    logHead: () => log?.head() ?? found,
  });
  const entries = createLogRepository(database, found, (sequence, entry) => lookups.add(sequence, entry));
  const { head } = entries;
  const lookups = createLookups(database, entries);
  log = entries;
  const rollbackTo = (earlier: LogHead): void => {
    entries.rollbackTo(earlier);
    lookups.rollbackTo(earlier.sequence);
  };
  return {
    file,
    log,
    lookups,
    outcomes: createOutcomeRepository(database),
    batches: createBatchRepository(database),
    chunks: createChunkRepository(database),
    proofs: createProofRepository(database),
    leaves: createLeafRepository(database),
    priority: createPriorityRepository(database),
    meta: createMetaRepository(database),
    commit<T>(change: () => T): T {
      const before = head();
      try {
        return database.commit(change);
      } catch (error) {
        if (!database.inTransaction) rollbackTo(before);
        throw error;
      }
    },
    stage: (change) => database.stage(change),
    copyTo: database.copyTo,
    close: () => void database.close(),
  };
}
