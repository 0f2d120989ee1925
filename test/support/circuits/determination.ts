/**
 * Which wires a constraint system leaves open when its inputs are given: what an attacker who recomputes everything
 * that follows could still choose.
 *
 * A wire is determined when it cannot have another value in any witness with these inputs. That is proven step by step,
 * from what is determined already, and never by approximation:
 *   - a row in which one factor is determined is linear; a linear system of such rows determines wires;
 *   - a row A·(A − d) = 0 leaves A two values. A linear row of such bits determines them when no other choice adds up.
 * So a product that nothing constrains is found although all that is made of it is cut into bits, one bit each of which
 * is locked in its place (`deposited` before its range check: the derivative of b·(b − 1) is never 0 at a bit).
 */

import { FIELD_MODULUS } from '@quittance/protocol';
import type { CircuitInput } from '../../../prover/index.ts';
import { invert, reduce } from '../crypto/field.ts';
import { clusters, MAX_TRIED_BITS, otherRoot, solutionsOfBits } from './bits.ts';
import type { Circuit } from './circuits.ts';
import { type Equation, eliminate } from './linear-rows.ts';

export interface Determination {
  /** Signals that are not determined, with `[]` for all indices: "expiry.remainingBits.out[]". */
  readonly open: readonly string[];
  /** Signals of sums that more than one choice of bits adds up to. What follows from them is judged for this choice. */
  readonly ambiguous: readonly string[];
}

/** Judges the witness `values` of the circuit when the signals named in `given` stay as they are, by all rows but some. */
export function determine(
  circuit: Circuit,
  values: readonly bigint[],
  given: CircuitInput,
  without: ReadonlySet<number> = new Set(),
): Determination {
  const search = new Search(circuit, values, without);
  search.learn([0, ...Object.entries(given).flatMap(([name, value]) => wiresOf(circuit, name, value))]);
  search.run();
  return search.result();
}

/** The name of a signal with `[]` for all indices. */
const patternOf = (name: string): string => name.replaceAll(/\[\d+\]/g, '[]');

/** A row by what stands in it, "1 + a ⋅ b = c": rows that differ in indices and coefficients alone have the same. */
export function rowPattern(circuit: Circuit, row: number): string {
  const { starts, wires } = circuit.system;
  const [a, b, c] = [A, B, C].map((part) => {
    const terms = [...wires.subarray(starts[3 * row + part], starts[3 * row + part + 1])];
    const names = terms.map((wire) => (wire === 0 ? '1' : patternOf(circuit.namesOf(wire)[0]!)));
    return [...new Set(names)].sort().join(' + ') || '0';
  });
  return a === '0' && b === '0' ? `0 = ${c}` : `${a} ⋅ ${b} = ${c}`;
}

function wiresOf(circuit: Circuit, name: string, value: unknown): number[] {
  return Array.isArray(value)
    ? value.flatMap((item, index) => wiresOf(circuit, `${name}[${index}]`, item))
    : [circuit.wire(name)];
}

const A = 0;
const B = 1;
const C = 2;

class Search {
  readonly #circuit: Circuit;
  /** Values of the wires, and of the sums that stand for a bit. */
  readonly #values: bigint[];
  readonly #isKnown: boolean[];
  /** Undetermined terms of each factor of each row: 2·row + factor. */
  readonly #openTerms: number[];
  /** For each wire, the factors that it stands in. */
  readonly #factorsOf: number[][];
  readonly #isAdded: boolean[] = [];
  readonly #equations = new Set<Equation>();
  readonly #equationsOf = new Map<number, Set<Equation>>();
  /** Difference between the other value of a bit and the one it has. */
  readonly #steps = new Map<number, bigint>();
  readonly #ambiguous = new Set<string>();
  readonly #pending: number[] = [];

