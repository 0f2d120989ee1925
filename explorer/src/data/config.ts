/** What all pages know of the rollup: its settings and its tokens. */

import type { ConfigJson } from '@quittance/rpc';
import { tokenText } from '../text/untrusted.ts';
import { useQuery } from './query.ts';

/** A token as it is shown. */
export interface TokenView {
  readonly tokenId: number;
  /** Of what the contract says, made harmless; `token 7` where it says nothing. */
  readonly symbol: string;
  /** Undefined where it is not known: amounts are then shown in base units. */
  readonly decimals: number | undefined;
}

/** ConfigJson of the sequencer; undefined until it answered. */
export function useConfig(): ConfigJson | undefined {
  return useQuery('rollup_getConfig', {}, false).data;
}

/** A token by its id. */
export function tokenOf(config: ConfigJson | undefined, tokenId: number): TokenView {
  const known = config?.tokens.find((token) => token.tokenId === tokenId);
  if (known === undefined && tokenId === 0) return { tokenId, symbol: 'ETH', decimals: 18 };
  return {
    tokenId,
    symbol: tokenText(known?.symbol ?? '') || `token ${tokenId}`,
    decimals: known?.decimals ?? undefined,
  };
}
