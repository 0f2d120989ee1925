/** All rows of the log that some page holds, and the one chain through them. Kept in a file: a log can be large. */

import { closeSync, openSync, readSync } from 'node:fs';
import Sqlite from 'better-sqlite3';
import type { LogHead } from '../head-file.ts';
import { EMPTY_CHAIN, type LogRow, nextChain } from '../log-codec.ts';
import { carveRows } from './carve.ts';
import type { Wal } from './wal.ts';

/** Pages of a database file, in order. */
function* pagesOf(file: string, pageBytes: number): Generator<Buffer> {
  const descriptor = openSync(file, 'r');
  try {
    for (let position = 0; ; position += pageBytes) {
      const page = Buffer.alloc(pageBytes);
      if (readSync(descriptor, page, 0, pageBytes, position) < pageBytes) return;
      yield page;
    }
  } finally {
    closeSync(descriptor);
  }
}

/** Access to candidates by their place. */
export interface Candidates {
  at(sequence: number): LogRow[];
  /** Sequences from `first` on of which there is any candidate. */
  count(first: number): number;
  close(): void;
}

/** Collects the candidates of a database file and its -wal in a new file at `path`. */
export function collectCandidates(path: string, file: string | undefined, pageBytes: number, wal?: Wal): Candidates {
  const database = new Sqlite(path);
  database.pragma('synchronous = OFF');
  database.exec(
    `CREATE TABLE rows (sequence INTEGER, type INTEGER, id BLOB, payload BLOB, received_ms INTEGER, chain BLOB,
     UNIQUE (sequence, chain, payload))`,
  );
  const insert = database.prepare('INSERT OR IGNORE INTO rows VALUES (?, ?, ?, ?, ?, ?)');
  const add = (page: Buffer, pageNumber: number): void => {
    for (const { sequence, type, id, payload, received_ms, chain } of carveRows(page, pageNumber)) {
      insert.run(sequence, type, id, payload, received_ms, chain);
    }
  };
  database.transaction(() => {
    for (const { page, pageNumber } of wal?.frames ?? []) add(page, pageNumber);
    let pageNumber = 1;
    if (file !== undefined) for (const page of pagesOf(file, pageBytes)) add(page, pageNumber++);
  })();
  const select = database.prepare<[number], LogRow>('SELECT * FROM rows WHERE sequence = ?');
  const count = database.prepare<[number], { total: number }>(
    'SELECT COUNT(DISTINCT sequence) AS total FROM rows WHERE sequence >= ?',
  );
  return {
    at: (sequence) => select.all(sequence),
    count: (first) => count.get(first)!.total,
    close: () => void database.close(),
  };
}

/** Bits of a time in milliseconds. */
const TIME_BITS = 48;
const TYPES = [1, 2, 3, 4];

/** The row with another time or type, if that makes it continue the chain. */
function mendNumber(before: Buffer, row: LogRow): LogRow | undefined {
  const times = Array.from({ length: TIME_BITS }, (_, bit) => Number(BigInt(row.received_ms) ^ (1n << BigInt(bit))));
  const choices = [
    ...times.map((received_ms) => ({ ...row, received_ms })),
    ...TYPES.map((type) => ({ ...row, type })),
  ];
  return choices.find((choice) => nextChain(before, choice).equals(row.chain));
}

/** The row with one of its bits flipped back, if that makes it continue the chain. */
function mendBit(before: Buffer, row: LogRow): LogRow | undefined {
  const parts = [row.payload, ...(row.id === null ? [] : [row.id])];
  for (const bytes of parts) {
    for (let bit = 0; bit < 8 * bytes.length; bit++) {
      const at = bit >> 3;
      bytes[at] = bytes[at]! ^ (1 << (bit & 7));
      if (nextChain(before, row).equals(row.chain)) return row;
      bytes[at] = bytes[at]! ^ (1 << (bit & 7));
    }
  }
  return mendNumber(before, row);
}

/** Whether something follows on an entry with this chain: another row, or the witness. */
function isFollowed(candidates: Candidates, head: LogHead, witness: LogHead | undefined): boolean {
  if (witness?.sequence === head.sequence) return witness.chain.equals(head.chain);
  return candidates.at(head.sequence + 1).some((row) => nextChain(head.chain, row).equals(row.chain));
}

/**
 * The entry after `head`. Of several the one on which something follows; if none holds, one whose chain alone is
 * damaged, or that has one flipped bit.
 */
function nextEntry(candidates: Candidates, head: LogHead, witness: LogHead | undefined): LogRow | undefined {
  const sequence = head.sequence + 1;
  const rows = candidates.at(sequence);
  const followed = (row: LogRow): boolean => isFollowed(candidates, { sequence, chain: row.chain }, witness);
  const intact = rows.filter((row) => nextChain(head.chain, row).equals(row.chain));
  if (intact.length > 0) return intact.find(followed) ?? intact[0];
  const renewed = rows.map((row) => ({ ...row, chain: nextChain(head.chain, row) })).find(followed);
  if (renewed !== undefined) return renewed;
  for (const row of rows) {
    const mended = mendBit(head.chain, row);
    if (mended !== undefined) return mended;
  }
  return undefined;
}

/** The chain from its beginning up to the first entry that cannot be found. */
export function* chainOf(candidates: Candidates, witness: LogHead | undefined): Generator<LogRow> {
  let head: LogHead = { sequence: 0, chain: EMPTY_CHAIN };
  for (;;) {
    const row = nextEntry(candidates, head, witness);
    if (row === undefined) return;
    yield row;
    head = { sequence: row.sequence, chain: row.chain };
  }
}

/** Entries in [first, last] that hold together with the one before or behind them: true, but without their beginning. */
export function* islands(candidates: Candidates, first: number, last: number): Generator<LogRow> {
  for (let sequence = first; sequence <= last; sequence++) {
    const found = candidates
      .at(sequence)
      .find(
        (row) =>
          candidates.at(sequence - 1).some(({ chain }) => nextChain(chain, row).equals(row.chain)) ||
          candidates.at(sequence + 1).some((next) => nextChain(row.chain, next).equals(next.chain)),
      );
    if (found !== undefined) yield found;
  }
}
