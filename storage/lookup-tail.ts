/** Lookups in memory: what the table does not have yet. */

import type { LogEntry } from './log-codec.ts';
import { keysOf, type LookupKey } from './lookup-keys.ts';

/** What the table has of an entry. */
export type Row = readonly [key: LookupKey, sequence: number];

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

/** Sequences by key, in the order of the log. */
export class LookupTail {
  readonly #sequences = new Map<LookupKey, number[]>();

  /** Takes an entry, which comes after all that are here. */
  add(sequence: number, entry: LogEntry): void {
    for (const key of keysOf(entry)) {
      const sequences = this.#sequences.get(key);
      if (sequences === undefined) this.#sequences.set(key, [sequence]);
      else sequences.push(sequence);
    }
  }

  /** Forgets what stands behind this sequence. */
  rollbackTo(sequence: number): void {
    for (const [key, sequences] of this.#sequences) {
      const kept = positionOf(sequences, sequence + 1);
      if (kept === 0) this.#sequences.delete(key);
      else sequences.length = kept;
    }
  }

  get isEmpty(): boolean {
    return this.#sequences.size === 0;
  }

  get rowCount(): number {
    let count = 0;
    for (const sequences of this.#sequences.values()) count += sequences.length;
    return count;
  }

  /** Sequences below `before`, the newest first, at most `limit`. */
  before(key: LookupKey, before: number, limit: number): number[] {
    const sequences = this.#sequences.get(key) ?? [];
    const end = positionOf(sequences, before);
    return sequences.slice(Math.max(0, end - limit), end).reverse();
  }

  /** Sequences from `first` on, at most `limit`. */
  from(key: LookupKey, first: number, limit: number): number[] {
    const sequences = this.#sequences.get(key) ?? [];
    const start = positionOf(sequences, first);
    return sequences.slice(start, start + limit);
  }

  /** All of it by ascending key, at most `count` at a time. */
  *rows(count: number): Generator<Row[], void, void> {
    let rows: Row[] = [];
    for (const key of Float64Array.from(this.#sequences.keys()).sort()) {
      for (const sequence of this.#sequences.get(key)!) {
        rows.push([key, sequence]);
        if (rows.length < count) continue;
        yield rows;
        rows = [];
      }
    }
    if (rows.length > 0) yield rows;
  }
}
