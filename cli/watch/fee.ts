/** The price of gas today. */

import type { JsonRpcProvider } from 'ethers';
import { translateChainError } from '../../chain/index.ts';

/** Wei per gas at the market. @throws RollupError L1_UNREACHABLE. */
export async function askFeePerGas(provider: JsonRpcProvider): Promise<bigint> {
  try {
    const { gasPrice, maxFeePerGas } = await provider.getFeeData();
    return gasPrice ?? maxFeePerGas ?? 0n;
  } catch (error) {
    throw translateChainError('asking for the price of gas', error);
  }
}
