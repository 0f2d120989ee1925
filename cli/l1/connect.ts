/** Connects to L1: a provider for the chain that the node really serves. */

import { createProvider, createRollupReader, type RollupReader, translateChainError } from '@quittance/chain';
import { LOCAL_CHAIN_IDS, RollupError } from '@quittance/protocol';
import type { JsonRpcProvider } from 'ethers';

/** A connected L1. */
export interface L1 {
  readonly provider: JsonRpcProvider;
  readonly chainId: bigint;
}

/** Answers to the first question come at once, or the URL is wrong. */
const FIRST_QUESTION_MS = 10_000;

/** Whether money on this chain is worthless. */
export function isLocalChain(chainId: bigint): boolean {
  return LOCAL_CHAIN_IDS.includes(chainId);
}

async function askChainId(url: string): Promise<bigint> {
  const probe = createProvider({ url, chainId: 1n, timeoutMs: FIRST_QUESTION_MS });
  try {
    return BigInt(await probe.send('eth_chainId', []));
  } catch (error) {
    throw translateChainError('asking for the chain id', error);
  } finally {
    probe.destroy();
  }
}

/**
 * Connects to L1 and closes the connection when `use` has ended.
 *
 * @throws RollupError L1_UNREACHABLE, or L1_WRONG_CHAIN when the node serves another chain than `expected`.
 */
export async function withL1<T>(
  { url, expected }: { readonly url: string; readonly expected: bigint | undefined },
  use: (l1: L1) => Promise<T>,
): Promise<T> {
  const chainId = await askChainId(url);
  if (expected !== undefined && chainId !== expected) {
    throw new RollupError('L1_WRONG_CHAIN', `L1 has chain id ${chainId}, expected ${expected}; check the L1 URL`, {
      expected,
      actual: chainId,
    });
  }
  const provider = createProvider({ url, chainId });
  try {
    return await use({ provider, chainId });
  } finally {
    provider.destroy();
  }
}

/** A reader of the rollup contract; its `connect` has succeeded. @throws RollupError L1_WRONG_CHAIN without a contract. */
export async function connectRollup({ provider, chainId }: L1, contract: string): Promise<RollupReader> {
  const reader = createRollupReader({ provider, chainId, contract });
  await reader.connect().catch((error: unknown) => {
    // Another contract answers the views with nothing or a revert.
    if (error instanceof RollupError && error.code !== 'L1_WRONG_CHAIN' && isNoAnswer(error)) {
      throw new RollupError(
        'L1_WRONG_CHAIN',
        `the contract at ${contract} is no rollup; check the address`,
        { contract },
        { cause: error },
      );
    }
    throw error;
  });
  return reader;
}

function isNoAnswer({ code, cause }: RollupError): boolean {
  return code === 'L1_REJECTED' || (cause as { code?: unknown } | undefined)?.code === 'BAD_DATA';
}
