import assert from 'node:assert/strict';
import {
  type BatchContent,
  chunksHash,
  encodeChunkData,
  encodeVisible,
  genesisHeader,
  headerHash,
  headerOf,
  keccak,
  NOOP,
  visibleHash,
  visibleRecordsOf,
  withdrawalsIn,
  withdrawalsRoot,
} from '@quittance/protocol';
import { keccak256 } from 'ethers';
import { assertCode } from '../../support/assertions.ts';
import {
  DESTINATION,
  deposit,
  forcedExit,
  move,
  transfer,
  transferToNew,
  withdraw,
} from '../../support/rollup/scene.ts';

const exit = forcedExit();
const paid = { ...exit, words: [0n, exit.words[1]!, 5n] };
const unpaid = { ...exit, words: [0n, exit.words[1]!, 0n] };
const OPERATIONS = [
  [deposit(), paid, unpaid, transferToNew()],
  [transfer(), withdraw(), transferToNew(), NOOP],
  [move(), NOOP, move({ amountFloat: 0n }), withdraw({ amountFloat: 0n })],
];
const CHUNKS = OPERATIONS.map(encodeChunkData);
const VISIBLE = OPERATIONS.map(encodeVisible);
const BATCH: BatchContent = {
  number: 8,
  time: 100,
  roots: [1n, 2n, 3n, 4n],
  commitments: [4n, 5n, 6n],
  feeTokens: [6n, 7n, 8n],
  form: 'calldata',
  chunks: CHUNKS,
  blobHashes: [],
  visible: VISIBLE,
};
const PARENT = { ...genesisHeader(1n, 50), number: 7, priorityCount: 20, transferToNewCount: 30 };

describe('the header of a batch on its parent', () => {
  it('counts priority operations and new accounts on from the parent, and lists what leaves to L1', () => {
    const withdrawals = withdrawalsIn(visibleRecordsOf(BATCH).flat());
    assert.deepEqual(withdrawals, [
      { ownerAndToken: exit.words[1], amount: 5n },
      { ownerAndToken: withdraw().words[1], amount: withdraw().words[2] },
      {
        ownerAndToken: move().words[1],
        amount: move().words[2],
        move: { destination: DESTINATION.number, keyY: DESTINATION.keyY },
      },
    ]);
    const dataHashes = CHUNKS.map(keccak);
    assert.deepEqual(headerOf(PARENT, BATCH), {
      number: 8,
      time: 100,
      parentHash: headerHash(PARENT),
      stateRoot: 4n,
      chunksHash: chunksHash({ ...BATCH, dataHashes, visibleHashes: VISIBLE.map(visibleHash) }),
      withdrawalsRoot: withdrawalsRoot(withdrawals),
      withdrawalCount: 3,
      priorityCount: 23,
      transferToNewCount: 32,
    });
  });

  it('says the same of the same lists in blobs but for the data, of which it has the versioned hashes', () => {
    const blobHashes = [keccak256('0x01'), keccak256('0x02')];
    const header = headerOf(PARENT, { ...BATCH, form: 'evaluations', chunks: [], blobHashes });
    const visibleHashes = VISIBLE.map(visibleHash);
    assert.deepEqual(header, {
      ...headerOf(PARENT, BATCH),
      chunksHash: chunksHash({ ...BATCH, form: 'evaluations', dataHashes: blobHashes, visibleHashes }),
    });
  });

  it('changes with the parent and with everything that the batch says', () => {
    const changes: Partial<BatchContent>[] = [
      { number: 9 },
      { time: 101 },
      { roots: [1n, 2n, 3n, 5n] },
      { commitments: [4n, 6n, 6n] },
      { feeTokens: [6n, 8n, 8n] },
      { chunks: [CHUNKS[1]!, CHUNKS[0]!, CHUNKS[2]!] },
      { visible: [VISIBLE[1]!, VISIBLE[0]!, VISIBLE[2]!] },
      { form: 'coefficients' },
      { form: 'coefficients', blobHashes: [keccak256('0x01')] },
      { form: 'coefficients', blobHashes: [keccak256('0x02')] },
      { form: 'evaluations', blobHashes: [keccak256('0x01')] },
    ];
    const headers = [
      headerOf(PARENT, BATCH),
      headerOf({ ...PARENT, time: 51 }, BATCH),
      ...changes.map((change) => headerOf(PARENT, { ...BATCH, ...change })),
    ];
    assert.equal(new Set(headers.map(headerHash)).size, headers.length);
  });

  it('is of no batch whose lists L1 refuses', () => {
    assertCode(() => headerOf(PARENT, { ...BATCH, roots: [] }), 'WRONG_LENGTH');
    const [first, ...rest] = VISIBLE as [Uint8Array, ...Uint8Array[]];
    assertCode(() => headerOf(PARENT, { ...BATCH, visible: [first.slice(1), ...rest] }), 'WRONG_LENGTH');
  });
});
