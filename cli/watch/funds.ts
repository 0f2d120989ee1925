/** What acting costs at today's gas price, and what the account has. */

import { translateChainError } from '@quittance/chain';
import type { JsonRpcProvider } from 'ethers';

/** Wei per gas at the market. @throws RollupError L1_UNREACHABLE. */
export async function askFeePerGas(provider: JsonRpcProvider): Promise<bigint> {
  try {
    const { gasPrice, maxFeePerGas } = await provider.getFeeData();
    return gasPrice ?? maxFeePerGas ?? 0n;
  } catch (error) {
    throw translateChainError('asking for the price of gas', error);
  }
}

/** Wei of an account. @throws RollupError L1_UNREACHABLE. */
export async function askBalance(provider: JsonRpcProvider, account: string): Promise<bigint> {
  try {
    return await provider.getBalance(account);
  } catch (error) {
    throw translateChainError('reading the balance', error);
  }
}
