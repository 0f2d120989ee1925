/** Linear equations over the field, and their elimination. */

import { invert, reduce } from '../crypto/field.ts';

/** Coefficient by wire, without zeros: the sum of coefficient·(how far the wire moves) is 0. */
export type Equation = Map<number, bigint>;

/**
 * An equivalent system in which each equation has a wire of its own, that stands in no other: one that is not `last` as
 * long as there are any. So the equations of `last` wires alone come out, and a wire that is determined stands alone.
 */
export function eliminate(equations: readonly Equation[], isLast: (wire: number) => boolean): Equation[] {
  const rows = equations.map((equation): Equation => new Map(equation));
  const rowsOf = new Map<number, Set<Equation>>();
  for (const row of rows) {
    for (const wire of row.keys()) rowsOf.set(wire, (rowsOf.get(wire) ?? new Set()).add(row));
  }
  const waiting = new Set(rows);
  for (const takesLast of [false, true]) {
    for (let row = shortest(waiting); row !== undefined; row = shortest(waiting)) {
      waiting.delete(row);
      const pivot = rarest(
        [...row.keys()].filter((wire) => takesLast || !isLast(wire)),
        rowsOf,
      );
      if (pivot !== undefined) clearOthers(row, pivot, rowsOf);
    }
    // What had no pivot yet has only `last` wires now, and gets its turn.
    for (const row of rows) if ([...row.keys()].every(isLast)) waiting.add(row);
  }
  return rows.filter(({ size }) => size > 0);
}

function shortest(rows: ReadonlySet<Equation>): Equation | undefined {
  let best: Equation | undefined;
  for (const row of rows) if (best === undefined || row.size < best.size) best = row;
  return best;
}

function rarest(wires: readonly number[], rowsOf: ReadonlyMap<number, ReadonlySet<Equation>>): number | undefined {
  let best: number | undefined;
  for (const wire of wires) if (best === undefined || rowsOf.get(wire)!.size < rowsOf.get(best)!.size) best = wire;
  return best;
}

/** Takes the wire out of all equations but this one. */
function clearOthers(row: Equation, pivot: number, rowsOf: ReadonlyMap<number, Set<Equation>>): void {
  const scale = invert(row.get(pivot)!);
  for (const other of [...rowsOf.get(pivot)!]) {
    if (other === row) continue;
    const factor = reduce(other.get(pivot)! * scale);
    for (const [wire, value] of row) {
      const total = reduce((other.get(wire) ?? 0n) - factor * value);
      if (total === 0n) other.delete(wire);
      else other.set(wire, total);
      if (total === 0n) rowsOf.get(wire)!.delete(other);
      else rowsOf.get(wire)!.add(other);
    }
  }
}
