import assert from 'node:assert/strict';
import { FIELD_MODULUS } from '@quittance/protocol';
import type { ConstraintSystem } from '../../prover/index.ts';
import { type Circuit, openCircuit, openUnfolded } from '../support/circuits/circuits.ts';
import { type Equation, eliminate } from '../support/circuits/linear-rows.ts';
import { invert, reduce } from '../support/crypto/field.ts';
import { createRandom, propertySeed } from '../support/property/random.ts';

/**
 * circom's `--O2` takes out wires that a linear row computes from others, and puts the sum in their place in every row.
 * If it does just that, the two systems accept the same witnesses: any values of the wires that stay have one
 * continuation that satisfies the linear rows, and then each row misses by the same in both. A row's miss is a polynomial
 * of degree 2 in the wires that stay, so one random point tells two different ones apart but for a chance of 2/r.
 */
describe('circuits: folding of linear rows', function () {
  this.timeout(60_000);
  const seed = propertySeed();

  for (const name of ['slot', 'root', 'context', 'weights', 'fold']) {
    it(`leaves ${name} as it was: as built and as written, it accepts the same (QUITTANCE_TEST_SEED=${seed})`, async () => {
      const [folded, unfolded] = await Promise.all([openCircuit(name), openUnfolded(name)]);
      const random = createRandom(`folding/${name}/${seed}`);
      const anyValues = Array.from({ length: folded.system.wireCount - 1 }, () => random.fieldElement());
      const values = continueBy(folded.system, without([1n, ...anyValues], ownWires(folded.system)));
      const continued = continueBy(unfolded.system, valuesByName(folded, unfolded, values));

      const [rows, rowsAsWritten] = [missesOf(folded.system, values), missesOf(unfolded.system, continued)];
      assert.ok(rows.linear.every((miss) => miss === 0n));
      assert.ok(
        rowsAsWritten.linear.every((miss) => miss === 0n),
        'the values do not continue',
      );
      const wiresLess = unfolded.system.wireCount - folded.system.wireCount;
      assert.equal(rowsAsWritten.linear.length - rows.linear.length, wiresLess, 'a linear row for each wire');
      const sorted = (list: readonly bigint[]): string[] => list.map(String).sort();
      assert.deepEqual(sorted(rows.products), sorted(rowsAsWritten.products));
    });
  }
});

/** Whether a row has no product. */
const isLinear = ({ starts }: ConstraintSystem, row: number): boolean =>
  starts[3 * row + 2] === starts[3 * row + 1] || starts[3 * row + 1] === starts[3 * row];

/** Values of the wires of `unfolded` that are wires in `folded` too, by name. */
function valuesByName(folded: Circuit, unfolded: Circuit, kept: readonly bigint[]): (bigint | undefined)[] {
  const values: (bigint | undefined)[] = new Array(unfolded.system.wireCount).fill(undefined);
  values[0] = 1n;
  const isFound = new Set([0]);
  for (const [name, wire] of folded.symbols) {
    if (wire < 0) continue;
    isFound.add(wire);
    values[unfolded.wire(name)] = kept[wire]!;
  }
  assert.equal(isFound.size, folded.system.wireCount, 'each wire has a name');
  return values;
}

/** The linear rows with the values that are known put in: wire 0, which is 1, takes them. */
function linearRows(system: ConstraintSystem, known: readonly (bigint | undefined)[]): Equation[] {
  const { starts, wires, coefficientIds, coefficients, constraintCount } = system;
  const rows = Array.from({ length: constraintCount }, (_, row) => row).filter((row) => isLinear(system, row));
  return rows.map((row) => {
    const equation: Equation = new Map();
    for (let term = starts[3 * row + 2]!; term < starts[3 * row + 3]!; term++) {
      const wire = wires[term]!;
      const value = known[wire];
      const [key, factor] = value === undefined ? [wire, 1n] : [0, value];
      const total = reduce((equation.get(key) ?? 0n) + coefficients[coefficientIds[term]!]! * factor);
      if (total === 0n) equation.delete(key);
      else equation.set(key, total);
    }
    return equation;
  });
}

/** For each linear row a wire that it computes from the others. */
function ownWires(system: ConstraintSystem): number[] {
  const rows = eliminate(linearRows(system, [1n]), (wire) => wire === 0);
  const count = new Map<number, number>();
  for (const wire of rows.flatMap((row) => [...row.keys()])) count.set(wire, (count.get(wire) ?? 0) + 1);
  return rows.map((row) => [...row.keys()].find((wire) => wire !== 0 && count.get(wire) === 1)!);
}

const without = (values: readonly bigint[], wires: readonly number[]): (bigint | undefined)[] =>
  values.map((value, wire) => (wires.includes(wire) ? undefined : value));

/** With the values that the linear rows give to the other wires: to each wire one, or the test fails. */
function continueBy(system: ConstraintSystem, known: readonly (bigint | undefined)[]): bigint[] {
  const values = [...known];
  for (const equation of eliminate(linearRows(system, known), (wire) => wire === 0)) {
    const [wire, ...others] = [...equation.keys()].filter((key) => key !== 0);
    assert.ok(wire !== undefined, 'the linear rows contradict the values');
    assert.deepEqual(others, [], 'the linear rows leave wires open');
    values[wire] = reduce(-(equation.get(0) ?? 0n) * invert(equation.get(wire)!));
  }
  assert.ok(!values.includes(undefined), 'there are wires that no linear row computes');
  return values as bigint[];
}

/** A·B − C of each row. */
function missesOf(system: ConstraintSystem, values: readonly bigint[]): { linear: bigint[]; products: bigint[] } {
  const { starts, wires, coefficientIds, coefficients, constraintCount } = system;
  const sum = (part: number): bigint => {
    let total = 0n;
    for (let term = starts[part]!; term < starts[part + 1]!; term++) {
      total += coefficients[coefficientIds[term]!]! * values[wires[term]!]!;
    }
    return total % FIELD_MODULUS;
  };
  const misses = { linear: [] as bigint[], products: [] as bigint[] };
  for (let row = 0; row < constraintCount; row++) {
    const miss = reduce(sum(3 * row) * sum(3 * row + 1) - sum(3 * row + 2));
    (isLinear(system, row) ? misses.linear : misses.products).push(miss);
  }
  return misses;
}
