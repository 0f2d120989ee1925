/** Waiting for what others do: bounded, interrupted by a signal, and it says how to go on. */

import { RollupError } from '@quittance/protocol';
import { systemClock } from '../../runtime/index.ts';
import type { Context } from '../process/command.ts';

const LOOK_MS = 200;

/** What is waited for. */
export interface Waiting {
  readonly timeoutMs: number;
  /** For people: "the channel to be final". */
  readonly what: string;
  /** What to do when it did not come. */
  readonly next: string;
}

/**
 * Resolves with what `look` finds.
 *
 * @throws RollupError TIMEOUT; the signal's reason when it is interrupted; whatever `look` throws.
 */
export async function waitFor<T>(
  { signal, output }: Pick<Context, 'signal' | 'output'>,
  { timeoutMs, what, next }: Waiting,
  look: () => T | undefined | Promise<T | undefined>,
): Promise<T> {
  const end = systemClock.monotonicMs() + timeoutMs;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (systemClock.monotonicMs() > end) {
      throw new RollupError('TIMEOUT', `${Math.round(timeoutMs / 1_000)} s were not enough for ${what}: ${next}`, {});
    }
    try {
      await systemClock.sleep(LOOK_MS, signal);
    } catch (error) {
      output.say(next);
      throw error;
    }
  }
}
