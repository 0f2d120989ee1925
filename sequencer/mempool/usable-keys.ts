/** Remembers which keys are in the prime subgroup: the check costs a scalar multiplication. */

import { isUsableKeyY } from '@quittance/protocol';

/** Most keys that are remembered; then the oldest is forgotten. */
const MAX_KEYS = 100_000;

/** Whether a key can be used, remembered. */
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
