/**
 * From the coefficients of a polynomial to the elements of its blob and back. EIP-4844 has in element i the value at
 * ω^brp(i), ω = 7^((q − 1)/4096) and brp the reversal of 12 bits.
 *
 * Source: EIP-4844 and the consensus specification, deneb/polynomial-commitments.md (`compute_roots_of_unity`,
 * `bit_reversal_permutation`); Cooley and Tukey for the steps.
 */

import { RollupError } from '../errors/index.ts';
import { BLOB_ELEMENTS, BLOB_FIELD_MODULUS } from '../params.ts';

/** Generator of the multiplicative group modulo q (deneb/polynomial-commitments.md, PRIMITIVE_ROOT_OF_UNITY). */
const GENERATOR = 7n;

const INDEX_BITS = Math.log2(BLOB_ELEMENTS);

const q = BLOB_FIELD_MODULUS;

/** base^exponent mod q. */
function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  for (let factor = base, rest = exponent; rest > 0n; rest >>= 1n) {
    if ((rest & 1n) === 1n) result = (result * factor) % q;
    factor = (factor * factor) % q;
  }
  return result;
}

/** ω⁰ … ω^4095. */
const ROOTS: readonly bigint[] = (() => {
  const root = power(GENERATOR, (q - 1n) / BigInt(BLOB_ELEMENTS));
  const roots = [1n];
  while (roots.length < BLOB_ELEMENTS) roots.push((roots.at(-1)! * root) % q);
  return roots;
})();

/** 1/4096 mod q, by Fermat. */
const INVERSE_COUNT = power(BigInt(BLOB_ELEMENTS), q - 2n);

/** The 12 bits of `index` in reverse order. */
function reverseBits(index: number): number {
  let reversed = 0;
  for (let bit = 0; bit < INDEX_BITS; bit += 1) reversed = (reversed << 1) | ((index >> bit) & 1);
  return reversed;
}

/**
 * Where element `index` of a blob is the value of its polynomial: ω^brp(index). @throws RollupError OUT_OF_RANGE.
 * Twin: contracts/libraries/PointEvaluation.sol rootAt.
 */
export function elementPoint(index: number): bigint {
  if (!Number.isSafeInteger(index) || index < 0 || index >= BLOB_ELEMENTS) {
    throw new RollupError('OUT_OF_RANGE', `a blob has no element ${index}`, {
      actual: index,
      expected: `0 to ${BLOB_ELEMENTS - 1}`,
    });
  }
  return ROOTS[reverseBits(index)]!;
}

/**
 * The values at ω^brp(0) … ω^brp(4095) of the polynomial with these coefficients, that of X⁰ first.
 *
 * @param coefficients below q, at most 4,096; the missing ones are 0. @throws RollupError OUT_OF_RANGE for more.
 */
export function polynomialValues(coefficients: readonly bigint[]): bigint[] {
  if (coefficients.length > BLOB_ELEMENTS) {
    throw new RollupError('OUT_OF_RANGE', `a blob has ${BLOB_ELEMENTS} coefficients, got ${coefficients.length}`, {
      actual: coefficients.length,
      expected: BLOB_ELEMENTS,
    });
  }
  const values = [...coefficients, ...Array<bigint>(BLOB_ELEMENTS - coefficients.length).fill(0n)];
  // Decimation in frequency: natural order in, reversed order out, which is the order of a blob.
  for (let half = BLOB_ELEMENTS / 2; half >= 1; half /= 2) {
    const stride = BLOB_ELEMENTS / (2 * half);
    for (let start = 0; start < BLOB_ELEMENTS; start += 2 * half) {
      for (let offset = 0; offset < half; offset += 1) {
        const upper = values[start + offset]!;
        const lower = values[start + offset + half]!;
        const sum = upper + lower;
        values[start + offset] = sum >= q ? sum - q : sum;
        values[start + offset + half] = ((upper - lower + q) * ROOTS[offset * stride]!) % q;
      }
    }
  }
  return values;
}

/** Inverse of `polynomialValues`: all 4,096 coefficients. @param values 4,096, below q, in the order of a blob. */
export function polynomialCoefficients(values: readonly bigint[]): bigint[] {
  const result = [...values];
  // The steps of `polynomialValues` backwards, each without its factor 1/2: together they are 1/4096.
  for (let half = 1; half < BLOB_ELEMENTS; half *= 2) {
    const stride = BLOB_ELEMENTS / (2 * half);
    for (let start = 0; start < BLOB_ELEMENTS; start += 2 * half) {
      for (let offset = 0; offset < half; offset += 1) {
        const upper = result[start + offset]!;
        // ω^(−offset·stride), since ω^4096 = 1.
        const inverse = ROOTS[(BLOB_ELEMENTS - offset * stride) % BLOB_ELEMENTS]!;
        const lower = (result[start + offset + half]! * inverse) % q;
        const sum = upper + lower;
        result[start + offset] = sum >= q ? sum - q : sum;
        result[start + offset + half] = upper >= lower ? upper - lower : upper - lower + q;
      }
    }
  }
  return result.map((value) => (value * INVERSE_COUNT) % q);
}
