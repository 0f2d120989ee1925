/** Final batches a stretch of L1 at a time, on an L1 of events alone. */

import assert from 'node:assert/strict';
import type { FinalizedBatch, PostedAssertion, RollupReader } from '@quittance/chain';
import { createFinalWindows } from '../../packages/derivation/final-windows.ts';

/** Block of each final batch, by number, and block of the assertion that has its data, if it was asserted. */
type Placed = readonly (readonly [finalBlock: number, dataBlock?: number])[];

const placeOf = (blockNumber: number) => ({
  blockNumber,
  blockHash: `b${blockNumber}`,
  transactionHash: `t${blockNumber}`,
});

function readerOf(placed: Placed, last = placed.length - 1, leftOut?: number) {
  const asked: [number, number][] = [];
  const within = (from: number, to: number) => (one: { blockNumber: number }) =>
    one.blockNumber >= from && one.blockNumber <= to;
  const finals = placed.map(
    ([block], number) => ({ ...placeOf(block), header: { number }, headerHash: `h${number}` }) as FinalizedBatch,
  );
  const assertions = placed.flatMap(([, block], number): PostedAssertion[] =>
    block === undefined ? [] : [{ ...placeOf(block), headerHash: `h${number}` }],
  );
  const reader: Partial<RollupReader> = {
    finalState: async () => ({ number: last, priorityCount: 0, transferToNewCount: 0 }),
    async finalizedBatches(from, to) {
      asked.push([from, to]);
      return finals.filter(within(from, to)).filter(({ header }) => header.number !== leftOut);
    },
    assertions: async (from, to) => assertions.filter(within(from, to)),
  };
  return { reader: reader as RollupReader, asked };
}

const headAt = (number: number) => ({ number, hash: 'head', parentHash: 'parent', timestamp: 0 });

/** Numbers of the batches, and hashes of the assertions that were at hand, stretch by stretch. */
async function read(placed: Placed, { head = 30, fromBlock = 0, last = placed.length - 1, leftOut = -1 } = {}) {
  const { reader, asked } = readerOf(placed, last, leftOut);
  const windows = await createFinalWindows(reader, fromBlock, headAt(head), 10);
  const seen: { numbers: number[]; asserted: string[] }[] = [];
  for await (const { finalized, asserted } of windows.read()) {
    const numbers = finalized.map(({ header }) => header.number);
    seen.push({ numbers, asserted: [...asserted.keys()].sort() });
    for (const number of numbers) windows.passed(placed[number]![1] ?? placed[number]![0]);
  }
  return { seen, asked, last: windows.last };
}

describe('final batches by stretches of L1', () => {
  it('come in order, with the assertions that may have their data, and those that cannot are let go of', async () => {
    const { seen, asked, last } = await read([[2], [5, 3], [14, 6], [25, 7], [26]]);
    assert.deepEqual(asked, [
      [0, 9],
      [10, 19],
      [20, 29],
      [30, 30],
    ]);
    assert.equal(last, 4);
    assert.deepEqual(
      seen.map(({ numbers }) => numbers),
      [[0, 1], [2], [3, 4], []],
    );
    assert.deepEqual(
      seen.map(({ asserted }) => asserted),
      [['h1', 'h2', 'h3'], ['h1', 'h2', 'h3'], ['h2', 'h3'], []],
    );
  });

  it('begin in whichever stretch the deployment is', async () => {
    const { seen } = await read([[22], [24]]);
    assert.deepEqual(
      seen.map(({ numbers }) => numbers),
      [[], [], [0, 1], []],
    );
  });

  it('are NO_DEPLOYMENT from behind it, and where there is none', async () => {
    await assert.rejects(read([[2], [5]], { fromBlock: 3 }), { code: 'NO_DEPLOYMENT' });
    await assert.rejects(read([], { last: 0 }), { code: 'NO_DEPLOYMENT', message: /blocks 0 to 30/ });
  });

  it('are L1_LOGS_INCOMPLETE where one is left out, in the middle, between two stretches or at the end', async () => {
    const placed: Placed = [[2], [5], [8], [14], [25]];
    for (const leftOut of [1, 2, 3, 4]) {
      await assert.rejects(read(placed, { leftOut }), {
        code: 'L1_LOGS_INCOMPLETE',
        message: new RegExp(`batch ${leftOut} `),
      });
    }
  });

  it('are L1_INCONSISTENT where there are more than the contract counts', async () => {
    await assert.rejects(read([[2], [5], [30]], { last: 1 }), { code: 'L1_INCONSISTENT' });
  });
});
