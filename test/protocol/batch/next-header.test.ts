import assert from 'node:assert/strict';
import {
  chunksHash,
  encodeChunkData,
  genesisHeader,
  headerHash,
  headerOf,
  keccak,
  NOOP,
  recordsOf,
  withdrawalsIn,
  withdrawalsRoot,
} from '@quittance/protocol';
import { deposit, forcedExit, transfer, transferToNew, withdraw } from '../../support/rollup/scene.ts';

const exit = forcedExit();
const paid = { ...exit, words: [0n, exit.words[1]!, 5n] };
const unpaid = { ...exit, words: [0n, exit.words[1]!, 0n] };
const CHUNKS = [
  [deposit(), paid, unpaid, transferToNew()],
  [transfer(), withdraw(), transferToNew(), NOOP],
].map((operations) => encodeChunkData(operations));
const BATCH = {
  number: 8,
  time: 100,
  roots: [1n, 2n, 3n],
  commitments: [4n, 5n],
  feeTokens: [6n, 7n],
  chunks: CHUNKS,
};
const PARENT = { ...genesisHeader(1n, 50), number: 7, priorityCount: 20, transferToNewCount: 30 };

describe('the header of a batch on its parent', () => {
  const records = recordsOf(BATCH, 4);

  it('counts priority operations and new accounts on from the parent, and lists what leaves to L1', () => {
    const withdrawals = withdrawalsIn(records.flat());
    assert.deepEqual(withdrawals, [
      { ownerAndToken: exit.words[1], amount: 5n },
      { ownerAndToken: withdraw().words[1], amount: withdraw().words[2] },
    ]);
    assert.deepEqual(headerOf(PARENT, BATCH, records), {
      number: 8,
      time: 100,
      parentHash: headerHash(PARENT),
      stateRoot: 3n,
      chunksHash: chunksHash({ ...BATCH, dataHashes: CHUNKS.map((data) => keccak(data)) }),
      withdrawalsRoot: withdrawalsRoot(withdrawals),
      withdrawalCount: 2,
      priorityCount: 23,
      transferToNewCount: 32,
    });
  });

  it('changes with the parent and with everything that the batch says', () => {
    const others = [
      headerOf({ ...PARENT, time: 51 }, BATCH, records),
      ...Object.entries({ number: 9, time: 101, roots: [1n, 2n, 4n], commitments: [4n, 6n], feeTokens: [6n, 8n] }).map(
        ([name, value]) => headerOf(PARENT, { ...BATCH, [name]: value }, records),
      ),
      headerOf(PARENT, { ...BATCH, chunks: [CHUNKS[1]!, CHUNKS[0]!] }, records),
    ];
    const hashes = [headerOf(PARENT, BATCH, records), ...others].map(headerHash);
    assert.equal(new Set(hashes).size, 8);
  });
});
