import assert from 'node:assert/strict';
import {
  authorizedRecords,
  type BatchContent,
  chunkCountOf,
  chunksContentOf,
  dataHashesOf,
  encodeChunkData,
  encodeCoefficientBlob,
  encodeEvaluationBlobs,
  encodeVisible,
  recordsOf,
  visibleHash,
  visibleRecordsOf,
} from '@quittance/protocol';
import { keccak256 } from 'ethers';
import { assertCode } from '../../support/assertions.ts';
import { chunkCount, slotCount, worldSeed } from '../../support/property/arbitraries.ts';
import { property } from '../../support/property/property.ts';
import { deposit, forcedExit, move, transfer, withdraw } from '../../support/rollup/scene.ts';
import { World } from '../../support/rollup/world.ts';

const OPERATIONS = [
  [deposit(), transfer(), forcedExit(), withdraw()],
  [transfer(), transfer(), move(), transfer()],
];
const HASHES = [keccak256('0x01'), keccak256('0x02')];
const IN_CALLDATA: BatchContent = {
  number: 8,
  time: 100,
  roots: [1n, 2n, 3n],
  commitments: [4n, 5n],
  feeTokens: [6n, 7n],
  form: 'calldata',
  chunks: OPERATIONS.map(encodeChunkData),
  blobHashes: [],
  visible: OPERATIONS.map(encodeVisible),
};
const inBlobs = (form: 'coefficients' | 'evaluations'): BatchContent => ({
  ...IN_CALLDATA,
  form,
  chunks: [],
  blobHashes: HASHES,
});
const RECORDS = OPERATIONS.map((chunk) => chunk.map(({ fields, words }) => ({ fields, words })));

describe('content of a batch', () => {
  it('has as many chunks as visible lists, whatever its form', () => {
    assert.equal(chunkCountOf(IN_CALLDATA), 2);
    assert.equal(chunkCountOf(inBlobs('coefficients')), 2);
  });

  it('has keccak of each chunk’s data in calldata, and the versioned hashes of blobs', () => {
    const hashes = IN_CALLDATA.chunks.map((data) => keccak256(data));
    assert.deepEqual(dataHashesOf(IN_CALLDATA), hashes);
    for (const form of ['coefficients', 'evaluations'] as const) assert.deepEqual(dataHashesOf(inBlobs(form)), HASHES);
    const { roots, commitments, feeTokens } = IN_CALLDATA;
    const visibleHashes = IN_CALLDATA.visible.map(visibleHash);
    assert.deepEqual(chunksContentOf(IN_CALLDATA), {
      ...{ form: 'calldata', dataHashes: hashes, visibleHashes },
      ...{ roots, commitments, feeTokens },
    });
  });

  it('has its visible records without any blob', () => {
    assert.deepEqual(visibleRecordsOf(inBlobs('coefficients')), [
      [RECORDS[0]![0], RECORDS[0]![2], RECORDS[0]![3]],
      [RECORDS[1]![2]],
    ]);
  });
});

describe('records of a batch', () => {
  const coefficients = encodeCoefficientBlob(OPERATIONS);
  const evaluations = encodeEvaluationBlobs(authorizedRecords(OPERATIONS.flat()));

  it('are the same in every form', () => {
    assert.deepEqual(recordsOf(IN_CALLDATA, 4), RECORDS);
    assert.deepEqual(recordsOf(inBlobs('coefficients'), 4, [coefficients]), RECORDS);
    assert.deepEqual(recordsOf(inBlobs('evaluations'), 4, evaluations), RECORDS);
  });

  property(
    'are the operations that were executed, in every form',
    [worldSeed(), chunkCount(), slotCount()],
    (seed, chunks, slots) => {
      const world = new World(seed);
      const operations = Array.from({ length: chunks }, () =>
        world.randomChunk(slots).trace.slots.map(({ operation }) => operation),
      );
      const expected = operations.map((chunk) => chunk.map(({ fields, words }) => ({ fields, words })));
      const visible = operations.map(encodeVisible);
      const of = (form: BatchContent['form'], data: readonly Uint8Array[], blobs?: readonly Uint8Array[]) =>
        recordsOf({ form, chunks: data, visible }, slots, blobs);
      assert.deepEqual(of('calldata', operations.map(encodeChunkData)), expected);
      assert.deepEqual(of('coefficients', [], [encodeCoefficientBlob(operations)]), expected);
      const blobs = encodeEvaluationBlobs(authorizedRecords(operations.flat()));
      assert.deepEqual(of('evaluations', [], blobs), expected);
    },
    { runs: 3 },
  );

  it('are refused with another number of chunks or blobs than there are lists', () => {
    const { chunks } = IN_CALLDATA;
    for (const wrong of [[], chunks.slice(1), [...chunks, ...chunks]]) {
      assertCode(() => recordsOf({ ...IN_CALLDATA, chunks: wrong }, 4), 'WRONG_LENGTH', String(wrong.length));
    }
    for (const blobs of [[], [coefficients, coefficients]]) {
      assertCode(() => recordsOf(inBlobs('coefficients'), 4, blobs), 'WRONG_LENGTH', String(blobs.length));
      assertCode(() => recordsOf(inBlobs('evaluations'), 4, blobs), 'WRONG_LENGTH', String(blobs.length));
    }
  });

  it('are refused in a blob that no batch of this shape has, and read from any in the form of evaluations', () => {
    const [evaluation] = evaluations as [Uint8Array];
    assertCode(() => recordsOf(inBlobs('coefficients'), 4, [evaluation]), 'BLOB_COEFFICIENT_RANGE');
    assertCode(() => recordsOf(inBlobs('coefficients'), 2, [coefficients]), 'BLOB_TAIL');
    const read = recordsOf(inBlobs('evaluations'), 4, [coefficients]).flat();
    assert.ok(read.some(({ fields }) => fields.kind === 15));
    assert.equal(read.length, 8);
  });

  it('are refused with a list that L1 refuses', () => {
    const [first, second] = IN_CALLDATA.visible as [Uint8Array, Uint8Array];
    for (const [list, code] of [
      [first.slice(1), 'WRONG_LENGTH'],
      [first.with(0, 0x01), 'RESERVED_KIND'],
      [first.with(0, 0x14), 'OUT_OF_RANGE'],
      [first.slice().fill(0xff, 16, 48), 'OUT_OF_RANGE'],
    ] as const) {
      assertCode(() => recordsOf({ ...IN_CALLDATA, visible: [list, second] }, 4), code);
    }
  });
});
