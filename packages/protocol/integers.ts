/** Range checks for integers that come from outside. */

import { RollupError } from './errors/index.ts';
import { FIELD_MODULUS } from './params.ts';

/**
 * Returns `value` when it is an integer of at most `bits` bits.
 *
 * @throws RollupError OUT_OF_RANGE with the name and the value.
 */
export function requireBits<T extends number | bigint>(name: string, value: T, bits: number): T {
  if (!fitsBits(value, bits)) {
    throw new RollupError('OUT_OF_RANGE', `${name} is ${shown(value)}, expected an integer of ${bits} bits`, {
      name,
      actual: shown(value),
      expected: `0 to 2^${bits} − 1`,
    });
  }
  return value;
}

function fitsBits(value: number | bigint, bits: number): boolean {
  if (typeof value === 'bigint') return value >= 0n && value >> BigInt(bits) === 0n;
  return Number.isSafeInteger(value) && value >= 0 && value < 2 ** bits;
}

/** Whether `value` is the canonical representative of a field element: 0 ≤ value < r. */
export function isFieldElement(value: bigint): boolean {
  return value >= 0n && value < FIELD_MODULUS;
}

/**
 * Returns `value` when it is a canonical field element.
 *
 * @throws RollupError OUT_OF_RANGE with the name and the value.
 */
export function requireFieldElement(name: string, value: bigint): bigint {
  if (typeof value !== 'bigint' || !isFieldElement(value)) {
    throw new RollupError('OUT_OF_RANGE', `${name} is ${shown(value)}, expected a field element below r`, {
      name,
      actual: shown(value),
      expected: '0 to r − 1',
    });
  }
  return value;
}

/** `value` mod r, in 0 … r − 1. */
export function toField(value: bigint): bigint {
  const reduced = value % FIELD_MODULUS;
  return reduced < 0n ? reduced + FIELD_MODULUS : reduced;
}

/** A value for a message; what is no number came from outside the types and may not even have a text. */
function shown(value: unknown): string {
  return typeof value === 'bigint' || typeof value === 'number' ? String(value) : `a value of type ${typeof value}`;
}
