/** What the rollup says of itself and its tokens, and what a token says of itself, asked with care: anybody can register a contract that lies or fails. */

import { ETH_TOKEN_ID } from '@quittance/protocol';
import {
  AbiCoder,
  dataLength,
  dataSlice,
  isHexString,
  type JsonRpcApiProvider,
  toUtf8String,
  ZeroAddress,
} from 'ethers';
import { isCallFailure } from './call-failure.ts';
import { askL1 } from './contract-view.ts';
import { cleanSymbol, toDecimals } from './token-text.ts';
import type { DeploymentFacts, TokenFacts } from './types.ts';

/** Gas that a token may use to answer: tokens behind proxies take some 30,000. It also bounds how much it can answer. */
const ANSWER_GAS = '0x30d40';
/** Longer answers are not read: a symbol of 32 characters has at most 192 bytes with its head. */
const MAX_ANSWER_BYTES = 1_024;
const SELECTORS = { symbol: '0x95d89b41', decimals: '0x313ce567' } as const;
const WORD = 32;

/** What the token answers; undefined when it reverts, or answers at a length that nobody reads. @throws RollupError L1_UNREACHABLE. */
async function ask(
  provider: JsonRpcApiProvider,
  address: string,
  name: keyof typeof SELECTORS,
): Promise<string | undefined> {
  const answer = await askL1(`reading ${name} of ${address}`, async () => {
    try {
      return await provider.call({ to: address, data: SELECTORS[name], gasLimit: ANSWER_GAS });
    } catch (error) {
      if (isCallFailure(error)) return undefined;
      throw new Error(`the node did not execute the call: ${(error as Error).message}`, { cause: error });
    }
  });
  return isHexString(answer) && dataLength(answer) <= MAX_ANSWER_BYTES ? answer : undefined;
}

/** The text of an answer: a `string`, or 32 bytes ending in zeros, as the first tokens had it. */
function readText(answer: string): string | undefined {
  try {
    if (dataLength(answer) === WORD) return toUtf8String(trimZeros(answer));
    const [text] = AbiCoder.defaultAbiCoder().decode(['string'], answer);
    return text as string;
  } catch {
    return undefined; // no text at all
  }
}

function trimZeros(bytes: string): string {
  let length = dataLength(bytes);
  while (length > 0 && dataSlice(bytes, length - 1, length) === '0x00') length -= 1;
  return dataSlice(bytes, 0, length);
}

/** A view function of the rollup by name. */
type View = <T>(name: string, ...args: unknown[]) => Promise<T>;

/** What the rollup says of itself now. @throws RollupError L1_UNREACHABLE. */
export async function readDeploymentFacts(view: View): Promise<DeploymentFacts> {
  const [priorityFee, tokenCount] = await Promise.all([view<bigint>('priorityFee'), view<bigint>('tokenCount')]);
  const assertions = await view<string>('assertions');
  return {
    priorityFee,
    tokenCount: Number(tokenCount),
    assertions: BigInt(assertions) === 0n ? undefined : assertions,
  };
}

/** Reads a token. @throws RollupError L1_REJECTED when the rollup has no such token, L1_UNREACHABLE. */
export async function readTokenFacts(provider: JsonRpcApiProvider, view: View, tokenId: number): Promise<TokenFacts> {
  if (tokenId === ETH_TOKEN_ID) return { address: ZeroAddress, symbol: 'ETH', decimals: 18 };
  const address = await view<string>('tokenAddress', tokenId);
  const [symbol, decimals] = await Promise.all([ask(provider, address, 'symbol'), ask(provider, address, 'decimals')]);
  return {
    address,
    symbol: symbol === undefined ? undefined : cleanSymbol(readText(symbol)),
    decimals: decimals === undefined ? undefined : toDecimals(decimals),
  };
}
