/** The two contracts of a deployment as `ContractView`s. */

import type { JsonRpcApiProvider } from 'ethers';
import { rollupInterface } from './abi.ts';
import { assertionsInterface } from './assertion-abi.ts';
import { type ContractView, createContractView } from './contract-view.ts';

export interface ReaderOptions {
  readonly provider: JsonRpcApiProvider;
  readonly chainId: bigint;
  /** Address of the rollup contract. */
  readonly contract: string;
  /** Most blocks that one log query spans; providers limit it. */
  readonly maxBlockRange?: number;
}

/** Most blocks of one log query where nobody says how many. */
export const DEFAULT_BLOCK_RANGE = 2_000;

/** The rollup contract. */
export function rollupView({ provider, contract, maxBlockRange = DEFAULT_BLOCK_RANGE }: ReaderOptions): ContractView {
  return createContractView({ provider, address: contract, abi: rollupInterface, maxBlockRange });
}

/** The Assertions contract that a rollup names; undefined when it was deployed without optimistic mode. */
export async function assertionsView(
  rollup: ContractView,
  { provider, maxBlockRange = DEFAULT_BLOCK_RANGE }: ReaderOptions,
): Promise<ContractView | undefined> {
  const address = await rollup.view<string>('assertions');
  if (BigInt(address) === 0n) return undefined;
  return createContractView({ provider, address, abi: assertionsInterface, maxBlockRange });
}
