/** Amounts of channels as people write and read them. */

import { roundAmount, type TokenInfo, type Wallet } from '@quittance/sdk';
import { UsageError } from '../process/errors.ts';
import { amountOf, describedToken, symbolOf } from '../wallet/tokens.ts';

/** "0.5 ETH". */
export function coinText(units: bigint, token: TokenInfo): string {
  return `${amountOf(units, token)} ${symbolOf(token)}`;
}

/** What tokens are called, each asked for once. */
export function createCoins(wallet: Pick<Wallet, 'token'>): (tokenId: number) => Promise<TokenInfo> {
  const known = new Map<number, Promise<TokenInfo>>();
  return (tokenId) => {
    const found = known.get(tokenId) ?? describedToken(wallet, tokenId);
    known.set(tokenId, found);
    return found;
  };
}

/** @throws UsageError for an amount that no transfer can state, with those next to it. */
export function requireStatable(amount: bigint, token: TokenInfo): void {
  const [below, above] = [roundAmount(amount, 'down'), roundAmount(amount, 'up')];
  if (below === above) return;
  throw new UsageError(
    `a transfer cannot state ${coinText(amount, token)}: the amounts next to it are ${amountOf(below, token)} and ` +
      amountOf(above, token),
  );
}
