/** Which rows of the circuit the lies of each kind break. */

import type { Circuit } from '../support/circuits/circuits.ts';

/** Of the lies whose rows were counted: the fewest and the most. */
export type RowCounts = readonly [least: number, most: number];

/** Every so many lies of a kind all rows are evaluated and counted; of the others, until one is found that breaks. */
const COUNT_EVERY = 8;
/** A lie that breaks more says little about what it breaks. */
const MAX_REMEMBERED = 8;

interface Kind {
  lies: number;
  readonly rows: Set<number>;
}

export class LieLedger {
  /** By kind of lie. */
  readonly rowCounts: Record<string, RowCounts> = {};
  readonly #circuit: Circuit;
  readonly #kinds = new Map<string, Kind>();

  constructor(circuit: Circuit) {
    this.#circuit = circuit;
  }

  /** Whether the values of a lie break a row: first those that earlier lies of this kind broke. */
  isBroken(kind: string, values: readonly bigint[]): boolean {
    const known = this.#kinds.get(kind) ?? { lies: 0, rows: new Set<number>() };
    this.#kinds.set(kind, known);
    known.lies += 1;
    const isCounted = known.lies % COUNT_EVERY === 1;
    if (!isCounted && [...known.rows].some((row) => !this.#circuit.holds(row, values))) return true;
    const rows = this.#circuit.brokenRows(values);
    if (rows.length <= MAX_REMEMBERED) for (const row of rows) known.rows.add(row);
    const [least, most] = this.rowCounts[kind] ?? [rows.length, rows.length];
    this.rowCounts[kind] = [Math.min(least, rows.length), Math.max(most, rows.length)];
    return rows.length > 0;
  }
}
