/**
 * Finds entries of the log by account, owner or payment reference. It follows from the log and is no second authority: what
 * the table has not, or has wrong, is read from the log again after the database is opened.
 *
 * Entries are kept in memory until `flush` writes them, many at once and by ascending key, so that an acknowledgement
 * waits for none of it. A log of which much is not in the table is never in memory as a whole: it is read and written in
 * pieces, of which each stays.
 */

import type { Database } from './database.ts';
import type { LogRepository } from './log.ts';
import type { LogEntry } from './log-codec.ts';
import type { LookupKey } from './lookup-keys.ts';
import { createLookupTable } from './lookup-table.ts';
import { LookupTail } from './lookup-tail.ts';

/** Finds entries. Where a part of the log is not read yet, the first question does `flush` first. */
export interface Lookups {
  /** Sequences of the entries with this key below `before`, the newest first, at most `limit`. */
  before(key: LookupKey, before: number, limit: number): number[];
  /** Those from `first` on, the oldest first, at most `limit`. */
  from(key: LookupKey, first: number, limit: number): number[];
  /** Rows that only memory knows. */
  readonly unwrittenCount: number;
  /** Entries of the log, of before the database was opened, that neither the table nor memory has yet. */
  readonly unreadCount: number;
  /**
   * Writes what the table has not, a step at a time; what was begun and left goes on. A crash in between loses nothing that
   * the log does not have.
   */
  flush(): Generator<void, void, void>;
}

/** Entries of a log that are read before they are written: some 25 MB. */
const PIECE_ENTRIES = 100_000;

/** Lookups that are filled by whoever appends to the log. */
export interface WritableLookups extends Lookups {
  add(sequence: number, entry: LogEntry): void;
  /** Forgets what stands behind this sequence: its commit failed. */
  rollbackTo(sequence: number): void;
}

/**
 * The lookups of the log in `database`, which is only read until something is asked of a log with more than a piece unread.
 *
 * @param pieceEntries entries of the log that are in memory at a time.
 */
export function createLookups(
  database: Database,
  log: Pick<LogRepository, 'head' | 'range'>,
  pieceEntries = PIECE_ENTRIES,
): WritableLookups {
  const table = createLookupTable(database);
  const opened = log.head().sequence;
  /** Entries up to this one, and those after `opened`, are in the table or here. */
  let read = table.through;
  /** What is being written, up to which entry, and what came since that began. */
  let writing = new LookupTail();
  let writingThrough = 0;
  let tail = new LookupTail();
  let last = opened;
  let running: Generator<void, void, void> | undefined;

  const readPiece = (): LookupTail => {
    const piece = new LookupTail();
    const end = Math.min(opened, read + pieceEntries);
    for (const { sequence, entry } of log.range(read + 1, end)) piece.add(sequence, entry);
    read = end;
    return piece;
  };
  if (opened - read <= pieceEntries) tail = readPiece();

  function* write(through: number): Generator<void, void, void> {
    writingThrough = through;
    yield* table.write(writing, through);
    writing = new LookupTail();
  }
  function* writeAll(): Generator<void, void, void> {
    // What failed in the middle goes first.
    if (!writing.isEmpty) yield* write(writingThrough);
    while (read < opened) {
      writing = readPiece();
      yield* write(read);
    }
    if (tail.isEmpty) return;
    writing = tail;
    tail = new LookupTail();
    yield* write(last);
  }
  /** @returns whether there is more to do. Whoever comes in the middle goes on from there. */
  const step = (): boolean => {
    running ??= writeAll();
    let isDone: boolean | undefined = true;
    try {
      isDone = running.next().done;
    } finally {
      if (isDone === true) running = undefined;
    }
    return isDone !== true;
  };
  const requireRead = (): void => {
    while (read < opened) step();
  };

  return {
    add(sequence, entry) {
      last = sequence;
      tail.add(sequence, entry);
    },
    rollbackTo(sequence) {
      last = Math.min(last, sequence);
      tail.rollbackTo(sequence);
    },
    get unwrittenCount() {
      return writing.rowCount + tail.rowCount;
    },
    get unreadCount() {
      return opened - read;
    },
    before(key, before, limit) {
      requireRead();
      const found: number[] = [];
      for (const some of [tail, writing, table]) found.push(...some.before(key, before, limit - found.length));
      return found;
    },
    from(key, first, limit) {
      requireRead();
      const found: number[] = [];
      for (const some of [table, writing, tail]) found.push(...some.from(key, first, limit - found.length));
      return found;
    },
    *flush() {
      // What was left in the middle, and then what came since.
      if (running !== undefined) while (step()) yield;
      while (step()) yield;
    },
  };
}
