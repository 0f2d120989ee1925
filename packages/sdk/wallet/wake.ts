/** Waits until somebody rings, or for a while. */

import type { Clock } from './time.ts';

/** A bell that remembers that it was rung while nobody waited. */
export interface Wake {
  readonly ring: () => void;
  /** Resolves when it rings, or after `mostMs`. @throws the signal's reason. */
  wait(mostMs: number, signal: AbortSignal): Promise<void>;
}

export function createWake(clock: Clock): Wake {
  let isRung = false;
  let waiting: (() => void) | undefined;
  return {
    ring() {
      isRung = true;
      waiting?.();
    },
    async wait(mostMs, signal) {
      if (!isRung) {
        await new Promise<void>((resolve, reject) => {
          signal.throwIfAborted();
          const done = (): void => {
            timer.cancel();
            signal.removeEventListener('abort', onAbort);
            waiting = undefined;
            resolve();
          };
          const onAbort = (): void => {
            timer.cancel();
            waiting = undefined;
            reject(signal.reason as Error);
          };
          const timer = clock.schedule(mostMs, done);
          waiting = done;
          signal.addEventListener('abort', onAbort, { once: true });
        });
      }
      isRung = false;
    },
  };
}
