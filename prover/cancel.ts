/** Cancellation between the steps of a long task. */

import { RollupError } from '@quittance/protocol';

/** Throws CANCELLED when `signal` was aborted: called between the steps of a long task. */
export function throwIfCancelled(signal: AbortSignal | undefined, task: string): void {
  if (signal?.aborted) throw new RollupError('CANCELLED', `${task} was cancelled`, { task });
}
