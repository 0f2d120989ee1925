/** The first SIGINT, SIGTERM or SIGHUP asks for a clean end, the second ends at once. */

import { ExitCode } from '@quittance/protocol';

/** A signal that is aborted by the first interruption. */
export function interruption(say: (text: string) => void): AbortSignal {
  const controller = new AbortController();
  const onSignal = (): void => {
    if (controller.signal.aborted) process.exit(ExitCode.interrupted);
    say('stopping; press again to stop at once');
    controller.abort();
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  // The terminal is gone: the shell says so, and then the kernel. Only a person presses again.
  process.on('SIGHUP', () => {
    if (!controller.signal.aborted) onSignal();
  });
  return controller.signal;
}

/**
 * `work`, unless the signal comes before it has called `begun`: until then there is nothing to undo, so it is left alone
 * whatever it waits for.
 *
 * @throws the signal's reason, or whatever the work throws.
 */
export function untilBegun<T>(signal: AbortSignal, work: (begun: () => void) => Promise<T>): Promise<T> {
  let hasBegun = false;
  const interrupted = new Promise<never>((_, reject) => {
    const onAbort = (): void => {
      if (!hasBegun) reject(signal.reason as Error);
    };
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
  });
  const begun = (): void => {
    signal.throwIfAborted();
    hasBegun = true;
  };
  return Promise.race([work(begun), interrupted]);
}
