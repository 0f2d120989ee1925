/** The block of a deployment, found on L1: reading everything from block 0 takes hours on a public chain. */

import type { RollupReader } from '@quittance/chain';
import type { L1 } from '../l1/connect.ts';

/** Whether batch 0 is in this block: every rollup emits it once, when it is deployed. */
async function isDeploymentBlock(reader: RollupReader, block: number): Promise<boolean> {
  return (await reader.findBatch(0, block, block)) !== undefined;
}

/** The first block with code at the address, by halving. undefined where the node has no old state. */
async function firstBlockWithCode({ provider }: L1, contract: string, head: number): Promise<number | undefined> {
  let [without, withCode] = [-1, head];
  try {
    while (withCode - without > 1) {
      const middle = Math.floor((without + withCode) / 2);
      if ((await provider.getCode(contract, middle)) === '0x') without = middle;
      else withCode = middle;
    }
    return withCode;
  } catch {
    return undefined; // a node that keeps no old state says so in words of its own
  }
}

/**
 * The block in which the rollup was deployed.
 *
 * @param claimed what a sequencer says; it is looked at first, and believed only if L1 says the same.
 * @returns undefined when it cannot be found: the node keeps no old state.
 * @throws RollupError L1_UNREACHABLE.
 */
export async function findDeploymentBlock(
  l1: L1,
  reader: RollupReader,
  claimed: number | undefined,
): Promise<number | undefined> {
  const { number: head } = await reader.head();
  if (claimed !== undefined && claimed <= head && (await isDeploymentBlock(reader, claimed))) return claimed;
  const found = await firstBlockWithCode(l1, reader.contract, head);
  return found !== undefined && (await isDeploymentBlock(reader, found)) ? found : undefined;
}
