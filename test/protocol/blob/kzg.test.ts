import assert from 'node:assert/strict';
import { createPortableKzg, type Kzg } from '@quittance/chain';
import {
  batchEvaluation,
  chunkEvaluation,
  decodeBlob,
  elementPoint,
  encodeCoefficientBlob,
  encodeEvaluationBlobs,
} from '@quittance/protocol';
import { createRandom } from '../../support/property/random.ts';
import { World } from '../../support/rollup/world.ts';

// What another implementation of EIP-4844 says of our blobs, which is what the precompile on L1 says.
describe('blobs by another implementation of KZG', () => {
  let kzg: Kzg;

  before(async () => {
    kzg = await createPortableKzg();
  });

  it('have the value at z that L1 computes from the chunks’ evaluations, and no other', async () => {
    const world = new World('kzg of coefficients');
    const chunks = Array.from({ length: 3 }, () => world.randomChunk(8).trace.slots.map(({ operation }) => operation));
    const blob = encodeCoefficientBlob(chunks);
    const z = createRandom('kzg of coefficients').bits(128);
    const { y, proof } = await kzg.open(blob, z);
    const evaluations = chunks.map((records) => chunkEvaluation(records, z));
    assert.equal(batchEvaluation(evaluations, z, 8), y);
    const commitment = await kzg.commitment(blob);
    assert.equal(await kzg.verify(commitment, z, y, proof), true);
    const other = batchEvaluation(evaluations.with(1, evaluations[1]! + 1n), z, 8);
    assert.equal(await kzg.verify(commitment, z, other, proof), false);
  });

  it('have each element at its point, which is what a step proof opens', async () => {
    const random = createRandom('kzg of elements');
    const authorization = Uint8Array.from([...random.bytes(), ...random.bytes(), ...random.bytes()].slice(0, 69));
    const fields = { kind: 1, from: 1, to: 2, amountFloat: 3n, feeFloat: 4 };
    const [blob] = encodeEvaluationBlobs(Array.from({ length: 1_365 }, () => ({ fields, authorization })));
    for (const element of [0, 1, 4_094, 4_095]) {
      const { y } = await kzg.open(blob!, elementPoint(element));
      assert.equal(y, decodeBlob(blob!)[element], String(element));
    }
  });
});
