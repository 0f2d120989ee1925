/**
 * Finds entries of the log by account, owner or payment reference. It follows from the log and is no second authority: what
 * the table has not, or has wrong, is read from the log again when the database is opened.
 *
 * Entries are kept in memory until `flush` writes them, many at once and by ascending key, so that an acknowledgement
 * waits for none of it.
 */

import { createHash } from 'node:crypto';
import { RecordKind, unpackOwnerAndToken } from '@quittance/protocol';
import type { Database } from './database.ts';
import type { LogEntry, LoggedEntry } from './log-codec.ts';
import { createMetaRepository } from './meta.ts';

/** What entries are found by: a number below 2^49. */
export type LookupKey = number;

/** Above all account indices. */
const HASHED = 2 ** 48;
const HASH_BYTES = 6;

/** Of a name and bytes. Two of them can have the same key, so whoever finds an entry compares it. */
function hashedKey(name: string, content: string | Uint8Array): LookupKey {
  const digest = createHash('sha256').update(`${name}:`).update(content).digest();
  return HASHED + digest.readUIntBE(0, HASH_BYTES);
}

/** Of the entries that name an account. */
export const accountKey = (index: number): LookupKey => index;
/** Of the requests from L1 of an owner. */
export const ownerKey = (owner: bigint): LookupKey => hashedKey('owner', owner.toString(16));
/** Of the transfers with a payment reference. */
export const referenceKey = (bytes: Uint8Array): LookupKey => hashedKey('reference', bytes);

/** Indices of the accounts that an entry names; none for a seal. */
export function accountsOf(entry: LogEntry): number[] {
  if (entry.type !== 'transfer' && entry.type !== 'priority') return [];
  const { kind, from, to } = entry.operation.fields;
  if (kind === RecordKind.deposit) return [to];
  const isInTree = kind === RecordKind.transfer || kind === RecordKind.transferToNew;
  return isInTree && to !== from ? [from, to] : [from];
}

/** The keys that an entry is found by. */
function keysOf(entry: LogEntry): LookupKey[] {
  const accounts = accountsOf(entry).map(accountKey);
  if (entry.type === 'priority') {
    return [...accounts, ownerKey(unpackOwnerAndToken(entry.operation.words[1]!).owner)];
  }
  if (entry.type !== 'transfer' || entry.reference === undefined) return accounts;
  return [...accounts, referenceKey(entry.reference.bytes)];
}

/** Finds entries. */
export interface Lookups {
  /** Sequences of the entries with this key below `before`, the newest first, at most `limit`. */
  before(key: LookupKey, before: number, limit: number): number[];
  /** Those from `first` on, the oldest first, at most `limit`. */
  from(key: LookupKey, first: number, limit: number): number[];
  /** Entries that only memory knows. */
  readonly unwrittenCount: number;
  /** Writes what only memory knows, a step at a time. A crash in between loses nothing that the log does not have. */
  flush(): Generator<void, void, void>;
}

/** Rows that are written at once: a millisecond or two. */
const ROWS_PER_STEP = 512;

const META_NAME = 'lookups';
const DIGEST_MODULUS = 2 ** 40;
const WORD = 2 ** 32;
/** Odd, so that each flipped bit of a row changes its summand; below 2^28, so that SQLite's sums stay below 2^63. */
const FACTORS = { key: 0x9e3779b, keyHigh: 0x85ebca7, sequence: 0xc2b2ae3, sequenceHigh: 0x7feb353 } as const;

/** What the table must add up to. */
interface Progress {
  /** Every entry up to this one is in the table. */
  readonly through: number;
  readonly digest: number;
}

const NOTHING: Progress = { through: 0, digest: 0 };

/** The summand of a row. SQL below computes the same. */
function summandOf(key: number, sequence: number): number {
  const high = (value: number): number => Math.floor(value / WORD);
  const sum =
    Math.imul(key, FACTORS.key) +
    Math.imul(high(key), FACTORS.keyHigh) +
    Math.imul(sequence, FACTORS.sequence) +
    Math.imul(high(sequence), FACTORS.sequenceHigh);
  return sum >>> 0;
}

const SUMMAND = `(
  (key & 4294967295) * ${FACTORS.key} + (key >> 32) * ${FACTORS.keyHigh} +
  (sequence & 4294967295) * ${FACTORS.sequence} + (sequence >> 32) * ${FACTORS.sequenceHigh}
) & 4294967295`;

/** Sequences by key, in the order of the log. */
type Tail = Map<LookupKey, number[]>;

