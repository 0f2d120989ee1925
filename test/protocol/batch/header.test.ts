import assert from 'node:assert/strict';
import {
  type ChunksContent,
  chunksHash,
  genesisHeader,
  headerHash,
  type StoredHeader,
  ZERO_BYTES32,
} from '@quittance/protocol';
import { AbiCoder, keccak256 } from 'ethers';

const coder = AbiCoder.defaultAbiCoder();
const TYPES = ['uint64', 'uint40', 'bytes32', 'uint256', 'bytes32', 'bytes32', 'uint32', 'uint64', 'uint64'];

const HEADER: StoredHeader = {
  number: 1,
  time: 2,
  parentHash: keccak256('0x03'),
  stateRoot: 4n,
  chunksHash: keccak256('0x05'),
  withdrawalsRoot: keccak256('0x06'),
  withdrawalCount: 7,
  priorityCount: 8,
  transferToNewCount: 9,
};

const CHUNKS: ChunksContent = {
  form: 'coefficients',
  roots: [1n, 2n, 3n],
  commitments: [4n, 5n],
  feeTokens: [6n, 7n],
  dataHashes: [keccak256('0x08'), keccak256('0x09')],
  visibleHashes: [keccak256('0x0a'), keccak256('0x0b')],
};

describe('header', () => {
  it('hashes as keccak of abi.encode of its fields, as a static struct', () => {
    assert.equal(headerHash(HEADER), keccak256(coder.encode(TYPES, Object.values(HEADER))));
    assert.equal(headerHash(HEADER), keccak256(coder.encode([`tuple(${TYPES.join()})`], [Object.values(HEADER)])));
  });

  it('changes its hash with every field', () => {
    const hashes = [
      HEADER,
      { ...HEADER, number: 0 },
      { ...HEADER, time: 3 },
      { ...HEADER, parentHash: ZERO_BYTES32 },
      { ...HEADER, stateRoot: 5n },
      { ...HEADER, chunksHash: ZERO_BYTES32 },
      { ...HEADER, withdrawalsRoot: ZERO_BYTES32 },
      { ...HEADER, withdrawalCount: 6 },
      { ...HEADER, priorityCount: 9 },
      { ...HEADER, transferToNewCount: 8 },
    ].map(headerHash);
    assert.equal(new Set(hashes).size, hashes.length);
  });

  it('of the genesis has the empty root and no history', () => {
    assert.deepEqual(Object.values(genesisHeader(5n, 6)), [
      0,
      6,
      ZERO_BYTES32,
      5n,
      ZERO_BYTES32,
      ZERO_BYTES32,
      0,
      0,
      0,
    ]);
  });
});

describe('hash of the chunks', () => {
  it('is keccak of abi.encode of the form and the five arrays', () => {
    const { roots, commitments, feeTokens, dataHashes, visibleHashes } = CHUNKS;
    for (const [number, form] of (['calldata', 'coefficients', 'evaluations'] as const).entries()) {
      const encoded = coder.encode(
        ['uint8', 'bytes32[]', 'bytes32[]', 'uint256[]', 'uint256[]', 'uint256[]'],
        [number, dataHashes, visibleHashes, roots, commitments, feeTokens],
      );
      assert.equal(chunksHash({ ...CHUNKS, form }), keccak256(encoded));
    }
  });

  it('changes with every item, with the order of chunks and with where an array ends', () => {
    const hashes = [
      CHUNKS,
      { ...CHUNKS, roots: [1n, 2n, 4n] },
      { ...CHUNKS, commitments: [5n, 4n] },
      { ...CHUNKS, feeTokens: [6n, 8n] },
      { ...CHUNKS, form: 'calldata' } as const,
      { ...CHUNKS, form: 'evaluations' } as const,
      { ...CHUNKS, dataHashes: [...CHUNKS.dataHashes].reverse() },
      { ...CHUNKS, visibleHashes: [...CHUNKS.visibleHashes].reverse() },
      { ...CHUNKS, dataHashes: CHUNKS.visibleHashes, visibleHashes: CHUNKS.dataHashes },
      { ...CHUNKS, dataHashes: CHUNKS.dataHashes.slice(1) },
      { ...CHUNKS, roots: [1n, 2n], commitments: [3n, 4n, 5n] },
    ].map(chunksHash);
    assert.equal(new Set(hashes).size, hashes.length);
  });
});
