/** The quadratic arithmetic program at the secret point: the exponents of a key. */

import { FIELD_MODULUS } from '@quittance/protocol';
import { inverse } from '../formats/field.ts';
import { domainPower, type TiledSystem } from '../tiling/layout.ts';
import { instanceRows } from '../tiling/rows.ts';
import { lagrangeAt } from './lagrange.ts';
import type { DevelopmentScalars } from './scalars.ts';

/** Exponents of all points of a key, by wire. */
export interface QapScalars {
  /** A_i(tau). */
  readonly a: readonly bigint[];
  /** B_i(tau). */
  readonly b: readonly bigint[];
  /** (beta·A_i + alpha·B_i + C_i)(tau), divided by gamma for public wires and by delta for private ones. */
  readonly l: readonly bigint[];
  /** Odd-coset Lagrange values at tau, divided by delta. */
  readonly h: readonly bigint[];
}

/**
 * Evaluates the quadratic arithmetic program of a tiled system at the secret point, in snarkjs's form: the row after
 * the last constraint and public input s makes A_s independent of the constraints.
 */
export function evaluateQap(tiled: TiledSystem, scalars: DevelopmentScalars): QapScalars {
  const { layout, systems } = tiled;
  const lagrange = lagrangeAt(scalars.tau, domainPower(layout));
  const sums = Array.from({ length: 3 }, () => new Array<bigint>(layout.wireCount).fill(0n)) as [
    bigint[],
    bigint[],
    bigint[],
  ];
  for (const { tileIndex, firstRow, map } of instanceRows(tiled)) {
    const { starts, wires, coefficientIds, coefficients, constraintCount } = systems[tileIndex]!;
    for (let part = 0; part < 3 * constraintCount; part++) {
      const row = lagrange.domain[firstRow + Math.trunc(part / 3)]!;
      const target = sums[(part % 3) as 0 | 1 | 2];
      for (let term = starts[part]!; term < starts[part + 1]!; term++) {
        const wire = map[wires[term]!]!;
        const coefficient = coefficients[coefficientIds[term]!]!;
        // Reduced once at the end: a sum of fewer than 2^32 products stays below 2^540.
        target[wire] = target[wire]! + (coefficient === 1n ? row : coefficient * row);
      }
    }
  }
  let row = layout.constraintCount - layout.zeroWires.length;
  for (const wire of layout.zeroWires) {
    sums[0][wire] = sums[0][wire]! + lagrange.domain[row]!;
    sums[1][0] = sums[1][0]! + lagrange.domain[row]!;
    row += 1;
  }
  for (let wire = 0; wire <= layout.publicCount; wire++) sums[0][wire] = sums[0][wire]! + lagrange.domain[row + wire]!;

  const [a, b, c] = sums.map((sum) => sum.map((value) => value % FIELD_MODULUS)) as [bigint[], bigint[], bigint[]];
  const inverseGamma = inverse(scalars.gamma);
  const inverseDelta = inverse(scalars.delta);
  const l = c.map((value, wire) => {
    const sum = (scalars.beta * a[wire]! + scalars.alpha * b[wire]! + value) % FIELD_MODULUS;
    return (sum * (wire <= layout.publicCount ? inverseGamma : inverseDelta)) % FIELD_MODULUS;
  });
  const h = lagrange.oddCoset.map((value) => (value * inverseDelta) % FIELD_MODULUS);
  return { a, b, l, h };
}
