/**
 * How many ways a witness can move without breaking a row, to first order: the wires that are not given, less the rank
 * of the rows' derivatives. What one wire alone cannot show (`Circuit.freeWires`), several that move together do.
 */

import { FIELD_MODULUS } from '@quittance/protocol';
import type { CircuitInput } from '../../prover/index.ts';
import type { Circuit } from './circuits.ts';

export interface Freedom {
  /** Dimension of the space of moves. */
  readonly dimension: number;
  /** Wires that move alone. When they are as many as the dimension, there is no other move. */
  readonly wires: readonly string[];
}

/** Derivative of one row: coefficient by wire, without zeros. */
type Row = Map<number, bigint>;

const reduce = (value: bigint): bigint => ((value % FIELD_MODULUS) + FIELD_MODULUS) % FIELD_MODULUS;

function invert(value: bigint): bigint {
  let [a, b, x, y] = [value, FIELD_MODULUS, 1n, 0n];
  while (a !== 1n) {
    const quotient = b / a;
    [a, b, x, y] = [b - quotient * a, a, y - quotient * x, x];
  }
  return reduce(x);
}

/** Freedom at a witness when the signals named in `given` stay as they are. */
export function freedomOf(circuit: Circuit, values: readonly bigint[], given: CircuitInput): Freedom {
  const fixed = new Set([0]);
  for (const [name, value] of Object.entries(given)) {
    for (const signal of elementsOf(name, value)) fixed.add(circuit.wire(signal));
  }
  const rows = derivatives(circuit, values, fixed);
  const constrained = new Set(rows.flatMap((row) => [...row.keys()]));
  const unknown = Array.from({ length: circuit.system.wireCount }, (_, wire) => wire).filter(
    (wire) => !fixed.has(wire),
  );
  return {
    dimension: unknown.length - rankOf(rows),
    wires: unknown.filter((wire) => !constrained.has(wire)).map((wire) => circuit.namesOf(wire)[0]!),
  };
}

function elementsOf(name: string, value: unknown): string[] {
  return Array.isArray(value) ? value.flatMap((item, index) => elementsOf(`${name}[${index}]`, item)) : [name];
}

/** d(A·B − C) of each row: dA·B + A·dB − dC. */
function derivatives({ system }: Circuit, values: readonly bigint[], fixed: ReadonlySet<number>): Row[] {
  const { starts, wires, coefficientIds, coefficients } = system;
  const sum = (part: number): bigint => {
    let total = 0n;
    for (let term = starts[part]!; term < starts[part + 1]!; term++) {
      total += coefficients[coefficientIds[term]!]! * values[wires[term]!]!;
    }
    return reduce(total);
  };
  return Array.from({ length: system.constraintCount }, (_, index) => {
    const row: Row = new Map();
    for (const [part, factor] of [sum(3 * index + 1), sum(3 * index), -1n].entries()) {
      for (let term = starts[3 * index + part]!; term < starts[3 * index + part + 1]!; term++) {
        const wire = wires[term]!;
        if (!fixed.has(wire)) add(row, wire, coefficients[coefficientIds[term]!]! * factor);
      }
    }
    return row;
  });
}

function add(row: Row, wire: number, value: bigint): void {
  const total = reduce((row.get(wire) ?? 0n) + value);
  if (total === 0n) row.delete(wire);
  else row.set(wire, total);
}

/** Rank by elimination, always with the shortest row, whose rarest wire it takes out of all others. Consumes the rows. */
function rankOf(rows: readonly Row[]): number {
  const rowsByWire = new Map<number, Set<Row>>();
  for (const row of rows) {
    for (const wire of row.keys()) {
      if (!rowsByWire.has(wire)) rowsByWire.set(wire, new Set());
      rowsByWire.get(wire)!.add(row);
    }
  }
  const waiting = new Set(rows);
  const single = rows.filter((row) => row.size === 1);
  let rank = 0;
  for (;;) {
    const row = single.pop() ?? shortest(waiting);
    if (row === undefined) return rank;
    if (!waiting.delete(row) || row.size === 0) continue;
    rank += 1;
    for (const wire of row.keys()) rowsByWire.get(wire)!.delete(row);
    const rowsOf = (wire: number) => rowsByWire.get(wire)!;
    const pivot = [...row.keys()].reduce((best, wire) => (rowsOf(wire).size < rowsOf(best).size ? wire : best));
    const scale = invert(row.get(pivot)!);
    for (const other of [...rowsOf(pivot)]) {
      const factor = reduce(other.get(pivot)! * scale);
      for (const [wire, value] of row) {
        add(other, wire, -factor * value);
        if (other.has(wire)) rowsOf(wire).add(other);
        else rowsOf(wire).delete(other);
      }
      if (other.size === 1) single.push(other);
    }
  }
}

/** The shortest row that is not empty; forgets empty ones. */
function shortest(rows: Set<Row>): Row | undefined {
  let best: Row | undefined;
  for (const row of rows) {
    if (row.size === 0) rows.delete(row);
    else if (best === undefined || row.size < best.size) best = row;
  }
  return best;
}
