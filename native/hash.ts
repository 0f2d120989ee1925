/** Poseidon by the addon. Twins: packages/protocol/hash.ts, circomlib's Poseidon. */

import { type Hasher, RollupError, requireFieldElement } from '@quittance/protocol';
import { requireAddon } from './addon.ts';
import { FIELD_BYTES, readInteger, writeInteger } from './bytes.ts';
import { call } from './call.ts';

/**
 * Poseidon of 1 to 16 field elements.
 *
 * @throws RollupError OUT_OF_RANGE when an input is not below r, or there are too many or none.
 * @throws RollupError NATIVE_UNAVAILABLE
 */
export function poseidon(inputs: readonly bigint[]): bigint {
  const addon = requireAddon();
  return call(() => addon.poseidonHash(inputs));
}

/**
 * `poseidon` of each group, eight at a time and on all cores; all groups have the same length.
 *
 * @throws RollupError OUT_OF_RANGE, MALFORMED when the lengths differ, NATIVE_UNAVAILABLE
 */
export function poseidonMany(groups: readonly (readonly bigint[])[]): bigint[] {
  const addon = requireAddon();
  const arity = groups[0]?.length;
  if (arity === undefined) return [];
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
      writeInteger(view, (position * arity + child) * FIELD_BYTES, input);
    }
  }
  const hashes = call(() => addon.poseidonGroups(bytes, arity));
  const read = new DataView(hashes.buffer, hashes.byteOffset, hashes.byteLength);
  return groups.map((_, position) => readInteger(read, position * FIELD_BYTES));
}

/** The native `Hasher` of packages/protocol/. */
export const nativeHasher: Hasher = { hash: poseidon, hashMany: poseidonMany };
