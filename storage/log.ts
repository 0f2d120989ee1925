/** The log: append-only, totally ordered, hash-chained. */

import { RollupError } from '@quittance/protocol';
import { FIELD_BYTES, toBytes } from './bytes.ts';
import { databaseDamaged } from './damage.ts';
import type { Database } from './database.ts';
import type { LogHead } from './head-file.ts';
import {
  decodeEntry,
  EMPTY_CHAIN,
  encodeRow,
  type LogEntry,
  type LoggedEntry,
  type LogRow,
  nextChain,
} from './log-codec.ts';

/** Access to the log. Appends belong inside Storage.commit. */
export interface LogRepository {
  /** Appends entries in order and returns the sequence of the first. */
  append(entries: readonly LogEntry[], receivedMs: number): number;
  /** Appends an entry as another node made it, byte for byte. @throws RollupError INVARIANT_BROKEN unless it is the next one. */
  adopt(row: Omit<LogRow, 'chain'>, entry: LogEntry): void;
  head(): LogHead;
  /** Entries with a sequence in [first, last], in order. */
  range(first: number, last?: number): IterableIterator<LoggedEntry>;
  get(sequence: number): LoggedEntry | undefined;
  /** All entries of type seal and unseal, in order. */
  seals(): LoggedEntry[];
  /** The last entry of type seal or unseal. */
  lastSeal(): LoggedEntry | undefined;
  /** The accepted transfer with this id. */
  findTransfer(id: bigint): LoggedEntry | undefined;
}

/** Verifies the chain of the whole log. @throws RollupError DATABASE_DAMAGED naming the first bad entry. */
export function verifyChain(database: Database): LogHead {
  let head: LogHead = { sequence: 0, chain: EMPTY_CHAIN };
  const rows = database.prepare<[], LogRow>('SELECT * FROM log ORDER BY sequence').iterate();
  for (const row of rows) {
    if (row.sequence !== head.sequence + 1) {
      throw databaseDamaged(database.file, `log entry ${head.sequence + 1} is missing`);
    }
    const chain = nextChain(head.chain, row);
    if (!chain.equals(row.chain))
      throw databaseDamaged(database.file, `log entry ${row.sequence} does not continue the hash chain`);
    head = { sequence: row.sequence, chain };
  }
  return head;
}

/**
 * The log in `database`, whose verified head is `verified`.
 *
 * @param onAppended told of each entry, whose commit may still fail.
 */
export function createLogRepository(
  database: Database,
  verified: LogHead,
  onAppended: (sequence: number, entry: LogEntry) => void,
): LogRepository & { rollbackTo(head: LogHead): void } {
  let head = verified;
  const insert = database.prepare<[number, number, Buffer | null, Buffer, number, Buffer]>(
    'INSERT INTO log (sequence, type, id, payload, received_ms, chain) VALUES (?, ?, ?, ?, ?, ?)',
  );
  const select = database.prepare<[number, number], LogRow>(
    'SELECT * FROM log WHERE sequence BETWEEN ? AND ? ORDER BY sequence',
  );
  const selectById = database.prepare<[Buffer], LogRow>('SELECT * FROM log WHERE id = ?');
  const selectSeals = database.prepare<[], LogRow>('SELECT * FROM log WHERE type IN (3, 4) ORDER BY sequence');
  const selectLastSeal = database.prepare<[], LogRow>(
    'SELECT * FROM log WHERE type IN (3, 4) ORDER BY sequence DESC LIMIT 1',
  );
  const toEntry = (row: LogRow): LoggedEntry => ({
    sequence: row.sequence,
    receivedMs: row.received_ms,
    entry: decodeEntry(row, database.file),
  });
  const add = (row: Omit<LogRow, 'chain'>, entry: LogEntry): void => {
    const chain = nextChain(head.chain, row);
    insert.run(row.sequence, row.type, row.id, row.payload, row.received_ms, chain);
    head = { sequence: row.sequence, chain };
    onAppended(row.sequence, entry);
  };
  return {
    append(entries, receivedMs) {
      const first = head.sequence + 1;
      for (const entry of entries) add(encodeRow(head.sequence + 1, receivedMs, entry), entry);
      return first;
    },
    adopt(row, entry) {
      const expected = head.sequence + 1;
      if (row.sequence === expected) return add(row, entry);
      const message = `entry ${row.sequence} cannot follow entry ${head.sequence} of the log`;
      throw new RollupError('INVARIANT_BROKEN', message, { expected, actual: row.sequence });
    },
    head: () => head,
    *range(first, last = head.sequence) {
      // In pages: an open cursor would hold a read transaction for as long as the caller takes.
      for (let from = first; from <= last; from += 1_000) {
        for (const row of select.all(from, Math.min(last, from + 999))) yield toEntry(row);
      }
    },
    get(sequence) {
      const row = select.get(sequence, sequence);
      return row === undefined ? undefined : toEntry(row);
    },
    seals: () => selectSeals.all().map(toEntry),
    lastSeal() {
      const row = selectLastSeal.get();
      return row === undefined ? undefined : toEntry(row);
    },
    findTransfer(id) {
      const row = selectById.get(toBytes(id, FIELD_BYTES));
      return row === undefined ? undefined : toEntry(row);
    },
    rollbackTo(earlier) {
      head = earlier;
    },
  };
}
