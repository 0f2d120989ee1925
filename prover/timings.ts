/** Runs `task` and adds its wall-clock seconds to `timings` under `stage`. */
export async function timed<T>(timings: Record<string, number>, stage: string, task: () => Promise<T>): Promise<T> {
  const started = performance.now();
  try {
    return await task();
  } finally {
    timings[stage] = (timings[stage] ?? 0) + (performance.now() - started) / 1000;
  }
}
