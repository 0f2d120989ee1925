/** Poseidon by the addon. Twins: protocol/hash.ts, circomlib's Poseidon. */

import { type Hasher, TREE_ARITY } from '../protocol/index.ts';
import { requireAddon } from './addon.ts';
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

/** The native `Hasher` of protocol/. */
export const nativeHasher: Hasher = { hash: poseidon };

/**
 * Poseidon of four children for many nodes at once.
 *
 * @param children n·4 elements of 32 bytes, little-endian, below r.
 * @returns n elements in the same form.
 * @throws RollupError MALFORMED, OUT_OF_RANGE, NATIVE_UNAVAILABLE
 */
export function hashNodes(children: Uint8Array): Uint8Array {
  const addon = requireAddon();
  return call(() => addon.poseidonGroups(children, TREE_ARITY));
}
