/** Mock tokens with their functions typed. */

import type { BaseContract } from 'ethers';
import type { ContractWith } from './contracts.ts';

export type TokenContract = ContractWith<'mint' | 'approve' | 'transfer' | 'transferFrom' | 'balanceOf'> & {
  connect(runner: Parameters<BaseContract['connect']>[0]): TokenContract;
};

/** A deployed mock as a token. */
export function tokenMethods(contract: BaseContract): TokenContract {
  return contract as TokenContract;
}
