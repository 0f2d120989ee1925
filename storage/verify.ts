/**
 * What can be said of a whole database without executing anything: every row is as it was written, and none is missing
 * that the log or its batch needs. One pass over each table, so the time is linear in their sizes.
 */

import { BATCHES, createBatchRepository } from './batches.ts';
import { CHUNKS, type StoredChunk } from './chunks.ts';
import { databaseDamaged } from './damage.ts';
import type { Database } from './database.ts';
import { LEAF_CHANGES, LEAF_PAGES } from './leaf-tables.ts';
import type { LogRow } from './log-codec.ts';
import { decodeEntry } from './log-codec.ts';
import { META } from './meta.ts';
import { DROPS } from './outcomes.ts';
import { sequencesIn } from './places.ts';
import { PRIORITY } from './priority.ts';
import { checkRows, type TableShape } from './table.ts';
import { WITHDRAWAL_BYTES } from './withdrawal-codec.ts';
import { WITHDRAWALS } from './withdrawals.ts';

/** Every table that must be intact: all but the log, which has its chain, and the proofs, which can be made anew. */
export const CHECKED_TABLES = [
  BATCHES,
  CHUNKS,
  DROPS,
  LEAF_CHANGES,
  LEAF_PAGES,
  META,
  PRIORITY,
  WITHDRAWALS,
] as readonly unknown[] as readonly TableShape<never>[];

/** Everything up to here is in a batch or dropped. */
function sealedThrough(database: Database): number {
  const row = database
    .prepare<[], LogRow>('SELECT * FROM log WHERE type IN (3, 4) ORDER BY sequence DESC LIMIT 1')
    .get();
  const entry = row === undefined ? undefined : decodeEntry(row, database.file);
  return entry?.type === 'seal' || entry?.type === 'unseal' ? entry.lastSequence : 0;
}

/** Which entries of the log are in a batch or dropped: a bit for each sequence up to `last`. */
function settledUpTo(database: Pick<Database, 'prepare'>, last: number): (sequence: number) => boolean {
  const bits = new Uint8Array(Math.floor(last / 8) + 1);
  const settle = (sequence: number): void => {
    if (sequence <= last) bits[sequence >> 3]! |= 1 << (sequence & 7);
  };
  const chunks = database.prepare<[], { places: Buffer }>('SELECT places FROM chunks').iterate();
  for (const { places } of chunks) for (const sequence of sequencesIn(places)) settle(sequence);
  for (const { sequence } of database.prepare<[], { sequence: number }>('SELECT sequence FROM drops').iterate()) {
    settle(sequence);
  }
  return (sequence) => (bits[sequence >> 3]! & (1 << (sequence & 7))) !== 0;
}

/** Entries of these types up to `last` that are neither in a batch nor dropped. */
export function* lostEntries(
  database: Pick<Database, 'prepare'>,
  types: readonly number[],
  last: number,
): Generator<number> {
  const isSettled = settledUpTo(database, last);
  const rows = database.prepare<[number], { sequence: number }>(
    `SELECT sequence FROM log WHERE type IN (${types.join(', ')}) AND sequence <= ? ORDER BY sequence`,
  );
  for (const { sequence } of rows.iterate(last)) if (!isSettled(sequence)) yield sequence;
}

function checkOutcomes(database: Database): void {
  for (const lost of lostEntries(database, [1, 2], sealedThrough(database))) {
    throw databaseDamaged(database.file, `what became of log entry ${lost} is missing`);
  }
}

function checkPriority(database: Database): void {
  const { logged, stored, next } = database
    .prepare<[], { logged: number; stored: number; next: number }>(
      `SELECT (SELECT COUNT(*) FROM log WHERE type = 2 AND sequence NOT IN (SELECT sequence FROM drops)) AS logged,
       COUNT(*) AS stored,
       COALESCE(MAX(queue_index) + 1, 0) AS next FROM priority`,
    )
    .get()!;
  if (logged === stored && stored === next) return;
  const problem = `the log has ${logged} priority operations, ${stored} have their place on L1, up to number ${next}`;
  throw databaseDamaged(database.file, problem);
}

/** Transfers by batch of which the log has no entry, as the seals of batches that were made anew from L1 say. */
function readUnlisted(database: Pick<Database, 'prepare' | 'file'>): ReadonlyMap<number, number> {
  const unlisted = new Map<number, number>();
  const rows = database.prepare<[], LogRow>('SELECT * FROM log WHERE type = 3 ORDER BY sequence').iterate();
  for (const row of rows) {
    const entry = decodeEntry(row, database.file);
    if (entry.type === 'seal') unlisted.set(entry.batch, entry.fromL1?.unlisted ?? 0);
  }
  return unlisted;
}

/** Tells of a batch whether all that belongs to it is there, but for the accounts that it changed: its root tells that. */
export function isBatchComplete(database: Database): (number: number) => boolean {
  const selectChunks = database.prepare<[number], Pick<StoredChunk, 'position' | 'new_root' | 'places'>>(
    'SELECT position, new_root, places FROM chunks WHERE batch = ? ORDER BY position',
  );
  const selectWithdrawals = database.prepare<[number], { bytes: number }>(
    'SELECT COALESCE(SUM(LENGTH(withdrawals)), 0) AS bytes FROM withdrawals WHERE batch = ?',
  );
  const batches = createBatchRepository(database);
  let unlisted: ReadonlyMap<number, number> | undefined;
  /** Asked only where something is missing, which is rare. */
  const unlistedIn = (number: number): number => {
    unlisted ??= readUnlisted(database);
    return unlisted.get(number) ?? 0;
  };
  return (number) => {
    const batch = batches.get(number);
    if (batch === undefined) return false;
    const { header, transferCount, priorityCount } = batch;
    const chunks = selectChunks.all(number);
    const placed = chunks.reduce((sum, { places }) => sum + [...sequencesIn(places)].length, 0);
    const lacking = transferCount + priorityCount - placed;
    return (
      (lacking === 0 || lacking === unlistedIn(number)) &&
      selectWithdrawals.get(number)!.bytes === header.withdrawalCount * WITHDRAWAL_BYTES &&
      chunks.every(({ position }, index) => position === index) &&
      chunks.at(-1)?.new_root.toString('hex') === header.stateRoot.toString(16).padStart(64, '0')
    );
  };
}

function checkBatches(database: Database): void {
  const isComplete = isBatchComplete(database);
  for (let number = 1, last = createBatchRepository(database).last()?.number ?? 0; number <= last; number++) {
    if (!isComplete(number)) throw databaseDamaged(database.file, `batch ${number} or a part of it is missing`);
  }
}

/** @throws RollupError DATABASE_DAMAGED naming the first row that is wrong or missing. */
export function verifyRows(database: Database): void {
  checkRows(database, CHECKED_TABLES);
  checkBatches(database);
  checkOutcomes(database);
  checkPriority(database);
}
