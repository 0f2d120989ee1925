/** Runs long work in slices, so that other work gets its turn in between. */

/** How long work runs at a stretch: the delay that it adds to an acknowledgement. */
export const SLICE_MS = 2;

/**
 * Runs the steps, and pauses after each slice of them.
 *
 * @param pause lets other work run. @returns what the steps return.
 */
export async function inSlices<T>(steps: Generator<void, T, void>, pause: () => Promise<void>): Promise<T> {
  for (let sliceEnd = performance.now() + SLICE_MS; ; ) {
    const step = steps.next();
    if (step.done === true) return step.value;
    if (performance.now() < sliceEnd) continue;
    await pause();
    sliceEnd = performance.now() + SLICE_MS;
  }
}
