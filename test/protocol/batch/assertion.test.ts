import assert from 'node:assert/strict';
import {
  type AssertedBatch,
  assertionContent,
  chunkChallenge,
  chunkPublicInputs,
  contentHash,
  encodeChunkData,
  keccak,
  packFeeTokens,
  publicInputsOf,
} from '@quittance/protocol';
import { AbiCoder, keccak256 } from 'ethers';
import { assertCode } from '../../support/assertions.ts';
import { TEST_DEPLOYMENT, World } from '../../support/rollup/world.ts';

const SLOTS = 6;

/** Two executed chunks as an assertion carries them, and the rows that a proof would have. */
function createBatch(): { batch: AssertedBatch; rows: bigint[][] } {
  const world = new World('assertion content');
  const traces = [world.randomChunk(SLOTS), world.randomChunk(SLOTS)].map(({ trace }) => trace);
  const chunks = traces.map(({ slots }) => encodeChunkData(slots.map(({ operation }) => operation)));
  const batch = {
    number: 7,
    time: world.context.batchTime,
    roots: [traces[0]!.oldRoot, ...traces.map(({ newRoot }) => newRoot)],
    commitments: traces.map(({ commitment }) => commitment),
    feeTokens: traces.map(({ context }) => packFeeTokens(context.feeTokens)),
    chunks,
    authorizations: [Uint8Array.from([1, 2, 3]), new Uint8Array()],
  };
  const rows = traces.map((trace, chunkIndex) => {
    const { oldRoot, newRoot, commitment } = trace;
    const dataHash = keccak(chunks[chunkIndex]!);
    const challenge = chunkChallenge({
      ...TEST_DEPLOYMENT,
      batchNumber: 7,
      chunkIndex,
      dataHash,
      commitment,
      oldRoot,
      newRoot,
    });
    return publicInputsOf(chunkPublicInputs(trace, challenge));
  });
  return { batch, rows };
}

describe('content of an assertion', () => {
  const { batch, rows } = createBatch();
  const content = assertionContent(TEST_DEPLOYMENT, SLOTS, batch);

  it('has the public inputs that the proofs of its chunks would have', () => {
    assert.deepEqual(content.inputs, rows);
  });

  it('has keccak of each chunk’s authorizations, of none too', () => {
    assert.deepEqual(content.authorizationHashes, [keccak256('0x010203'), keccak256('0x')]);
  });

  it('hashes as keccak of abi.encode of its two lists', () => {
    const encode = ({ inputs, authorizationHashes }: typeof content) =>
      AbiCoder.defaultAbiCoder().encode(['uint256[8][]', 'bytes32[]'], [inputs, authorizationHashes]);
    assert.equal(contentHash(content), keccak256(encode(content)));
    const empty = { inputs: [], authorizationHashes: [] };
    assert.equal(contentHash(empty), keccak256(encode(empty)));
  });

  it('changes its hash with every input and every authorization', () => {
    const changed = rows.flatMap((row, chunk) =>
      row.map((value, position) => ({
        ...content,
        inputs: rows.with(chunk, row.with(position, value + 1n)),
      })),
    );
    const hashes = [
      content,
      ...changed,
      { ...content, authorizationHashes: content.authorizationHashes.toReversed() },
    ].map(contentHash);
    assert.equal(new Set(hashes).size, 2 + 2 * 8);
  });

  it('exists for a batch that breaks the rules: it is read, not executed', () => {
    const wrong = assertionContent(TEST_DEPLOYMENT, SLOTS, { ...batch, roots: batch.roots.with(2, 5n) });
    assert.deepEqual(wrong.inputs[0], rows[0]);
    assert.equal(wrong.inputs[1]![1], 5n);
  });

  it('refuses lists of different lengths, data of another size and rows of seven inputs', () => {
    for (const change of [
      { roots: batch.roots.slice(1) },
      { commitments: batch.commitments.slice(1) },
      { feeTokens: [...batch.feeTokens, 0n] },
      { authorizations: [] },
      { chunks: batch.chunks.map((data) => data.slice(1)) },
    ]) {
      assertCode(() => assertionContent(TEST_DEPLOYMENT, SLOTS, { ...batch, ...change }), 'WRONG_LENGTH');
    }
    assertCode(() => contentHash({ ...content, inputs: [rows[0]!.slice(1)] }), 'WRONG_LENGTH');
    assertCode(() => assertionContent(TEST_DEPLOYMENT, SLOTS, { ...batch, time: 2 ** 40 }), 'OUT_OF_RANGE');
  });
});
