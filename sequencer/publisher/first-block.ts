/** Where on L1 a search for a batch begins. */

import type { BatchRow } from '../../storage/index.ts';
import type { SequencerContext } from '../context.ts';

/**
 * The first block that can hold the batch: none comes before one that is earlier on L1. An earlier batch whose block L1 no
 * longer has says nothing: a deep reorg can bring it back in a block before that. Then those 2, 4, 8 … numbers before are
 * asked for, so that few calls are made however much moved.
 *
 * @throws RollupError L1_UNREACHABLE.
 */
export async function firstBlockOf(
  { storage, config, chain }: Pick<SequencerContext, 'storage' | 'config' | 'chain'>,
  { number }: Pick<BatchRow, 'number'>,
): Promise<number> {
  for (let distance = 1; distance < number; distance *= 2) {
    const inclusion = storage.batches.get(number - distance)?.inclusion;
    if (inclusion === undefined) continue;
    const { blockNumber, blockHash } = inclusion;
    if ((await chain.block(blockNumber))?.hash === blockHash) return blockNumber;
  }
  return config.deploymentBlock;
}
