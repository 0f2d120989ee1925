/** Remembers what gas costs on L1, for decisions that cannot wait for an answer. */

import type { Prices } from '@quittance/chain';
import { asRollupError } from '@quittance/protocol';
import type { SequencerContext } from '../context.ts';

/** The prices of L1 as they were last asked for. */
export interface PriceWatch {
  /** Undefined until L1 has answered. */
  readonly latest: Prices | undefined;
  /** Asks again. The last prices stay when L1 does not answer. Never throws. */
  refresh(): Promise<void>;
}

/** A watch that has not asked yet. */
export function createPriceWatch({ chain, logger }: Pick<SequencerContext, 'chain' | 'logger'>): PriceWatch {
  let latest: Prices | undefined;
  return {
    get latest() {
      return latest;
    },
    async refresh() {
      try {
        latest = await chain.prices();
      } catch (error) {
        logger.warn('L1 gave no prices; the last ones count', {
          reason: asRollupError('asking for prices', error).message,
        });
      }
    },
  };
}
