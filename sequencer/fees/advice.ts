/** What fees the sequencer suggests, at the prices of L1 that it saw last. */

import type { Prices } from '@quittance/chain';
import { ETH_TOKEN_ID, RollupError } from '@quittance/protocol';
import { batchRoom, type SequencerContext } from '../context.ts';
import { slotCost } from './slot-cost.ts';
import { suggestFee } from './suggestion.ts';

/** Suggests fees. */
export interface FeeAdvice {
  /** Base units that a transfer in this token should pay now. @throws RollupError NOT_FOUND for a token without fees. */
  suggestedFee(tokenId: number): bigint;
}

const WEI_PER_ETH = 10n ** 18n;

export interface FeeAdviceOptions {
  readonly context: Pick<SequencerContext, 'config' | 'forms'>;
  /** As they are known; undefined before L1 answered. */
  readonly prices: () => Prices | undefined;
  /** Whether the operator can take fees in a token: before it has an account there, only transfers without fee are taken. */
  readonly hasFeeAccount: (tokenId: number) => boolean;
}

/** Advice by the settings of an operator. */
export function createFeeAdvice({ context, prices, hasFeeAccount }: FeeAdviceOptions): FeeAdvice {
  const { config, forms } = context;
  const terms = { mode: config.mode, profile: batchRoom(context).profile, forms };
  return {
    suggestedFee(tokenId) {
      const token = config.feeTokens.find((candidate) => candidate.tokenId === tokenId);
      if (token === undefined) {
        throw new RollupError('NOT_FOUND', `there is no fee token ${tokenId}; see tokens of rollup_getConfig`, {
          actual: String(tokenId),
        });
      }
      const latest = hasFeeAccount(tokenId) ? prices() : undefined;
      return suggestFee({
        slotCost: latest === undefined ? undefined : slotCost(terms, latest),
        marginPercent: config.feeMarginPercent,
        minimumFee: token.minimumFee,
        maximumFee: token.maximumFee,
        unitsPerEth: token.unitsPerEth ?? (tokenId === ETH_TOKEN_ID ? WEI_PER_ETH : undefined),
      });
    },
  };
}
