/** Connects to L1: a provider for the chain that the node really serves. */

import { askChainId, connectReader, createProvider, type RollupReader } from '@quittance/chain';
import { LOCAL_CHAIN_IDS, RollupError } from '@quittance/protocol';
import type { JsonRpcProvider } from 'ethers';

/** A connected L1. */
export interface L1 {
  readonly provider: JsonRpcProvider;
  readonly chainId: bigint;
}

/** Whether money on this chain is worthless. */
export function isLocalChain(chainId: bigint): boolean {
  return LOCAL_CHAIN_IDS.includes(chainId);
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
export function connectRollup({ provider, chainId }: L1, contract: string): Promise<RollupReader> {
  return connectReader({ provider, chainId, contract });
}
