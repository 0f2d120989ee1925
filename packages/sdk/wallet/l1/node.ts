/** The node that L1 is read from: one of a URL, or the one behind the wallet of a browser. */

import { askChainId, createProvider, translateChainError } from '@quittance/chain';
import { RollupError } from '@quittance/protocol';
import { BrowserProvider, type JsonRpcApiProvider, Network } from 'ethers';
import type { Eip1193Provider, L1Options } from '../types.ts';

/** A node and the chain that it serves. */
export interface Node {
  readonly provider: JsonRpcApiProvider;
  readonly chainId: bigint;
}

/** The chain that a wallet is on; it can be asked to change, which what reads the contract notices. */
async function throughWallet(wallet: Eip1193Provider, requireChain: (chainId: bigint) => void): Promise<Node> {
  const answer = await wallet.request({ method: 'eth_chainId' }).catch((error: unknown) => {
    throw translateChainError('asking the wallet for the chain id', error);
  });
  const chainId = BigInt(String(answer));
  requireChain(chainId);
  const network = Network.from(chainId);
  return { chainId, provider: new BrowserProvider(wallet, network, { staticNetwork: network, cacheTimeout: -1 }) };
}

/**
 * Connects to the node.
 *
 * @param requireChain throws what the chain makes wrong, before anything else is asked.
 * @throws RollupError CONFIG_INVALID unless exactly one of `url` and `provider` is given; L1_UNREACHABLE.
 */
export async function openNode(
  { url, provider }: Pick<L1Options, 'url' | 'provider'>,
  requireChain: (chainId: bigint) => void,
): Promise<Node> {
  if (url !== undefined && provider === undefined) {
    const chainId = await askChainId(url);
    requireChain(chainId);
    return { chainId, provider: createProvider({ url, chainId }) };
  }
  if (provider !== undefined && url === undefined) return throughWallet(provider, requireChain);
  throw new RollupError('CONFIG_INVALID', 'give one of l1.url and l1.provider', { name: 'l1' });
}
