/** Numbers that a seed gives again. */

import { createHash } from 'node:crypto';

/** Numbers from 0 to below 1. */
export function createRandom(seed: string): () => number {
  let count = 0;
  return () => {
    const digest = createHash('sha256').update(`${seed} ${count}`).digest();
    count += 1;
    return digest.readUIntBE(0, 6) / 2 ** 48;
  };
}
