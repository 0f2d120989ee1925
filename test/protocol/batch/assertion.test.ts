import assert from 'node:assert/strict';
import {
  type AssertedBatch,
  type AssertionContent,
  assertionContent,
  batchChallenge,
  chunkPublicInputs,
  contentHash,
  encodeChunkData,
  encodeVisible,
  keccak,
  packFeeTokens,
  packTrace,
  portableHasher,
  publicInputsOf,
  visibleHash,
  visibleSum,
} from '@quittance/protocol';
import { AbiCoder, keccak256 } from 'ethers';
import { assertCode } from '../../support/assertions.ts';
import { move, transferToNew } from '../../support/rollup/scene.ts';
import { TEST_DEPLOYMENT, World } from '../../support/rollup/world.ts';

const SLOTS = 6;

/** Two executed chunks as an assertion carries them, and the rows that a proof would have. */
function createBatch(): { batch: AssertedBatch; rows: bigint[][] } {
  const world = new World('assertion content');
  const traces = [world.randomChunk(SLOTS), world.randomChunk(SLOTS)].map(({ trace }) => trace);
  const operations = traces.map(({ slots }) => slots.map(({ operation }) => operation));
  const batch: AssertedBatch = {
    number: 7,
    time: world.context.batchTime,
    roots: [traces[0]!.oldRoot, ...traces.map(({ newRoot }) => newRoot)],
    commitments: traces.map(({ commitment }) => commitment),
    feeTokens: traces.map(({ context }) => packFeeTokens(context.feeTokens)),
    form: 'calldata',
    chunks: operations.map(encodeChunkData),
    blobHashes: [],
    visible: operations.map(encodeVisible),
    authorizations: [Uint8Array.from([1, 2, 3]), new Uint8Array()],
  };
  const challenge = batchChallenge({
    ...TEST_DEPLOYMENT,
    ...batch,
    dataHashes: batch.chunks.map(keccak),
    visibleHashes: batch.visible.map(visibleHash),
  });
  return {
    batch,
    rows: traces.map((trace) => publicInputsOf(chunkPublicInputs(packTrace(portableHasher, trace), challenge))),
  };
}

const encode = ({ form, inputs, dataHashes, authorizationHashes, visibleHashes }: AssertionContent) =>
  AbiCoder.defaultAbiCoder().encode(
    ['uint8', 'uint256[9][]', 'bytes32[]', 'bytes32[]', 'bytes32[]'],
    [form === 'calldata' ? 0 : 2, inputs, dataHashes, authorizationHashes, visibleHashes],
  );

