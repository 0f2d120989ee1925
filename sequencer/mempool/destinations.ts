/** How many destinations of moves L1 has: a move to another number would take its money nowhere. */

import { asRollupError } from '@quittance/protocol';
import type { SequencerContext } from '../context.ts';

/** The destinations that are known. */
export interface Destinations {
  /** Those with their confirmations: until then a reorg could give a number to another contract. */
  readonly count: number;
  /** Asks L1 as of this block. What was known stays when it does not answer. Never throws. */
  refresh(headNumber: number): Promise<void>;
}

/** None is known before the first `refresh`. */
export function createDestinations({
  chain,
  config,
  logger,
}: Pick<SequencerContext, 'chain' | 'config' | 'logger'>): Destinations {
  let count = 0;
  return {
    get count() {
      return count;
    },
    async refresh(headNumber) {
      try {
        const confirmed = await chain.block(headNumber - config.confirmations + 1);
        if (confirmed !== undefined) count = await chain.destinationCount(confirmed.hash);
      } catch (error) {
        const reason = asRollupError('counting destinations', error).message;
        logger.warn('L1 did not say how many destinations it has; the last count stays', { reason });
      }
    },
  };
}
