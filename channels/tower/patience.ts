/** Questions that no deadline waits for. */

import { asRollupError, type RollupError } from '@quittance/protocol';
import type { Clock } from '../../runtime/index.ts';

/** How long an answer is waited for. What comes later is there at the next look, where it is kept. */
const PATIENCE_MS = 10_000;

/** Asks them. */
export interface Patience {
  /** The answer, or `otherwise` when there is none in time, or an error, which is told. */
  ask<T>(vault: string, otherwise: T, question: () => Promise<T>): Promise<T>;
}

/** @param onTrouble hears of what failed. */
export function createPatience(
  clock: Pick<Clock, 'schedule'>,
  onTrouble: (vault: string, error: RollupError) => void,
): Patience {
  return {
    async ask(vault, otherwise, question) {
      const { promise: late, resolve } = Promise.withResolvers<typeof otherwise>();
      const timer = clock.schedule(PATIENCE_MS, () => resolve(otherwise));
      const answer = question().catch((error: unknown) => {
        onTrouble(vault, asRollupError('looking at a channel', error));
        return otherwise;
      });
      try {
        return await Promise.race([answer, late]);
      } finally {
        timer.cancel();
      }
    },
  };
}