  constructor(circuit: Circuit, values: readonly bigint[], without: ReadonlySet<number>) {
    this.#circuit = circuit;
    this.#values = [...values];
    const { constraintCount, wireCount } = circuit.system;
    this.#isKnown = new Array<boolean>(wireCount).fill(false);
    this.#openTerms = new Array<number>(2 * constraintCount).fill(0);
    this.#factorsOf = Array.from({ length: wireCount }, () => []);
    for (let row = 0; row < constraintCount; row++) {
      if (without.has(row) || this.#addBit(row)) continue;
      for (const factor of [A, B]) {
        const terms = this.#terms(row, factor);
        this.#openTerms[2 * row + factor] = terms.length;
        for (const [wire] of terms) this.#factorsOf[wire]!.push(2 * row + factor);
        if (terms.length === 0) this.#addRow(row);
      }
    }
  }

  /** Says that these wires are determined, and all that follows from it by rows with one open wire. */
  learn(wires: readonly number[]): void {
    this.#pending.push(...wires);
    for (let wire = this.#pending.pop(); wire !== undefined; wire = this.#pending.pop()) {
      if (this.#isKnown[wire]) continue;
      this.#isKnown[wire] = true;
      for (const equation of this.#equationsOf.get(wire) ?? []) this.#remove(equation, wire);
      this.#equationsOf.delete(wire);
      for (const factor of this.#factorsOf[wire] ?? []) {
        this.#openTerms[factor]! -= 1;
        if (this.#openTerms[factor] === 0) this.#addRow(factor >> 1);
      }
    }
  }

  run(): void {
    for (let found = this.#next(); found.length > 0; found = this.#next()) this.learn(found);
  }

  /** Wires that are determined by more than one open wire each; the simplest way that finds any. */
  #next(): number[] {
    const found = firstFound(this.#equations, (equation) => this.#solveBits([equation], 1));
    if (found.length > 0) return found;
    const reduced = eliminate([...this.#equations], (wire) => this.#steps.has(wire));
    const single = reduced.filter(({ size }) => size === 1).flatMap((equation) => [...equation.keys()]);
    if (single.length > 0) return single;
    const bits = reduced.filter((equation) => [...equation.keys()].every((wire) => this.#steps.has(wire)));
    const groups = [
      ...bits.map((equation) => [equation]),
      ...clusters(bits.filter(({ size }) => size <= MAX_TRIED_BITS)),
    ];
    const unique = firstFound(groups, (group) => this.#solveBits(group, 1));
    return unique.length > 0 ? unique : firstFound(groups, (group) => this.#solveBits(group, 2));
  }

  result(): Determination {
    const open = this.#isKnown.flatMap((isKnown, wire) =>
      isKnown || wire >= this.#circuit.system.wireCount ? [] : [this.#nameOf(wire)],
    );
    return { open: [...new Set(open)].sort(), ambiguous: [...this.#ambiguous].sort() };
  }

  /** Takes a row A·(A − d) = 0 as what it says: that A, a wire or a sum, has two values. */
  #addBit(row: number): boolean {
    const [a, b, c] = [A, B, C].map((part) => new Map(this.#terms(row, part)));
    const other = otherRoot(a!, b!, c!);
    if (other === undefined) return false;
    const terms = [...a!].filter(([wire]) => wire !== 0);
    const value = this.#sum(a!);
    const step = reduce(value === 0n ? other : -value);
    if (terms.length === 1) {
      const [wire, coefficient] = terms[0]!;
      this.#steps.set(wire, reduce(step * invert(coefficient)));
    } else {
      const sum = this.#values.push(value) - 1;
      this.#isKnown.push(false);
      this.#steps.set(sum, step);
      this.#addEquation(new Map([...terms, [sum, FIELD_MODULUS - 1n]]));
    }
    return true;
  }

  /** Takes a row as an equation, now that one of its factors is determined. */
  #addRow(row: number): void {
    const equation: Equation = new Map();
    const add = (part: number, factor: bigint): void => {
      for (const [wire, coefficient] of this.#terms(row, part)) {
        if (this.#isKnown[wire]) continue;
        const total = reduce((equation.get(wire) ?? 0n) + coefficient * factor);
        if (total === 0n) equation.delete(wire);
        else equation.set(wire, total);
      }
    };
    if (this.#isAdded[row]) return;
    this.#isAdded[row] = true;
    const factor = this.#openTerms[2 * row] === 0 ? A : B;
    add(1 - factor, this.#sum(this.#terms(row, factor)));
    add(C, -1n);
    this.#addEquation(equation);
  }

  #addEquation(equation: Equation): void {
    for (const wire of equation.keys()) if (this.#isKnown[wire]) equation.delete(wire);
    if (equation.size === 1) this.#pending.push(...equation.keys());
    if (equation.size < 2) return;
    this.#equations.add(equation);
    for (const wire of equation.keys()) {
      if (!this.#equationsOf.has(wire)) this.#equationsOf.set(wire, new Set());
      this.#equationsOf.get(wire)!.add(equation);
    }
  }

  #remove(equation: Equation, wire: number): void {
    equation.delete(wire);
    if (equation.size === 1) this.#pending.push(...equation.keys());
    if (equation.size < 2) this.#equations.delete(equation);
  }

  /** The wires of these equations when they are bits, and at most `limit` choices of bits satisfy them. */
  #solveBits(equations: readonly Equation[], limit: number): number[] {
    const wires = [...new Set(equations.flatMap((equation) => [...equation.keys()]))];
    if (!wires.every((wire) => this.#steps.has(wire))) return [];
    const weights = equations.map((equation) =>
      wires.map((wire) => reduce((equation.get(wire) ?? 0n) * this.#steps.get(wire)!)),
    );
    const solutions = solutionsOfBits(weights) ?? Number.POSITIVE_INFINITY;
    if (solutions > limit) return [];
    if (solutions > 1) this.#ambiguous.add(this.#nameOf(wires[0]!));
    return wires;
  }

  #terms(row: number, part: number): (readonly [wire: number, coefficient: bigint])[] {
    const { starts, wires, coefficientIds, coefficients } = this.#circuit.system;
    const terms: [number, bigint][] = [];
    for (let term = starts[3 * row + part]!; term < starts[3 * row + part + 1]!; term++) {
      terms.push([wires[term]!, coefficients[coefficientIds[term]!]!]);
    }
    return terms;
  }

  #sum(terms: Iterable<readonly [number, bigint]>): bigint {
    let sum = 0n;
    for (const [wire, coefficient] of terms) sum += coefficient * this.#values[wire]!;
    return reduce(sum);
  }

  #nameOf(wire: number): string {
    return patternOf(this.#circuit.namesOf(wire)[0]!);
  }
}

function firstFound<T>(items: Iterable<T>, find: (item: T) => number[]): number[] {
  for (const item of items) {
    const found = find(item);
    if (found.length > 0) return found;
  }
  return [];
}
