/** Time as a dependency: services take a Clock, so that tests decide what time it is. */

/** A scheduled call that can be taken back. */
export interface Timer {
  cancel(): void;
}

/** Where services get the time from. Tests use the manual clock of test/support. */
export interface Clock {
  /** Unix time in whole milliseconds. */
  nowMs(): number;
  /** Milliseconds since some moment of this process: never set back or forward, for what must not last too long. */
  monotonicMs(): number;
  /** Calls `callback` once after `delayMs`. */
  schedule(delayMs: number, callback: () => void): Timer;
  /** Resolves after `delayMs`, or rejects with the signal's reason as soon as it is aborted. */
  sleep(delayMs: number, signal?: AbortSignal): Promise<void>;
}

/** Unix time in whole seconds, as batches carry it. */
export function unixSeconds(clock: Clock): number {
  return Math.floor(clock.nowMs() / 1000);
}

/** `sleep` in terms of `schedule`: shared by the system clock and the manual one. */
export function sleepBy(schedule: Clock['schedule'], delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) return reject(signal.reason as Error);
    const onAbort = (): void => {
      timer.cancel();
      reject(signal?.reason as Error);
    };
    const timer = schedule(delayMs, () => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    });
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}

/** The clock of the machine. */
export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  schedule(delayMs, callback) {
    const handle = setTimeout(callback, delayMs);
    return { cancel: () => clearTimeout(handle) };
  },
  sleep: (delayMs, signal) => sleepBy(systemClock.schedule, delayMs, signal),
};
