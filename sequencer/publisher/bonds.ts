/** Gets bonds back. What another did first is no trouble. */

import type { AssertionChain, AssertionConstants } from '@quittance/chain';
import { isRollupError } from '@quittance/protocol';
import type { Logger } from '../../runtime/index.ts';
import { type FoundAssertion, isAssertedBy } from './assertion-search.ts';

/** Bonds of one account. */
export interface Bonds {
  /** Credits the bond of an assertion that is final or removed, if it is ours and still there. */
  release(found: Pick<FoundAssertion, 'assertionId' | 'status'>): Promise<void>;
  /** Pays out what was credited, when there is enough of it or nothing of ours waits. */
  collect(waitingCount: number): Promise<void>;
}

/** While batches wait, credits are collected when they make up this many bonds: each payment costs gas. */
const COLLECT_AFTER_BONDS = 4n;

/** Bonds of the account of `assertions`. */
export function createBonds(assertions: AssertionChain, terms: AssertionConstants, logger: Logger): Bonds {
  const unlessRefused = async (what: string, work: () => Promise<unknown>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      if (!isRollupError(error, 'L1_REJECTED')) throw error;
      logger.warn(`${what} was refused`, { reason: error.message });
    }
  };
  return {
    async release({ assertionId, status }) {
      if (status.isReleased || status.isRejected || !isAssertedBy(assertions, status)) return;
      await unlessRefused('releasing a bond', () => assertions.send({ type: 'releaseBond', assertionId }));
    },
    async collect(waitingCount) {
      const credit = await assertions.creditOf(assertions.account);
      const enough = waitingCount === 0 ? 1n : COLLECT_AFTER_BONDS * terms.assertionBond;
      if (credit < enough) return;
      await unlessRefused('collecting bonds', () =>
        assertions.send({ type: 'collectCredit', receiver: assertions.account }),
      );
      logger.info('collected bonds', { wei: credit });
    },
  };
}
