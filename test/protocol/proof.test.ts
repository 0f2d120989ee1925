import assert from 'node:assert/strict';
import { type Groth16Proof, proofFromWords, proofWords } from '@quittance/protocol';
import { assertCode } from '../support/assertions.ts';

describe('protocol: proofs as words', () => {
  const proof: Groth16Proof = {
    a: [1n, 2n],
    b: [
      [3n, 4n],
      [5n, 6n],
    ],
    c: [7n, 8n],
  };

  it('have the coordinates of A, B and C in order, real parts first, and give the proof back', () => {
    assert.deepEqual(proofWords(proof), [1n, 2n, 3n, 4n, 5n, 6n, 7n, 8n]);
    assert.deepEqual(proofFromWords(proofWords(proof)), proof);
  });

  for (const [name, words] of [
    ['seven words', proofWords(proof).slice(1)],
    ['nine words', [...proofWords(proof), 9n]],
    ['a number among them', [...proofWords(proof).slice(1), 9 as unknown as bigint]],
  ] as const) {
    it(`refuse ${name}`, () => assertCode(() => proofFromWords(words), 'PROOF_UNREADABLE'));
  }
});
