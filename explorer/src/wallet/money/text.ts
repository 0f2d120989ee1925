/** Tokens and amounts of them as text. */

import type { TokenInfo } from '@quittance/sdk';
import { amountText } from '../../text/amounts.ts';
import { tokenText } from '../../text/untrusted.ts';

/** What a token calls itself, made harmless. */
export function symbolOf({ symbol, tokenId }: TokenInfo): string {
  return tokenText(symbol) || `token ${tokenId}`;
}

/** `1.5 ETH`, with all digits. */
export function moneyText(units: bigint, token: TokenInfo): string {
  return `${amountText(units, token.decimals)} ${symbolOf(token)}`;
}
