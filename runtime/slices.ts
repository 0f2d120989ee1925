/** Long work in slices, so that the main thread serves others in between. */

import { setImmediate } from 'node:timers/promises';

/**
 * A pause for work to call as often as it likes: it lets others run when `sliceMs` milliseconds have passed since they last
 * did, and is undefined until then.
 */
export function createSlices(sliceMs: number): () => Promise<void> | undefined {
  let sliceEnd = performance.now() + sliceMs;
  return () => {
    if (performance.now() < sliceEnd) return undefined;
    return setImmediate().then(() => {
      sliceEnd = performance.now() + sliceMs;
    });
  };
}
