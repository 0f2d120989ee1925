/** When what is shown may be out of date: after an event, after the connection came back, and now and then anyway. */

/** At most once in so long, however many events arrive. */
const THROTTLE_MS = 500;
/** Without events: often enough to see that a batch became final. */
const EVERY_MS = 5_000;

const listeners = new Set<() => void>();
let _isDue: ReturnType<typeof setTimeout> | undefined;

/** Tells everybody soon. */
export function beat(): void {
  _isDue ??= setTimeout(() => {
    _isDue = undefined;
    if (document.visibilityState === 'hidden') return; // it beats when somebody looks again
    for (const listener of [...listeners]) listener();
  }, THROTTLE_MS);
}

/** Listens. @returns how to stop. */
export function onBeat(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

setInterval(beat, EVERY_MS);
document.addEventListener('visibilitychange', beat);
