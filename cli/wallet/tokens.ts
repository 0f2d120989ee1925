/** Tokens by id or address, and amounts as people write them. */

import { translateChainError } from '@quittance/chain';
import { ETH_TOKEN_ID, TOKEN_ID_BITS } from '@quittance/protocol';
import { Contract, formatUnits, getAddress, parseUnits } from 'ethers';
import * as parse from '../config/parse.ts';
import type { Parse } from '../config/setting.ts';
import { toggle, withDefault } from '../config/setting.ts';
import { UsageError } from '../process/errors.ts';
import { type Session, view } from './session.ts';

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

/** A token of this rollup. */
export interface Token {
  readonly id: number;
  /** The zero address for ETH. */
  readonly address: string;
  readonly decimals: number;
}

const ETH_DECIMALS = 18;
const ERC20 = [
  'function decimals() view returns (uint8)',
  'function allowance(address owner, address spender) view returns (uint256)',
  'function approve(address spender, uint256 amount) returns (bool)',
];

/** An ERC-20 contract. */
export function erc20(address: string, { l1 }: Pick<Session, 'l1'>): Contract {
  return new Contract(address, ERC20, l1.provider);
}

/** The token of a name. @throws RollupError L1_REJECTED (UnknownToken). */
export async function findToken(session: Session, name: TokenName): Promise<Token> {
  const id = 'id' in name ? name.id : Number(await view<bigint>(session, 'tokenIdOf', name.address));
  if (id === ETH_TOKEN_ID) return { id, address: `0x${'00'.repeat(20)}`, decimals: ETH_DECIMALS };
  const address = 'address' in name ? name.address : getAddress(await view<string>(session, 'tokenAddress', id));
  try {
    return { id, address, decimals: Number(await erc20(address, session).getFunction('decimals')()) };
  } catch (error) {
    throw translateChainError(`reading the decimals of ${address}`, error);
  }
}

/** Base units of what a person wrote. @throws UsageError when it is finer than the token. */
export function unitsOf(text: string, { decimals, id }: Token, isBase: boolean): bigint {
  try {
    return parseUnits(text, isBase ? 0 : decimals);
  } catch {
    throw new UsageError(`token ${id} has ${isBase ? 0 : decimals} decimals here, ${text} has more`);
  }
}

/** An amount for people. */
export function amountOf(units: bigint, { decimals }: Token): string {
  return formatUnits(units, decimals);
}