/** Position of the first sequence from `first` on. */
function positionOf(sequences: readonly number[], first: number): number {
  let [low, high] = [0, sequences.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sequences[middle]! < first) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Lookups that are filled by whoever appends to the log. */
export interface WritableLookups extends Lookups {
  add(sequence: number, entry: LogEntry): void;
  /** Forgets what stands behind this sequence: its commit failed. */
  rollbackTo(sequence: number): void;
}

/** How far the table is; not at all where it is not what was written. */
function readProgress(database: Database): Progress {
  const text = createMetaRepository(database).get(META_NAME);
  if (text === undefined) return NOTHING;
  const progress = JSON.parse(text) as Progress;
  const { digest } = database
    .prepare<[number], { digest: number }>(
      `SELECT COALESCE(SUM(${SUMMAND}), 0) % ${DIGEST_MODULUS} AS digest FROM entries_by_key WHERE sequence <= ?`,
    )
    .get(progress.through)!;
  return digest === progress.digest ? progress : NOTHING;
}

/** The rows of the table. */
function createRows(database: Database) {
  const clear = database.prepare<[]>('DELETE FROM entries_by_key');
  const insert = database.prepare<[number, number]>(
    'INSERT OR IGNORE INTO entries_by_key (key, sequence) VALUES (?, ?)',
  );
  const selectBefore = database.prepare<[number, number, number], { sequence: number }>(
    'SELECT sequence FROM entries_by_key WHERE key = ? AND sequence < ? ORDER BY sequence DESC LIMIT ?',
  );
  const selectFrom = database.prepare<[number, number, number, number], { sequence: number }>(
    'SELECT sequence FROM entries_by_key WHERE key = ? AND sequence >= ? AND sequence <= ? ORDER BY sequence LIMIT ?',
  );
  return {
    clear: () => void clear.run(),
    insert: (key: LookupKey, sequence: number) => void insert.run(key, sequence),
    before: (...range: [key: LookupKey, before: number, limit: number]) =>
      selectBefore.all(...range).map(({ sequence }) => sequence),
    from: (...range: [key: LookupKey, first: number, last: number, limit: number]) =>
      selectFrom.all(...range).map(({ sequence }) => sequence),
  };
}

/**
 * The lookups of the log in `database`.
 *
 * @param readLog gives the entries from a sequence on.
 */
export function createLookups(database: Database, readLog: (first: number) => Iterable<LoggedEntry>): WritableLookups {
  const meta = createMetaRepository(database);
  const rows = createRows(database);
  let progress = readProgress(database);
  /** What is being written, and what came since that began. */
  let writing: Tail = new Map();
  let tail: Tail = new Map();
  let last = progress.through;

  const add = (sequence: number, entry: LogEntry): void => {
    last = sequence;
    for (const key of keysOf(entry)) {
      const sequences = tail.get(key);
      if (sequences === undefined) tail.set(key, [sequence]);
      else sequences.push(sequence);
    }
  };
  for (const { sequence, entry } of readLog(progress.through + 1)) add(sequence, entry);

  const countOf = (some: Tail): number => [...some.values()].reduce((sum, sequences) => sum + sequences.length, 0);

  function* write(through: number): Generator<void, void, void> {
    const fresh = [...writing.keys()]
      .sort((one, other) => one - other)
      .flatMap((key) => writing.get(key)!.map((sequence) => [key, sequence] as const));
    let { digest } = progress;
    if (progress.through === 0) database.stage(rows.clear);
    for (let start = 0; start < fresh.length; start += ROWS_PER_STEP) {
      const some = fresh.slice(start, start + ROWS_PER_STEP);
      database.stage(() => {
        for (const [key, sequence] of some) rows.insert(key, sequence);
      });
      for (const [key, sequence] of some) digest = (digest + summandOf(key, sequence)) % DIGEST_MODULUS;
      yield;
    }
    const next = { through, digest };
    database.stage(() => meta.set(META_NAME, JSON.stringify(next)));
    progress = next;
    writing = new Map();
  }

  return {
    add,
    rollbackTo(sequence) {
      last = Math.min(last, sequence);
      for (const [key, sequences] of tail) {
        const kept = positionOf(sequences, sequence + 1);
        if (kept === 0) tail.delete(key);
        else sequences.length = kept;
      }
    },
    get unwrittenCount() {
      return countOf(writing) + countOf(tail);
    },
    before(key, before, limit) {
      const found: number[] = [];
      for (const sequences of [tail.get(key) ?? [], writing.get(key) ?? []]) {
        const end = positionOf(sequences, before);
        found.push(...sequences.slice(Math.max(0, end - (limit - found.length)), end).reverse());
      }
      if (found.length === limit || progress.through === 0) return found;
      return [...found, ...rows.before(key, Math.min(before, progress.through + 1), limit - found.length)];
    },
    from(key, first, limit) {
      const found = progress.through === 0 ? [] : rows.from(key, first, progress.through, limit);
      for (const sequences of [writing.get(key) ?? [], tail.get(key) ?? []]) {
        const start = positionOf(sequences, first);
        found.push(...sequences.slice(start, start + limit - found.length));
      }
      return found;
    },
    *flush() {
      // One that was begun and not finished goes first.
      if (writing.size > 0) yield* write(Math.max(...[...writing.values()].map((sequences) => sequences.at(-1)!)));
      if (tail.size === 0) return;
      writing = tail;
      tail = new Map();
      yield* write(last);
    },
  };
}
