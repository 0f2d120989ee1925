/** The first SIGINT or SIGTERM asks for a clean end, the second ends at once. */

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
  return controller.signal;
}
