/** Repeats what may fail for a while: bounded, with growing and jittered pauses, and cancellable. */

import type { Clock } from './clock.ts';

export interface RetryOptions {
  readonly clock: Clock;
  /** How often the task is tried at most, the first time included. */
  readonly attempts: number;
  /** Pause before the second attempt; each further one is twice as long. */
  readonly firstDelayMs: number;
  /** No pause is longer. */
  readonly maxDelayMs: number;
  /** Whether an error may pass by itself; other errors end the retries at once. */
  readonly isTransient: (error: unknown) => boolean;
  /** Told before each pause. */
  readonly onRetry?: (error: unknown, attempt: number, delayMs: number) => void;
  readonly signal?: AbortSignal;
  /** In [0, 1); Math.random if not given. */
  readonly random?: () => number;
}

/** The pause after failed attempt `attempt` (from 1): between half and all of the doubled delay, in whole milliseconds. */
export function retryDelayMs(options: RetryOptions, attempt: number): number {
  const full = Math.min(options.maxDelayMs, options.firstDelayMs * 2 ** (attempt - 1));
  return Math.round(full / 2 + (full / 2) * (options.random ?? Math.random)());
}

/**
 * The first success of `task`.
 *
 * @throws the last error when the attempts are used up or the error is not transient, or the signal's reason.
 */
export async function retry<T>(task: (attempt: number) => Promise<T>, options: RetryOptions): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    options.signal?.throwIfAborted();
    try {
      return await task(attempt);
    } catch (error) {
      if (attempt >= options.attempts || !options.isTransient(error)) throw error;
      const delayMs = retryDelayMs(options, attempt);
      options.onRetry?.(error, attempt, delayMs);
      await options.clock.sleep(delayMs, options.signal);
    }
  }
}
