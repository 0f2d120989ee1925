/** Getting a wallet onto the rollup's chain. Source: EIP-3326 and EIP-3085. */

import { chainIdText, type Eip1193, WalletError, walletErrorCode } from './eip1193.ts';

/**
 * Asks the wallet to change to `chainId`. A local chain that it does not know is offered to it, if `url` says where it is.
 *
 * @throws what the wallet throws.
 */
export async function switchChain(provider: Eip1193, chainId: bigint, url: string | undefined): Promise<void> {
  const id = chainIdText(chainId);
  try {
    await provider.request({ method: 'wallet_switchEthereumChain', params: [{ chainId: id }] });
  } catch (error) {
    if (walletErrorCode(error) !== WalletError.unknownChain || url === undefined) throw error;
    const chain = {
      chainId: id,
      chainName: `Chain ${chainId}`,
      nativeCurrency: { name: 'Ether', symbol: 'ETH', decimals: 18 },
      rpcUrls: [url],
    };
    await provider.request({ method: 'wallet_addEthereumChain', params: [chain] });
  }
}
