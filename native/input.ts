/**
 * What callers give, checked before it becomes bytes for the addon. The inputs of circuits are made field elements here
 * for circom's own calculator too (prover/witness/calculator.ts), so that both take and refuse the same.
 */

import { FIELD_MODULUS, invariantBroken, RollupError } from '@quittance/protocol';

/** Values of a circuit's inputs by name: arrays are flattened in order, the outermost index first. */
export type CircuitInput = Readonly<Record<string, InputValue>>;
/** A field element, as a bigint, a safe integer, or text in decimal or 0x-hexadecimal; or a list of them. */
export type InputValue = bigint | number | string | readonly InputValue[];

/** Lists within lists; circuits of ours have two dimensions. */
const MAX_DEPTH = 16;
const INTEGER_TEXT = /^(?:[0-9]{1,78}|0x[0-9a-fA-F]{1,64})$/;

/**
 * The `count` field elements of an input.
 *
 * @param refuse throws what the caller throws for a refused input.
 */
export function inputElements(
  name: string,
  value: unknown,
  count: number,
  refuse: (reason: string) => never,
): bigint[] {
  const elements: bigint[] = [];
  let given = 0;
  const visit = (item: unknown, depth: number): void => {
    if (Array.isArray(item)) {
      if (depth === MAX_DEPTH) refuse(`${name} has lists within lists, more than ${MAX_DEPTH} deep`);
      for (const inner of item) visit(inner, depth + 1);
      return;
    }
    given += 1;
    if (given <= count) elements.push(toElement(name, item, refuse));
  };
  visit(value, 0);
  if (given !== count) refuse(`${name} has ${count} values, not ${given}`);
  return elements;
}

function toElement(name: string, value: unknown, refuse: (reason: string) => never): bigint {
  const isInteger =
    typeof value === 'bigint' ||
    (typeof value === 'number' && Number.isSafeInteger(value)) ||
    (typeof value === 'string' && INTEGER_TEXT.test(value));
  if (!isInteger) return refuse(`${name} is ${describe(value)}, not an integer`);
  const element = BigInt(value as bigint | number | string);
  if (element < 0n || element >= FIELD_MODULUS) refuse(`the value ${element} is not a field element`);
  return element;
}

/** What a value is, for people; never throws. */
export function describe(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, 80));
  if (value === null || ['number', 'bigint', 'boolean', 'undefined'].includes(typeof value)) return String(value);
  return Array.isArray(value) ? 'a list' : `a ${typeof value}`;
}

/** @throws RollupError OUT_OF_RANGE when `value` is no list. */
export function requireList(name: string, value: unknown): void {
  if (Array.isArray(value)) return;
  throw new RollupError('OUT_OF_RANGE', `${name}: ${describe(value)}, expected a list`, { name });
}

/** Paths and seeds by name. @throws RollupError INVARIANT_BROKEN when one is no text: only a bug gives such. */
export function requireTexts(texts: Readonly<Record<string, unknown>>): void {
  for (const [name, text] of Object.entries(texts)) {
    if (typeof text !== 'string') throw invariantBroken(`${name} is ${describe(text)}, not text`, { name });
  }
}

/** @throws RollupError WITNESS_REJECTED when `witness` is not bytes. */
export function requireWitness(witness: unknown): void {
  if (witness instanceof Uint8Array) return;
  throw new RollupError('WITNESS_REJECTED', `the witness is ${describe(witness)}, not bytes`);
}
