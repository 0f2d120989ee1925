/** Time for the wallet, and a signal for everything that waits. */

import type { TransactionOptions } from '@quittance/chain';

/** Where the wallet gets the time from; tests decide what time it is. */
export type Clock = TransactionOptions['clock'];

/** The clock of the machine. */
export const machineClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  schedule(delayMs, callback) {
    const handle = setTimeout(callback, delayMs);
    return { cancel: () => clearTimeout(handle) };
  },
  sleep: (delayMs, signal) =>
    new Promise((resolve, reject) => {
      if (signal?.aborted === true) return reject(signal.reason as Error);
      const onAbort = (): void => {
        clearTimeout(handle);
        reject(signal?.reason as Error);
      };
      const handle = setTimeout(() => {
        signal?.removeEventListener('abort', onAbort);
        resolve();
      }, delayMs);
      signal?.addEventListener('abort', onAbort, { once: true });
    }),
};

/** Pauses between looks or attempts: the first is `firstMs`, each half as long again, none above `mostMs`. */
export function createPauses(firstMs: number, mostMs: number): () => number {
  let next = firstMs;
  return () => {
    const pause = next;
    next = Math.min(mostMs, next * 1.5);
    return pause;
  };
}

/** `promise`, or the signal's reason as soon as it is aborted; what the promise does then is nobody's business any more. */
export function orAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason as Error);
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
    // Heard in any case: a rejection that nobody hears ends the program.
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
