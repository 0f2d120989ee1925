/** The final batches of a rollup, a stretch of L1 at a time: what was read is let go of, however long the rollup runs. */

import { type BlockReference, type PostedAssertion, type RollupReader, requireAll } from '@quittance/chain';
import { type Bytes32, RollupError } from '@quittance/protocol';
import { type FinalBatches, readAssertions } from './final-batches.ts';

/** Blocks of a stretch: about a day and a half of Ethereum. */
const WINDOW_BLOCKS = 10_000;

/** The final batches of one stretch of blocks, in order, and the assertions that may have their data. */
export interface FinalWindow extends FinalBatches {
  /** Blocks [from, to]. */
  readonly from: number;
  readonly to: number;
}

/** The final batches up to some block of L1. */
export interface FinalWindows {
  /** Number of the last one. */
  readonly last: number;
  /**
   * All of them from the genesis on, to be read once.
   *
   * @throws RollupError NO_DEPLOYMENT; L1_LOGS_INCOMPLETE when one is missing that the contract has, L1_INCONSISTENT,
   * L1_UNREACHABLE.
   */
  read(): AsyncGenerator<FinalWindow>;
  /** The data of a batch that was taken is in this block: later ones have theirs in no earlier one, so those are forgotten. */
  passed(dataBlock: number): void;
}

/**
 * Final batches up to that block. Holds those of one stretch, and the assertions that a later batch can have its data in.
 *
 * @param fromBlock block of the deployment, or one before it.
 * @throws RollupError L1_UNREACHABLE.
 */
export async function createFinalWindows(
  reader: RollupReader,
  fromBlock: number,
  head: BlockReference,
  windowBlocks = WINDOW_BLOCKS,
): Promise<FinalWindows> {
  const { number: last } = await reader.finalState(head.hash);
  const asserted = new Map<Bytes32, PostedAssertion>();
  let dataBlock = fromBlock;
  let next = 0;

  /** The genesis comes first, in whichever stretch it is. @returns whether there are batches to be looked at. */
  function isBegun(numbers: readonly number[], to: number): boolean {
    if (next > 0 || numbers[0] === 0) return true;
    if (numbers.length === 0 && to < head.number) return false;
    const message = `no deployment in blocks ${fromBlock} to ${to}; start at an earlier block`;
    throw new RollupError('NO_DEPLOYMENT', message, { fromBlock, toBlock: to });
  }

  async function readWindow(from: number, to: number): Promise<FinalWindow> {
    const [finalized, found] = await Promise.all([reader.finalizedBatches(from, to), readAssertions(reader, from, to)]);
    const numbers = finalized.map(({ header }) => header.number);
    if (isBegun(numbers, to)) {
      const count = to === head.number ? last + 1 : undefined;
      requireAll('final batch', numbers, { next, count }, { from, to });
      next = Math.max(next, (numbers.at(-1) ?? -1) + 1);
    }
    for (const [hash, { blockNumber }] of asserted) if (blockNumber < dataBlock) asserted.delete(hash);
    for (const [hash, assertion] of found) asserted.set(hash, assertion);
    return { finalized, asserted, from, to };
  }

  return {
    last,
    async *read() {
      for (let from = fromBlock; from <= head.number; from += windowBlocks) {
        yield await readWindow(from, Math.min(head.number, from + windowBlocks - 1));
      }
    },
    passed(block) {
      dataBlock = Math.max(dataBlock, block);
    },
  };
}
