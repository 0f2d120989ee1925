/** Remembers which keys are in the prime subgroup, because checking one costs a scalar multiplication. */

import { isUsableKeyY } from '@quittance/protocol';

/** How many keys are remembered; then the oldest is forgotten. */
const MAX_KEYS = 100_000;

/** A check of keys that remembers its answers. */
export function createUsableKeys(
  check: (keyY: bigint) => boolean = isUsableKeyY,
  limit = MAX_KEYS,
): (keyY: bigint) => boolean {
  const known = new Map<bigint, boolean>();
  return (keyY) => {
    const remembered = known.get(keyY);
    if (remembered !== undefined) return remembered;
    const isUsable = check(keyY);
    if (known.size >= limit) known.delete(known.keys().next().value!);
    known.set(keyY, isUsable);
    return isUsable;
  };
}
