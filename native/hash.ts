/** Poseidon by the addon. */

import { type Hasher, isRollupError, RollupError, readWord, requireFieldElement, writeWord } from '@quittance/protocol';
import { requireAddon } from './addon.ts';
import { FIELD_BYTES } from './bytes.ts';
import { call } from './call.ts';
import { requireList } from './input.ts';

/** The largest width that the addon has constants for: one more than this. */
const MAX_INPUTS = 16;

/**
 * Poseidon of 1 to 16 field elements.
 *
 * @throws RollupError OUT_OF_RANGE when an input is not below r, or there are too many or none.
 * @throws RollupError NATIVE_UNAVAILABLE
 */
export function poseidon(inputs: readonly bigint[]): bigint {
  const addon = requireAddon();
  try {
    return call(() => addon.poseidonHash(inputs));
  } catch (error) {
    if (!isRollupError(error, 'INVARIANT_BROKEN')) throw error;
    // The addon takes bigints only: say which is none.
    requireList('Poseidon inputs', inputs);
    for (const [index, input] of inputs.entries()) requireFieldElement(`Poseidon input ${index}`, input);
    throw error;
  }
}

/**
 * `poseidon` of each group, eight at a time and on all cores; all groups have the same length.
 *
 * @throws RollupError OUT_OF_RANGE as `poseidon`, WRONG_LENGTH when the lengths differ, NATIVE_UNAVAILABLE
 */
export function poseidonMany(groups: readonly (readonly bigint[])[]): bigint[] {
  const addon = requireAddon();
  requireList('Poseidon groups', groups);
  for (const [position, group] of groups.entries()) requireList(`Poseidon group ${position}`, group);
  const arity = groups[0]?.length;
  if (arity === undefined) return [];
  if (arity < 1 || arity > MAX_INPUTS) {
    throw new RollupError('OUT_OF_RANGE', `Poseidon takes 1 to ${MAX_INPUTS} inputs, got ${arity}`, { actual: arity });
  }
  const bytes = new Uint8Array(groups.length * arity * FIELD_BYTES);
  const view = new DataView(bytes.buffer);
  for (const [position, group] of groups.entries()) {
    if (group.length !== arity) {
      throw new RollupError('WRONG_LENGTH', `group ${position} has ${group.length} inputs, the first one ${arity}`, {
        name: 'inputs',
        actual: group.length,
        expected: arity,
      });
    }
    for (const [child, input] of group.entries()) {
      requireFieldElement(`Poseidon input ${child} of group ${position}`, input);
      writeWord(view, (position * arity + child) * FIELD_BYTES, input);
    }
  }
  const hashes = call(() => addon.poseidonGroups(bytes, arity));
  const read = new DataView(hashes.buffer, hashes.byteOffset, hashes.byteLength);
  return groups.map((_, position) => readWord(read, position * FIELD_BYTES));
}

/**
 * `poseidon` of groups that are packed already, `arity` elements of 32 little-endian bytes each: 32 bytes a hash.
 *
 * @throws RollupError OUT_OF_RANGE when an element is not below r, INVARIANT_BROKEN for bytes that are no groups, NATIVE_UNAVAILABLE
 */
export function poseidonGroups(elements: Uint8Array, arity: number): Uint8Array {
  const addon = requireAddon();
  return call(() => addon.poseidonGroups(elements, arity));
}

/** The native `Hasher` of packages/protocol/. Twin: packages/protocol/hash.ts portableHasher. */
export const nativeHasher: Hasher = { hash: poseidon, hashMany: poseidonMany };
