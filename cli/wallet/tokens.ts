/** Tokens by id or address, and amounts as people write them. */

import { ETH_TOKEN_ID, isRollupError, TOKEN_ID_BITS } from '@quittance/protocol';
import type { TokenInfo, TokenRef, Wallet } from '@quittance/sdk';
import { formatUnits, parseUnits } from 'ethers';
import * as parse from '../config/parse.ts';
import type { Parse } from '../config/setting.ts';
import { toggle, withDefault } from '../config/setting.ts';
import { UsageError } from '../process/errors.ts';

/** A token as a flag names it: its id, or its address on L1. */
export type TokenName = { readonly id: number } | { readonly address: string };

const parseToken: Parse<TokenName> = (value) => {
  if (/^0x/.test(value)) return { address: parse.address(value) };
  return { id: parse.integer(0, 2 ** TOKEN_ID_BITS - 1)(value) };
};

/** Digits with at most one point, without sign or exponent; the unit is decided later. */
export const amountText: Parse<string> = (value) => {
  if (/^\d{1,60}(\.\d{1,60})?$/.test(value)) return value;
  throw new UsageError(`expected an amount like 12 or 0.5, got "${value}"`);
};

export const token = withDefault<TokenName>('<id|address>', parseToken, { id: ETH_TOKEN_ID }, 'token; 0 is ETH');
export const baseUnits = toggle(parse.flag, 'amounts and fees are whole numbers of base units (wei)');

/** A token's name as the SDK takes it. */
export function refOf(name: TokenName): TokenRef {
  return 'id' in name ? name.id : name.address;
}

/** Base units of what a person wrote. @throws UsageError when it is finer than the token. */
export function unitsOf(text: string, { decimals, symbol }: TokenInfo, isBase: boolean): bigint {
  try {
    return parseUnits(text, isBase ? 0 : decimals);
  } catch {
    throw new UsageError(`${symbol} has ${isBase ? 0 : decimals} decimals here, ${text} has more`);
  }
}

/**
 * The token of an account for people. Anybody can put a token that does not say what it is on an account of somebody else: it
 * must not hide the others.
 *
 * @throws RollupError as `Wallet.token`, but for TOKEN_UNSUITABLE and NOT_FOUND.
 */
export async function describedToken(wallet: Pick<Wallet, 'token'>, tokenId: number): Promise<TokenInfo> {
  try {
    return await wallet.token(tokenId);
  } catch (error) {
    const isMute = isRollupError(error, 'TOKEN_UNSUITABLE') || isRollupError(error, 'NOT_FOUND');
    if (!isMute) throw error;
    return { tokenId, address: String(error.data['token']), symbol: '', decimals: 0 };
  }
}

/** What a token is called; one that does not say what it is by its id, and its amounts are in base units. */
export function symbolOf({ symbol, tokenId }: TokenInfo): string {
  return symbol || `token ${tokenId} (base units)`;
}

/** An amount for people. */
export function amountOf(units: bigint, { decimals }: TokenInfo): string {
  return formatUnits(units, decimals);
}
