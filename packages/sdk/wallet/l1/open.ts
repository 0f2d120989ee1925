/** L1 as a wallet sees it: the node, the contract and its tokens. */

import {
  connectReader,
  type RollupReader,
  readTokenFacts,
  rollupInterface,
  translateChainError,
} from '@quittance/chain';
import { isRollupError, RollupError } from '@quittance/protocol';
import { Contract, type JsonRpcApiProvider } from 'ethers';
import { ETH, isToken, SHOWN_CHARACTERS, unknownToken } from '../tokens.ts';
import type { L1Options, TokenInfo, TokenRef } from '../types.ts';
import { openNode } from './node.ts';

/** A connected L1. */
export interface L1 {
  readonly provider: JsonRpcApiProvider;
  readonly chainId: bigint;
  readonly contract: string;
  readonly reader: RollupReader;
  /** Block of the deployment, or one before it. */
  readonly fromBlock: number;
  readonly options: L1Options;
  /** A view of the rollup contract. @throws RollupError L1_REJECTED or L1_UNREACHABLE. */
  view<T>(name: string, ...args: unknown[]): Promise<T>;
  /** Code at an address. @throws RollupError L1_UNREACHABLE. */
  codeAt(address: string): Promise<string>;
  /** All tokens that are registered. @throws as `view`. */
  tokens(): Promise<readonly TokenInfo[]>;
  /** A token. @throws RollupError NOT_FOUND, TOKEN_UNSUITABLE when it is no ERC-20 token, or as `view`. */
  token(ref: TokenRef): Promise<TokenInfo>;
  close(): void;
}

/** The parts of a token that deposits use. Source: ERC-20. */
export const ERC20_ABI: readonly string[] = [
  'function balanceOf(address owner) view returns (uint256)',
  'function allowance(address owner, address spender) view returns (uint256)',
];

/** Most tokens that are listed: anyone can register one. */
const MOST_TOKENS = 100;

/** What a token says of itself. @throws RollupError TOKEN_UNSUITABLE when it says no decimals, or more than any amount has. */
async function describeToken(provider: JsonRpcApiProvider, view: L1['view'], tokenId: number): Promise<TokenInfo> {
  const { address, symbol, decimals } = await readTokenFacts(provider, view, tokenId);
  if (decimals !== undefined)
    return { tokenId, address, decimals, symbol: symbol ?? address.slice(0, SHOWN_CHARACTERS) };
  const reason = 'it does not say its decimals';
  throw new RollupError('TOKEN_UNSUITABLE', `the token at ${address} cannot be used: ${reason}`, {
    token: address,
    reason,
  });
}

/** Whether L1 refused because there is no such token. */
function isUnknown(error: unknown): boolean {
  return isRollupError(error, 'L1_REJECTED') && /UnknownToken|NotAToken/.test(error.data.error);
}

function createTokenReader(provider: JsonRpcApiProvider, view: L1['view']): Pick<L1, 'tokens' | 'token'> {
  const find = async (ref: TokenRef): Promise<TokenInfo> => {
    if (isToken(ETH, ref)) return ETH;
    try {
      const tokenId = typeof ref === 'number' ? ref : Number(await view<bigint>('tokenIdOf', ref));
      return await describeToken(provider, view, tokenId);
    } catch (error) {
      return isUnknown(error) ? unknownToken(ref) : Promise.reject(error);
    }
  };
  const known = new Map<TokenRef, Promise<TokenInfo>>();
  const token = (ref: TokenRef): Promise<TokenInfo> => {
    const found = known.get(ref) ?? find(ref);
    known.set(ref, found);
    found.catch(() => known.delete(ref));
    return found;
  };
  return {
    token,
    async tokens() {
      const count = Math.min(MOST_TOKENS, Number(await view<bigint>('tokenCount')));
      const found: TokenInfo[] = [ETH];
      for (let tokenId = 1; tokenId < count; tokenId += 1) {
        const info = await token(tokenId).catch((error: unknown) => {
          if (isRollupError(error, 'TOKEN_UNSUITABLE')) return undefined;
          throw error;
        });
        if (info !== undefined) found.push(info);
      }
      return found;
    },
  };
}

/**
 * Connects to L1.
 *
 * @param requireChain throws when it is another chain than is expected.
 * @throws RollupError CONFIG_INVALID, L1_UNREACHABLE, or L1_WRONG_CHAIN where there is no rollup at the address.
 */
export async function openL1(
  options: L1Options & { readonly contract: string; readonly fromBlock: number },
  requireChain: (chainId: bigint) => void = () => undefined,
): Promise<L1> {
  const { contract, fromBlock } = options;
  const { provider, chainId } = await openNode(options, requireChain);
  try {
    const reader = await connectReader({ provider, chainId, contract });
    const rollup = new Contract(contract, rollupInterface, provider);
    const view = async <T>(name: string, ...args: unknown[]): Promise<T> => {
      try {
        return (await rollup.getFunction(name)(...args)) as T;
      } catch (error) {
        throw translateChainError(`reading ${name}`, error);
      }
    };
    return {
      ...{ provider, chainId, contract, reader, fromBlock, options, view },
      ...createTokenReader(provider, view),
      async codeAt(address) {
        try {
          return await provider.getCode(address);
        } catch (error) {
          throw translateChainError(`reading the code of ${address}`, error);
        }
      },
      close: () => provider.destroy(),
    };
  } catch (error) {
    provider.destroy();
    throw error;
  }
}
