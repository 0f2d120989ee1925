/** Tokens of the rollup, by id or by L1 address. */

import { ETH_TOKEN_ID, isSameAddress, RollupError } from '@quittance/protocol';
import { type ConfigJson, MAX_DECIMALS } from '@quittance/rpc';
import type { TokenInfo, TokenRef } from './types.ts';

/** L1 address that stands for ETH. */
const ETH_ADDRESS = `0x${'00'.repeat(20)}`;

/** What stands for a token that has no symbol: the beginning of its address. */
export const SHOWN_CHARACTERS = 8;

/** ETH, of which everything is known. */
export const ETH: TokenInfo = { tokenId: ETH_TOKEN_ID, address: ETH_ADDRESS, symbol: 'ETH', decimals: 18 };

/** Whether amounts with so many decimals can be read: a sequencer can say anything. */
function isReadable(decimals: number | null): decimals is number {
  return Number.isInteger(decimals) && decimals! >= 0 && decimals! <= MAX_DECIMALS;
}

/** What a sequencer says of its tokens, without those whose amounts nobody could read. */
export function tokensOf({ tokens }: Pick<ConfigJson, 'tokens'>): TokenInfo[] {
  return tokens.flatMap(({ tokenId, address, symbol, decimals }) =>
    !isReadable(decimals) ? [] : [{ tokenId, address, decimals, symbol: symbol ?? address.slice(0, SHOWN_CHARACTERS) }],
  );
}

/**
 * What stands for a token that does not say how its amounts read, or that nobody knows.
 *
 * @param address empty where not even that is known.
 */
export function unreadableToken(tokenId: number, address: string): TokenInfo {
  const symbol = address === '' ? `token ${tokenId}` : address.slice(0, SHOWN_CHARACTERS);
  return { tokenId, address, symbol, decimals: 0, isUnreadable: true };
}

/** Whether a token is the one that is meant. */
export function isToken({ tokenId, address }: TokenInfo, ref: TokenRef): boolean {
  return typeof ref === 'number' ? tokenId === ref : isSameAddress(address, ref);
}

/** @throws RollupError NOT_FOUND: nobody registered it. */
export function unknownToken(ref: TokenRef): never {
  throw new RollupError('NOT_FOUND', `the rollup has no token ${ref}: register it on L1 first`, { token: String(ref) });
}

/** A token as L1 has it. @throws RollupError TOKEN_UNSUITABLE when the sequencer says something else of it. */
export function requireSame(onL1: TokenInfo, said: TokenInfo): TokenInfo {
  const { address, decimals, tokenId } = onL1;
  if (decimals === said.decimals && tokenId === said.tokenId && isSameAddress(address, said.address)) return onL1;
  const reason = `it is token ${tokenId} with ${decimals} decimals on L1, the sequencer says ${said.tokenId} with ${said.decimals}`;
  throw new RollupError('TOKEN_UNSUITABLE', `the token at ${address} cannot be used: ${reason}`, {
    token: address,
    reason,
  });
}
