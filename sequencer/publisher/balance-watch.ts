/** Keeps the metric of the producer's ETH on L1 fresh: without it nothing is posted. */

import { asRollupError } from '@quittance/protocol';
import type { SequencerContext } from '../context.ts';

/** Asks L1 for the balance. */
export interface BalanceWatch {
  /** Asks again; the last balance stays when L1 does not answer. Never throws. */
  refresh(): Promise<void>;
}

/** A watch over the account of `chain`. */
export function createBalanceWatch({
  chain,
  measurements,
  logger,
}: Pick<SequencerContext, 'chain' | 'measurements' | 'logger'>): BalanceWatch {
  return {
    async refresh() {
      try {
        measurements.l1Balance.set(Number(await chain.balance()));
      } catch (error) {
        const { message: reason } = asRollupError('asking for the balance', error);
        logger.debug('L1 did not say the balance of the producer', { reason });
      }
    },
  };
}
