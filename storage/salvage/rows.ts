/** Brings what was saved into a new database: the log first, then every row that is as it was written and fits it. */

import Sqlite from 'better-sqlite3';
import { rowChecksum } from '../checksum.ts';
import type { LogHead } from '../head-file.ts';
import { decodeEntry, EMPTY_CHAIN, encodeEntry, type LogRow, nextChain } from '../log-codec.ts';
import type { Drop } from '../outcomes.ts';
import { sequencesIn } from '../places.ts';
import { PRIORITY } from '../priority.ts';
import { PROOFS } from '../proofs.ts';
import { isRowIntact, type Stored, type TableShape } from '../table.ts';
import { takenBack } from '../taken-back.ts';
import { CHECKED_TABLES, isBatchComplete, lostEntries } from '../verify.ts';
import type { Image } from './images.ts';
import { mendRow } from './mend.ts';

type AnyShape = TableShape<Record<string, unknown>>;

const INSERT_LOG =
  'INSERT INTO log (sequence, type, id, payload, received_ms, chain) VALUES (@sequence, @type, @id, @payload, @received_ms, @chain)';

/** Copies the chain. @returns where it ends. */
export function insertLog(target: Sqlite.Database, rows: Iterable<LogRow>): LogHead {
  const insert = target.prepare(INSERT_LOG);
  let head: LogHead = { sequence: 0, chain: EMPTY_CHAIN };
  for (const row of rows) {
    insert.run(row);
    head = { sequence: row.sequence, chain: row.chain };
  }
  return head;
}

/** Rows of a table as far as SQLite can walk through it, from either end. */
function* readableRows({ database }: Image, { name, key }: AnyShape): Generator<Stored<Record<string, unknown>>> {
  for (const order of ['ASC', 'DESC']) {
    try {
      const by = key.map((column) => `${column} ${order}`).join(', ');
      yield* database.prepare<[], Stored<Record<string, unknown>>>(`SELECT * FROM ${name} ORDER BY ${by}`).iterate();
      return;
    } catch (error) {
      if (!(error instanceof Sqlite.SqliteError)) throw error; // a damaged page: on from the other end
    }
  }
}

/**
 * Copies every intact row, and then those of which one bit was flipped; of two with one key the one of the better image.
 *
 * @returns how many were mended.
 */
export function insertRows(target: Sqlite.Database, images: readonly Image[]): number {
  let mendedCount = 0;
  for (const shape of [...CHECKED_TABLES, PROOFS] as readonly unknown[] as readonly AnyShape[]) {
    const columns = [...shape.columns, 'checksum'];
    const insert = target.prepare(
      `INSERT OR IGNORE INTO ${shape.name} (${columns.join(', ')}) VALUES (${columns.map((column) => `@${column}`).join(', ')})`,
    );
    const mended: Stored<Record<string, unknown>>[] = [];
    for (const image of images) {
      for (const row of readableRows(image, shape)) {
        const saved = isRowIntact(shape, row) ? row : mendRow(shape, row);
        if (saved === row) insert.run(row);
        else if (saved !== undefined) mended.push(saved);
      }
    }
    for (const row of mended) mendedCount += insert.run(row).changes;
  }
  return mendedCount;
}

interface Seal {
  readonly headerHash: string;
  /** What was in batches or dropped before this one was sealed. */
  readonly before: number;
}

/** The batches that the log seals. */
function readSeals(target: Sqlite.Database, file: string): { seals: Map<number, Seal>; sealedThrough: number } {
  const seals = new Map<number, Seal>();
  let sealedThrough = 0;
  const rows = target.prepare<[], LogRow>('SELECT * FROM log WHERE type IN (3, 4) ORDER BY sequence').all();
  for (const row of rows) {
    const entry = decodeEntry(row, file);
    if (entry.type === 'seal' && entry.batch > 0) {
      seals.set(entry.batch, { headerHash: entry.headerHash, before: sealedThrough });
    }
    if (entry.type === 'unseal') {
      for (const number of [...seals.keys()]) if (number >= entry.batch) seals.delete(number);
    }
    if (entry.type === 'seal' || entry.type === 'unseal') sealedThrough = entry.lastSequence;
  }
  return { seals, sealedThrough };
}

/** The last batch up to which all are complete and as the log seals them. */
function lastCompleteBatch(target: Sqlite.Database, image: Pick<Image, 'database'>, seals: Map<number, Seal>): number {
  const hashOf = target.prepare<[number], { header_hash: string }>('SELECT header_hash FROM batches WHERE number = ?');
  const isComplete = isBatchComplete(image.database);
  let number = 1;
  while (seals.has(number) && hashOf.get(number)?.header_hash === seals.get(number)!.headerHash && isComplete(number)) {
    number += 1;
  }
  return number - 1;
}

/** That of an entry that says none. */
const NO_PLACE = { blockNumber: 0, blockHash: '', transactionHash: '', deadline: 0 };

