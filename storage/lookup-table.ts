/** The table of the lookups, and whether it is what was written. */

import { type Database, LIMIT } from './database.ts';
import { KEYS_VERSION, type LookupKey } from './lookup-keys.ts';
import type { LookupTail } from './lookup-tail.ts';
import { createMetaRepository } from './meta.ts';

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
  readonly version: number;
}

/** Of an empty table. */
const NOTHING: Progress = { through: 0, digest: 0, version: KEYS_VERSION };

/** The summand of a row in a digest. SQL below computes the same. */
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

/** How far the table is; not at all where it is not what was written, or was written with other keys. */
function readProgress(database: Database): Progress {
  const text = createMetaRepository(database).get(META_NAME);
  if (text === undefined) return NOTHING;
  const progress = JSON.parse(text) as Progress;
  if (progress.version !== KEYS_VERSION) return NOTHING;
  const { digest } = database
    .prepare<[number], { digest: number }>(
      `SELECT COALESCE(SUM(${SUMMAND}), 0) % ${DIGEST_MODULUS} AS digest FROM entries_by_key WHERE sequence <= ?`,
    )
    .get(progress.through)!;
  return digest === progress.digest ? progress : NOTHING;
}

/** The statements of the table. */
function createStatements(database: Database) {
  return {
    clear: database.prepare<[]>('DELETE FROM entries_by_key'),
    insert: database.prepare<[number, number]>('INSERT OR IGNORE INTO entries_by_key (key, sequence) VALUES (?, ?)'),
    before: database.prepare<[number, number, number], { sequence: number }>(
      `SELECT sequence FROM entries_by_key WHERE key = ? AND sequence < ? ORDER BY sequence DESC ${LIMIT}`,
    ),
    from: database.prepare<[number, number, number, number], { sequence: number }>(
      `SELECT sequence FROM entries_by_key WHERE key = ? AND sequence >= ? AND sequence <= ? ORDER BY sequence ${LIMIT}`,
    ),
  };
}

/** The table. */
export interface LookupTable {
  /** Every entry up to this one is in it. */
  readonly through: number;
  /** Adds the entries that follow on those in it, up to `through`, a step at a time. Before its end none of them counts. */
  write(tail: LookupTail, through: number): Generator<void, void, void>;
  /** Sequences below `before`, the newest first, at most `limit`. */
  before(key: LookupKey, before: number, limit: number): number[];
  /** Sequences from `first` on, at most `limit`. */
  from(key: LookupKey, first: number, limit: number): number[];
}

/** The table in `database`, of which nothing counts if it is not what was written. */
export function createLookupTable(database: Database): LookupTable {
  const meta = createMetaRepository(database);
  const { clear, insert, before: selectBefore, from: selectFrom } = createStatements(database);
  let progress = readProgress(database);
  return {
    get through() {
      return progress.through;
    },
    *write(tail, through) {
      let { digest } = progress;
      if (progress.through === 0) database.stage(() => clear.run());
      for (const rows of tail.rows(ROWS_PER_STEP)) {
        database.stage(() => {
          for (const row of rows) insert.run(...row);
        });
        for (const row of rows) digest = (digest + summandOf(...row)) % DIGEST_MODULUS;
        yield;
      }
      const next: Progress = { ...progress, through, digest };
      database.stage(() => meta.set(META_NAME, JSON.stringify(next)));
      progress = next;
    },
    before(key, before, limit) {
      if (progress.through === 0) return [];
      return selectBefore.all(key, Math.min(before, progress.through + 1), limit).map(({ sequence }) => sequence);
    },
    from(key, first, limit) {
      if (progress.through === 0) return [];
      return selectFrom.all(key, first, progress.through, limit).map(({ sequence }) => sequence);
    },
  };
}