describe('content of an assertion', () => {
  const { batch, rows } = createBatch();
  const content = assertionContent(TEST_DEPLOYMENT, SLOTS, batch);

  it('has the public inputs that the proofs of its chunks would have, under one challenge', () => {
    assert.deepEqual(content.inputs, rows);
    assert.equal(new Set(rows.map((row) => row[3])).size, 1);
  });

  it('has the hashes of data, authorizations and visible lists of each chunk, of empty ones too', () => {
    assert.equal(content.form, 'calldata');
    assert.deepEqual(content.authorizationHashes, [keccak256('0x010203'), keccak256('0x')]);
    assert.deepEqual(content.dataHashes, batch.chunks.map(keccak));
    assert.deepEqual(content.visibleHashes, batch.visible.map(visibleHash));
  });

  it('hashes as keccak of abi.encode of its form and its four lists', () => {
    assert.equal(contentHash(content), keccak256(encode(content)));
    const lists = { inputs: [], dataHashes: [], authorizationHashes: [], visibleHashes: [] };
    assert.equal(contentHash({ form: 'evaluations', ...lists }), keccak256(encode({ form: 'evaluations', ...lists })));
  });

  it('changes its hash with every input, every hash and the form', () => {
    const changed = rows.flatMap((row, chunk) =>
      row.map((value, position) => ({
        ...content,
        inputs: rows.with(chunk, row.with(position, value + 1n)),
      })),
    );
    const hashes = [
      content,
      ...changed,
      { ...content, form: 'evaluations' } as const,
      { ...content, authorizationHashes: content.authorizationHashes.toReversed() },
      { ...content, dataHashes: content.dataHashes.toReversed() },
      { ...content, visibleHashes: content.visibleHashes.toReversed() },
      { ...content, dataHashes: content.visibleHashes, visibleHashes: content.dataHashes },
    ].map(contentHash);
    assert.equal(new Set(hashes).size, 6 + 2 * 9);
  });

  it('has no authorizations and no inputs of data in the form of evaluations, which nobody can prove', () => {
    const blobHashes = [keccak256('0x01')];
    const inBlobs = { ...batch, form: 'evaluations', chunks: [], authorizations: [], blobHashes } as const;
    const { visibleHashes } = content;
    assert.deepEqual(assertionContent(TEST_DEPLOYMENT, SLOTS, inBlobs), {
      form: 'evaluations',
      inputs: rows.map((row) => row.map((value, position) => (position >= 3 && position <= 6 ? 0n : value))),
      dataHashes: blobHashes,
      authorizationHashes: [],
      visibleHashes,
    });
    assertCode(() => assertionContent(TEST_DEPLOYMENT, SLOTS, { ...inBlobs, chunks: batch.chunks }), 'WRONG_LENGTH');
    const { authorizations } = batch;
    assertCode(() => assertionContent(TEST_DEPLOYMENT, SLOTS, { ...inBlobs, authorizations }), 'WRONG_LENGTH');
  });

  it('does not exist in the form of coefficients', () => {
    assertCode(() => assertionContent(TEST_DEPLOYMENT, SLOTS, { ...batch, form: 'coefficients' }), 'OUT_OF_RANGE');
  });

  it('exists for a batch that breaks the rules: it is read, not executed', () => {
    const wrong = assertionContent(TEST_DEPLOYMENT, SLOTS, { ...batch, roots: batch.roots.with(2, 5n) });
    assert.deepEqual(wrong.inputs[0]!.slice(0, 3), rows[0]!.slice(0, 3));
    assert.equal(wrong.inputs[1]![1], 5n);
    const unlisted = assertionContent(TEST_DEPLOYMENT, SLOTS, {
      ...batch,
      visible: [new Uint8Array(), new Uint8Array()],
    });
    assert.equal(unlisted.inputs[0]![6], 0n);
    // A list of other records is summed as it stands, as L1 does.
    const foreign = [transferToNew(), move()];
    const visible = batch.visible.with(0, encodeVisible(foreign));
    const { inputs } = assertionContent(TEST_DEPLOYMENT, SLOTS, { ...batch, visible });
    assert.equal(inputs[0]![6], visibleSum(inputs[0]![3]!, foreign));
  });

  it('refuses lists of different lengths, data of another size and rows of eight inputs', () => {
    for (const change of [
      { roots: batch.roots.slice(1) },
      { commitments: batch.commitments.slice(1) },
      { feeTokens: [...batch.feeTokens, 0n] },
      { authorizations: [] },
      { chunks: batch.chunks.slice(1) },
      { visible: batch.visible.slice(1) },
      { visible: [batch.visible[0]!.slice(1), batch.visible[1]!] },
      { chunks: batch.chunks.map((data) => data.slice(1)) },
    ]) {
      assertCode(() => assertionContent(TEST_DEPLOYMENT, SLOTS, { ...batch, ...change }), 'WRONG_LENGTH');
    }
    assertCode(() => contentHash({ ...content, inputs: [rows[0]!.slice(1)] }), 'WRONG_LENGTH');
    assertCode(() => assertionContent(TEST_DEPLOYMENT, SLOTS, { ...batch, time: 2 ** 40 }), 'OUT_OF_RANGE');
    assertCode(
      () => assertionContent(TEST_DEPLOYMENT, SLOTS, { ...batch, feeTokens: [1n << 132n, 0n] }),
      'OUT_OF_RANGE',
    );
  });
});
