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
