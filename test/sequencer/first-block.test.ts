import { strict as assert } from 'node:assert';
import type { SequencerContext } from '../../sequencer/context.ts';
import { firstBlockOf } from '../../sequencer/publisher/first-block.ts';

const DEPLOYMENT = 7;

/** Batch n was included in block 10·n, which L1 still has where it is listed. */
async function searchFor(number: number, standing: readonly number[]): Promise<{ from: number; asked: number[] }> {
  const asked: number[] = [];
  const context = {
    config: { deploymentBlock: DEPLOYMENT },
    storage: { batches: { get: (n: number) => ({ inclusion: { blockNumber: 10 * n, blockHash: `old ${n}` } }) } },
    chain: {
      async block(blockNumber: number) {
        asked.push(blockNumber / 10);
        return { hash: standing.includes(blockNumber / 10) ? `old ${blockNumber / 10}` : 'new' };
      },
    },
  };
  const from = await firstBlockOf(context as unknown as SequencerContext, { number });
  return { from, asked };
}

describe('Where a search for a batch begins', () => {
  it('is the block of the batch before it', async () => {
    assert.deepEqual(await searchFor(20, [19]), { from: 190, asked: [19] });
  });

  it('is that of one further back where a deep reorg moved those before it', async () => {
    assert.deepEqual(await searchFor(20, [12, 11, 3]), { from: 120, asked: [19, 18, 16, 12] });
  });

  it('is the deployment where L1 has none of them in its place, or there is none', async () => {
    assert.deepEqual(await searchFor(20, [1, 2, 3]), { from: DEPLOYMENT, asked: [19, 18, 16, 12, 4] });
    assert.deepEqual(await searchFor(1, []), { from: DEPLOYMENT, asked: [] });
  });
});
