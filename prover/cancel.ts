/** Cancellation between the steps of a long task. */

import { RollupError } from '@quittance/protocol';

/** Signals by which people and supervisors end a program, and with it those that it started. */
const INTERRUPTIONS: ReadonlySet<string> = new Set(['SIGINT', 'SIGTERM', 'SIGHUP']);

/** Whether a child process that was ended by this signal was told to end, rather than failing by itself. */
export function isInterruption(signalName: string | null): boolean {
  return signalName !== null && INTERRUPTIONS.has(signalName);
}

/** Throws CANCELLED when `signal` was aborted: called between the steps of a long task. */
export function throwIfCancelled(signal: AbortSignal | undefined, task: string): void {
  if (signal?.aborted) throw new RollupError('CANCELLED', `${task} was cancelled`, { task });
}