/** Priority operations whose row was lost: their place on L1 as their entry says, or as reading L1 again finds it. */
function insertPlaces(target: Sqlite.Database, file: string): void {
  const rows = target
    .prepare<[], LogRow>(
      `SELECT * FROM log WHERE type = 2 AND sequence NOT IN (SELECT sequence FROM drops)
       AND NOT EXISTS (SELECT 1 FROM priority WHERE priority.sequence = log.sequence)`,
    )
    .all();
  const insert = target.prepare(
    `INSERT OR REPLACE INTO priority (${PRIORITY.columns.join(', ')}, checksum) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  for (const row of rows) {
    const entry = decodeEntry(row, file);
    if (entry.type !== 'priority') continue;
    const { blockNumber, blockHash, transactionHash, deadline } = entry.place ?? NO_PLACE;
    const place = [blockNumber, blockHash, transactionHash, deadline];
    const values = [entry.queueIndex, row.sequence, entry.operation.fields.kind, ...place];
    insert.run(...values, rowChecksum('priority', values));
  }
}

/** Priority operations that L1 took back, as the log says: what was saved of them is not so certain. */
function insertTakenBack(target: Sqlite.Database, file: string): void {
  const unseals = target.prepare<[], LogRow>('SELECT * FROM log WHERE type = 4 ORDER BY sequence').all();
  const before = target.prepare<[number], LogRow>(
    `SELECT * FROM log WHERE type = 2 AND sequence < ? AND sequence NOT IN (SELECT sequence FROM drops)`,
  );
  const insert = insertDrop(target);
  const forget = target.prepare('DELETE FROM priority WHERE sequence = ?');
  for (const unseal of unseals) {
    const entry = decodeEntry(unseal, file);
    if (entry.type !== 'unseal' || entry.takenBackFrom === undefined) continue;
    for (const row of before.all(unseal.sequence)) {
      const operation = decodeEntry(row, file);
      if (operation.type !== 'priority' || operation.queueIndex < entry.takenBackFrom) continue;
      insert({ sequence: row.sequence, batch: entry.batch, ...takenBack(operation.queueIndex) });
      forget.run(row.sequence);
    }
  }
}

const TRANSFER = 1;

/** How a drop is written. */
function insertDrop(target: Sqlite.Database): (drop: Pick<Drop, 'sequence' | 'batch' | 'code' | 'message'>) => void {
  const insert = target.prepare(
    'INSERT INTO drops (sequence, batch, code, message, expected, actual, checksum) VALUES (?, ?, ?, ?, NULL, NULL, ?)',
  );
  return ({ sequence, batch, code, message }) => {
    const values = [sequence, batch, code, message];
    insert.run(...values, rowChecksum('drops', [...values, null, null]));
  };
}

/** Chunks that hold operations behind the end of the log: their batches are not complete without them. */
function removePlacedAbove(target: Sqlite.Database, last: number): void {
  const chunks = target.prepare<[], { batch: number; position: number; places: Buffer }>(
    'SELECT batch, position, places FROM chunks',
  );
  const isAbove = ({ places }: { places: Buffer }): boolean =>
    [...sequencesIn(places)].some((sequence) => sequence > last);
  const remove = target.prepare('DELETE FROM chunks WHERE batch = ? AND position = ?');
  for (const { batch, position } of chunks.all().filter(isAbove)) remove.run(batch, position);
}

/** Transfers that are neither in a batch nor dropped though everything before them is: their drop was lost. */
function insertDrops(target: Sqlite.Database, sealedThrough: number, batch: number): void {
  const lost = [...lostEntries(target, [TRANSFER], sealedThrough)];
  const insert = insertDrop(target);
  const message = 'it was dropped when its batch was sealed; the reason was lost when the database was damaged';
  for (const sequence of lost) insert({ sequence, batch, code: 'TRANSFER_DROPPED', message });
}

/** Makes one consistent database of the rows. @returns its head and its last batch. */
export function settle(
  target: Sqlite.Database,
  image: Pick<Image, 'database'>,
  head: LogHead,
  nowMs: number,
): { head: LogHead; batch: number; sealed: number } {
  const { file } = image.database;
  const { seals, sealedThrough } = readSeals(target, file);
  removePlacedAbove(target, head.sequence);
  target.prepare('DELETE FROM drops WHERE sequence > ?').run(head.sequence);
  target.prepare('DELETE FROM priority WHERE sequence > ?').run(head.sequence);
  const batch = lastCompleteBatch(target, image, seals);
  for (const table of ['withdrawals', 'chunks', 'proofs', 'leaf_changes', 'leaf_pages']) {
    target.prepare(`DELETE FROM ${table} WHERE batch > ?`).run(batch);
  }
  target.prepare('DELETE FROM batches WHERE number > ?').run(batch);
  // L1 is read again from its beginning: the cursor may be ahead of what was saved.
  target.prepare("DELETE FROM meta WHERE name = 'l1_cursor'").run();
  // What follows from the log is not copied: the next start makes it of the log that was saved.
  target.prepare("DELETE FROM meta WHERE name = 'lookups'").run();
  insertTakenBack(target, file);
  insertPlaces(target, file);
  const next = seals.get(batch + 1);
  insertDrops(target, next?.before ?? sealedThrough, batch);
  if (next === undefined) return { head, batch, sealed: seals.size };
  const entry = encodeEntry({ type: 'unseal', batch: batch + 1, lastSequence: next.before });
  const row = { sequence: head.sequence + 1, received_ms: nowMs, ...entry };
  const chain = nextChain(head.chain, row);
  target.prepare(INSERT_LOG).run({ ...row, chain });
  return { head: { sequence: row.sequence, chain }, batch, sealed: seals.size };
}
