/** Evaluates constraints in plain TypeScript: slow, and the reference for the native check. */

import { FIELD_MODULUS } from '@quittance/protocol';
import { ELEMENT_BYTES, readElement } from '../formats/field.ts';
import type { ConstraintSystem } from '../formats/r1cs.ts';
import type { TiledSystem } from './layout.ts';
import { instanceRows } from './rows.ts';

/** The first constraint that an assignment breaks. */
export interface Violation {
  /** Name of the tile, or `zero` for a wire that has to be 0. */
  readonly tile: string;
  readonly instanceIndex: number;
  /** Row within the tile; for `zero` the place in the list of zero wires. */
  readonly row: number;
}

/**
 * Evaluates every constraint on an assignment of `wireCount` elements of 32 little-endian bytes (each below r, wire 0
 * being 1 is the caller's to check). Returns the first violation, or undefined when all hold. Slow and plain: the
 * reference for the native check.
 */
export function findViolation(tiled: TiledSystem, witness: Uint8Array): Violation | undefined {
  for (const { tileIndex, instanceIndex, map } of instanceRows(tiled)) {
    const values = Array.from(map, (wire) => readElement(witness, wire * ELEMENT_BYTES));
    const row = findBrokenRow(tiled.systems[tileIndex]!, values);
    if (row >= 0) return { tile: tiled.layout.tiles[tileIndex]!.name, instanceIndex, row };
  }
  const zero = tiled.layout.zeroWires.findIndex((wire) => readElement(witness, wire * ELEMENT_BYTES) !== 0n);
  return zero < 0 ? undefined : { tile: 'zero', instanceIndex: 0, row: zero };
}

/** The first row of one system that `values` (by wire) break, or −1. */
export function findBrokenRow(system: ConstraintSystem, values: readonly bigint[]): number {
  const { starts, wires, coefficientIds, coefficients } = system;
  const combine = (part: number): bigint => {
    let sum = 0n;
    for (let term = starts[part]!; term < starts[part + 1]!; term++) {
      sum += coefficients[coefficientIds[term]!]! * values[wires[term]!]!;
    }
    return sum % FIELD_MODULUS;
  };
  for (let row = 0; row < system.constraintCount; row++) {
    if ((combine(3 * row) * combine(3 * row + 1) - combine(3 * row + 2)) % FIELD_MODULUS !== 0n) return row;
  }
  return -1;
}
