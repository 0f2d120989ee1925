/**
 * What can be said of a whole database without executing anything: every row is as it was written, and none is missing
 * that the log or its batch needs. One pass over each table, so the time is linear in their sizes.
 */

import { BATCHES, createBatchRepository } from './batches.ts';
import { CHUNKS } from './chunks.ts';
import { databaseDamaged } from './damage.ts';
import type { Database } from './database.ts';
import { LEAVES } from './leaves.ts';
import type { LogRow } from './log-codec.ts';
import { decodeEntry } from './log-codec.ts';
import { META } from './meta.ts';
import { DROPS, PLACEMENTS, WITHDRAWALS } from './outcomes.ts';
import { PRIORITY } from './priority.ts';
import { checkRows, type TableShape } from './table.ts';

/** Every table that must be intact: all but the log, which has its chain, and the proofs, which can be made anew. */
export const CHECKED_TABLES = [
  BATCHES,
  CHUNKS,
  DROPS,
  LEAVES,
  META,
  PLACEMENTS,
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

function checkOutcomes(database: Database): void {
  const lost = database
    .prepare<[number], { sequence: number }>(
      `SELECT sequence FROM log WHERE type IN (1, 2) AND sequence <= ?
       AND NOT EXISTS (SELECT 1 FROM placements WHERE placements.sequence = log.sequence)
       AND NOT EXISTS (SELECT 1 FROM drops WHERE drops.sequence = log.sequence) LIMIT 1`,
    )
    .get(sealedThrough(database));
  if (lost === undefined) return;
  throw databaseDamaged(database.file, `what became of log entry ${lost.sequence} is missing`);
}

function checkPriority(database: Database): void {
  const { logged, stored, next } = database
    .prepare<[], { logged: number; stored: number; next: number }>(
      `SELECT (SELECT COUNT(*) FROM log WHERE type = 2) AS logged, COUNT(*) AS stored,
       COALESCE(MAX(queue_index) + 1, 0) AS next FROM priority`,
    )
    .get()!;
  if (logged === stored && stored === next) return;
  const problem = `the log has ${logged} priority operations, ${stored} have their place on L1, up to number ${next}`;
  throw databaseDamaged(database.file, problem);
}

/** How many rows each batch has in a table. */
function countsOf(database: Database, table: string): Map<number, number> {
  const rows = database.prepare<[], { batch: number; total: number }>(
    `SELECT batch, COUNT(*) AS total FROM ${table} GROUP BY batch`,
  );
  return new Map(rows.all().map(({ batch, total }) => [batch, total]));
}

/** Tells of a batch whether all that belongs to it is there. */
export function isBatchComplete(database: Database): (number: number) => boolean {
  const placements = countsOf(database, 'placements');
  const withdrawals = countsOf(database, 'withdrawals');
  const roots = database.prepare<[number], { position: number; new_root: Buffer }>(
    'SELECT position, new_root FROM chunks WHERE batch = ? ORDER BY position',
  );
  const batches = createBatchRepository(database);
  return (number) => {
    const batch = batches.get(number);
    if (batch === undefined) return false;
    const { header, transferCount, priorityCount } = batch;
    const chunks = roots.all(number);
    return (
      (placements.get(number) ?? 0) === transferCount + priorityCount &&
      (withdrawals.get(number) ?? 0) === header.withdrawalCount &&
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
