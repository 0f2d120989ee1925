/**
 * Poseidon's partial rounds with few constants.
 *
 * A partial round adds constants, raises lane 0 to the fifth power and multiplies by the mix matrix. All lanes but
 * the first only ever pass through linear maps, so their basis is free. Write the matrix as [[m, v], [b, A]]: with p the
 * fifth power, x ← m·p + v·u and u ← A·u + b·p, the same in every round. In the basis in which b is the first unit vector
 * and A a companion matrix, u is a shift register:
 *
 *   x ← m·p + v'·u,   u ← (p + a·u, u[0], …, u[n−2])
 *
 * that is 2n + 1 products instead of (n + 1)², with the same 2n + 1 constants in every round. The constants of the lanes of
 * u are moved to lane 0 and, at the end, to the round that follows.
 */

import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { FIELD_MODULUS, toField } from '@quittance/protocol';

export const FULL_ROUNDS = 8;
/** Partial rounds for 4 and 5 inputs (circomlib, Poseidon paper table 2). */
export const PARTIAL_ROUNDS = 60;

type Vector = readonly bigint[];
type Matrix = readonly Vector[];

/** Constants of a permutation whose partial rounds work on a shift register. */
export interface Rounds {
  /** Words of the state. */
  readonly width: number;
  readonly mix: Matrix;
  /** Added before the first four full rounds, `width` a round. */
  readonly firstConstants: readonly Vector[];
  /** Added to lane 0 before each partial round. */
  readonly partialConstants: Vector;
  /** Added before the last four full rounds. */
  readonly lastConstants: readonly Vector[];
  /** Lanes 1 … n into the register and back. */
  readonly enter: Matrix;
  readonly leave: Matrix;
  /** m, then v' and a, newest element of the register first. */
  readonly own: bigint;
  readonly output: Vector;
  readonly feedback: Vector;
}

const range = (count: number) => Array.from({ length: count }, (_, index) => index);
const dot = (left: Vector, right: Vector) =>
  toField(left.reduce((sum, value, index) => sum + value * right[index]!, 0n));
const apply = (matrix: Matrix, vector: Vector) => matrix.map((row) => dot(row, vector));
const addVectors = (left: Vector, right: Vector) => left.map((value, index) => toField(value + right[index]!));
const transpose = (matrix: Matrix) => matrix[0]!.map((_, column) => matrix.map((row) => row[column]!));
const multiply = (left: Matrix, right: Matrix) => left.map((row) => transpose(right).map((column) => dot(row, column)));

function invertElement(value: bigint): bigint {
  let [result, base] = [1n, toField(value)];
  for (let exponent = FIELD_MODULUS - 2n; exponent > 0n; exponent >>= 1n) {
    if (exponent & 1n) result = toField(result * base);
    base = toField(base * base);
  }
  return result;
}

/** Gauss–Jordan. @throws when the matrix is singular. */
function invert(matrix: Matrix): Matrix {
  const size = matrix.length;
  const rows = matrix.map((row, index) => [...row, ...range(size).map((column) => (column === index ? 1n : 0n))]);
  for (const column of range(size)) {
    const pivot = rows.findIndex((row, index) => index >= column && row[column] !== 0n);
    if (pivot < 0) throw new Error('the matrix is singular');
    const factor = invertElement(rows[pivot]![column]!);
    const pivotRow = rows[pivot]!.map((value) => toField(value * factor));
    rows[pivot] = rows[column]!;
    rows[column] = pivotRow;
    for (const other of range(size).filter((index) => index !== column)) {
      const scale = rows[other]![column]!;
      rows[other] = rows[other]!.map((value, index) => toField(value - scale * pivotRow[index]!));
    }
  }
  return rows.map((row) => row.slice(size));
}

/** The register's basis: columns b, A·b − …, such that A becomes a companion matrix with the feedback in its first row. */
function registerBasis(a: Matrix, b: Vector): { leave: Matrix; feedback: Vector } {
  const size = b.length;
  const powers = [b];
  while (powers.length <= size) powers.push(apply(a, powers.at(-1)!));
  // Cayley–Hamilton: A^n·b = Σ c_k·A^k·b; the feedback is c, the highest power first.
  const coefficients = apply(invert(transpose(powers.slice(0, size))), powers[size]!);
  const feedback = coefficients.toReversed();
  // Column 0 is b; column k+1 = A·column k − feedback_k·b, so that A maps element k to element k + 1 plus feedback.
  const columns: Vector[] = [b];
  for (let index = 0; index < size - 1; index += 1) {
    columns.push(
      addVectors(
        apply(a, columns[index]!),
        b.map((value) => -feedback[index]! * value),
      ),
    );
  }
  return { leave: transpose(columns), feedback };
}

/** poseidon-lite keeps its constants in files that its package does not export. */
function readConstants(inputCount: number): { constants: readonly Vector[]; mix: Matrix } {
  const width = inputCount + 1;
  const require = createRequire(import.meta.url);
  const folder = dirname(require.resolve('poseidon-lite'));
  const { default: file } = require(join(folder, 'constants', `${inputCount}.js`)) as {
    default: { readonly C: readonly string[]; readonly M: readonly (readonly string[])[] };
  };
  const rounds = FULL_ROUNDS + PARTIAL_ROUNDS;
  if (file.C.length !== width * rounds || file.M.length !== width) {
    throw new Error(`poseidon-lite has ${file.C.length} constants, not those of a state of ${width} words`);
  }
  const decode = (base64: string) => BigInt(`0x${Buffer.from(base64, 'base64').toString('hex')}`);
  const constants = file.C.map(decode);
  return {
    constants: range(rounds).map((round) => constants.slice(round * width, (round + 1) * width)),
    mix: file.M.map((row) => row.map(decode)),
  };
}

/** The constants for 4 or 5 inputs. @throws when the mix matrix has no such basis. */
export function computeRounds(inputCount: number): Rounds {
  const { constants, mix } = readConstants(inputCount);
  const half = FULL_ROUNDS / 2;
  const own = mix[0]![0]!;
  const v = mix[0]!.slice(1);
  const b = mix.slice(1).map((row) => row[0]!);
  const a = mix.slice(1).map((row) => row.slice(1));

  const { leave, feedback } = registerBasis(a, b);
  const enter = invert(leave);

  // What the lanes of u would have gained by constants so far.
  let offset: Vector = b.map(() => 0n);
  let carried = 0n;
  const partialConstants = constants.slice(half, half + PARTIAL_ROUNDS).map(([first, ...others]) => {
    const constant = toField(first! + carried);
    const shifted = addVectors(offset, others);
    carried = dot(v, shifted);
    offset = apply(a, shifted);
    return constant;
  });
  const [next, ...last] = constants.slice(half + PARTIAL_ROUNDS);
  return {
    width: inputCount + 1,
    mix,
    firstConstants: constants.slice(0, half),
    partialConstants,
    lastConstants: [addVectors(next!, [carried, ...offset]), ...last],
    enter,
    leave,
    own,
    output: multiply([v], leave)[0]!,
    feedback,
  };
}
