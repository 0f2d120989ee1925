/** What is asked of an L1 node itself, whatever contract is read through it: its chain and its blocks. */

import { RollupError } from '@quittance/protocol';
import { askL1 } from './contract-view.ts';
import type { BlockReference } from './types.ts';
import type { ReaderOptions } from './views.ts';

/** @param contract the contract that has to be there. */
export function askNode({ provider, chainId, contract }: Pick<ReaderOptions, 'provider' | 'chainId' | 'contract'>) {
  async function requireChainId(): Promise<void> {
    const actual = await askL1('asking for the chain id', async () => BigInt(await provider.send('eth_chainId', [])));
    if (actual === chainId) return;
    throw new RollupError('L1_WRONG_CHAIN', `L1 has chain id ${actual}, expected ${chainId}; check the L1 URL`, {
      expected: chainId,
      actual,
    });
  }

  const readBlock = (tag: number | 'latest'): Promise<BlockReference | undefined> =>
    askL1(`reading block ${tag}`, async () => {
      const block = await provider.getBlock(tag);
      if (block === null || block.hash === null) return undefined;
      const { number, hash, parentHash, timestamp } = block;
      return { number, hash, parentHash, timestamp };
    });

  return {
    readBlock,

    /** The newest block. */
    async readHead(): Promise<BlockReference> {
      // In one request: behind a balancer, or after a change of configuration, another chain may answer from now on.
      const [block] = await Promise.all([readBlock('latest'), requireChainId()]);
      if (block === undefined) throw new RollupError('L1_NOT_SYNCED', 'L1 has no latest block; is the node synced?');
      return block;
    },

    /** The contract is there, on the chain that is expected. */
    async requireContract(): Promise<void> {
      await requireChainId();
      const code = await askL1('reading the contract', () => provider.getCode(contract));
      if (code !== '0x') return;
      throw new RollupError('L1_WRONG_CHAIN', `there is no contract at ${contract}; check the address and the L1 URL`, {
        contract,
      });
    },
  };
}
