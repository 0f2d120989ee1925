/** A service that runs inside the devnet: a command of its own, run in this process. */

import type { Context } from '../process/command.ts';

/** A running part. */
export interface Part<R> {
  /** What it reported when it was up. @throws why it did not come up. */
  readonly ready: Promise<R>;
  /** Resolves when it has ended. @throws why it failed. */
  readonly ended: Promise<void>;
  /** Asks it to end, and waits until it has, failed or not. */
  stop(): Promise<void>;
}

/**
 * Starts a part. What it says is passed on under its name, its result makes it ready.
 *
 * @param run as a command's.
 */
export function startPart<R>(name: string, context: Context, run: (context: Context) => Promise<void>): Part<R> {
  const controller = new AbortController();
  const { promise: ready, resolve, reject } = Promise.withResolvers<R>();
  const { output } = context;
  const ended = run({
    ...context,
    signal: controller.signal,
    output: {
      ...output,
      result: (value) => resolve(value as R),
      // The log of one part is not where the devnet speaks to people.
      logTo: () => undefined,
      say: (text) => output.say(`${name}: ${text}`),
      warn: (text) => output.say(`${name}: ${text}`),
    },
  });
  ended.then(() => reject(new DOMException(`the ${name} ended before it was up`, 'AbortError')), reject);
  ready.catch(() => undefined); // heard by whoever waits for it
  ended.catch(() => undefined);
  return {
    ready,
    ended,
    async stop() {
      controller.abort();
      await ended.catch(() => undefined);
    },
  };
}
