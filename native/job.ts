/** Long native calls: progress and cancellation. */

import { RollupError } from '@quittance/protocol';
import { type NativeJob, type NativeProgress, requireAddon } from './addon.ts';
import { callAsync } from './call.ts';

export interface NativeCallOptions {
  readonly onProgress?: (progress: NativeProgress) => void;
  /** Aborting ends the call with CANCELLED, at the latest after the current step (a second or so). */
  readonly signal?: AbortSignal;
}

const POLL_MS = 100;

/**
 * Runs a native call under a job.
 *
 * @throws RollupError CANCELLED when the signal is aborted; otherwise what the call throws.
 */
export async function runJob<T>(
  { onProgress, signal }: NativeCallOptions,
  start: (job: NativeJob) => Promise<T>,
): Promise<T> {
  if (signal?.aborted) throw new RollupError('CANCELLED', 'the job was cancelled before it began');
  const job = new (requireAddon().Job)();
  const cancel = () => job.cancel();
  signal?.addEventListener('abort', cancel, { once: true });
  const timer = onProgress && setInterval(() => onProgress(job.progress()), POLL_MS);
  try {
    return await callAsync(() => start(job));
  } finally {
    clearInterval(timer);
    signal?.removeEventListener('abort', cancel);
  }
}
