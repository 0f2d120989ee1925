/** Remembers which keys are in the prime subgroup, because checking one costs a scalar multiplication. */

import { isUsableKeyY, viewOf, WORD_BYTES, writeWord } from '@quittance/protocol';
import type { BulkCrypto } from '../types.ts';

/** How many keys are remembered; then that which was asked for longest ago is forgotten. Many times what a group names. */
const MAX_KEYS = 100_000;

/** Knows which keys only their owners can sign for. */
export interface UsableKeys {
  /** Has those that it does not know checked, all at once and not on the main thread. */
  learn(keys: Iterable<bigint>): Promise<void>;
  /** Whether a key is usable. One that was not learned is checked on the spot, in about 2 ms. */
  isUsable(keyY: bigint): boolean;
}

/** Knows nothing yet. @param check of many at once. */
export function createUsableKeys(check: BulkCrypto['usableKeys'], limit = MAX_KEYS): UsableKeys {
  const known = new Map<bigint, boolean>();

  const remember = (keyY: bigint, isUsable: boolean): void => {
    known.delete(keyY);
    if (known.size >= limit) known.delete(known.keys().next().value!);
    known.set(keyY, isUsable);
  };

  return {
    async learn(keys) {
      const fresh: bigint[] = [];
      for (const keyY of new Set(keys)) {
        const remembered = known.get(keyY);
        // Those become the newest, so that they are still known when the group is judged.
        if (remembered === undefined) fresh.push(keyY);
        else remember(keyY, remembered);
      }
      if (fresh.length === 0) return;
      const bytes = new Uint8Array(fresh.length * WORD_BYTES);
      for (const [position, keyY] of fresh.entries()) writeWord(viewOf(bytes), position * WORD_BYTES, keyY);
      const verdicts = await check(bytes);
      for (const [position, keyY] of fresh.entries()) remember(keyY, verdicts[position] === 1);
    },
    isUsable(keyY) {
      const remembered = known.get(keyY);
      if (remembered !== undefined) return remembered;
      const isUsable = isUsableKeyY(keyY);
      remember(keyY, isUsable);
      return isUsable;
    },
  };
}
