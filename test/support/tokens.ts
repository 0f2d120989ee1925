/** Mock tokens with their functions typed. */

import type { BaseContract, ContractRunner } from 'ethers';
import type { ContractWith } from './contracts.ts';

export type TokenContract = ContractWith<'mint' | 'approve' | 'transfer' | 'transferFrom' | 'balanceOf'>;

/** A deployed mock as a token. */
export function tokenMethods(contract: BaseContract): TokenContract {
  return contract as TokenContract;
}

/** The same contract, called by another account. */
export function connectedTo<T extends BaseContract>(contract: T, runner: ContractRunner): T {
  return contract.connect(runner) as T;
}
