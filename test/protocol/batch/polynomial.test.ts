import assert from 'node:assert/strict';
import {
  BLOB_FIELD_MODULUS,
  blocksOf,
  chunkEvaluation,
  encodeRecord,
  evaluatePolynomial,
  FIELD_MODULUS,
  NOOP,
  splitEvaluation,
} from '@quittance/protocol';
import fc from 'fast-check';
import { assertCode } from '../../support/assertions.ts';
import { bits, recordFields } from '../../support/property/arbitraries.ts';
import { property } from '../../support/property/property.ts';
import { transfer } from '../../support/rollup/scene.ts';

const q = BLOB_FIELD_MODULUS;
const MAXIMAL = {
  fields: { kind: 15, from: 2 ** 32 - 1, to: 2 ** 32 - 1, amountFloat: 2n ** 40n - 1n, feeFloat: 2 ** 16 - 1 },
};

describe('polynomial of a chunk', () => {
  it('has a coefficient of 248 bits a block, the even record above the odd one', () => {
    assert.deepEqual(blocksOf([transfer(), NOOP, NOOP, transfer()]), [
      encodeRecord(transfer().fields) << 124n,
      encodeRecord(transfer().fields),
    ]);
    assert.deepEqual(blocksOf([MAXIMAL, MAXIMAL]), [2n ** 248n - 1n]);
  });

  it('refuses an odd number of records, and none', () => {
    assertCode(() => blocksOf([NOOP, NOOP, NOOP]), 'CHUNK_SIZE');
    assertCode(() => blocksOf([]), 'CHUNK_SIZE');
  });

  property(
    'is evaluated as Σ a_j·z^(n−1−j) modulo q',
    [fc.array(recordFields(), { minLength: 1, maxLength: 12 }), bits(128)],
    (fields, z) => {
      const records = [...fields, ...fields].map((each) => ({ fields: each }));
      const coefficients = blocksOf(records);
      const expected = coefficients.reduce(
        (sum, coefficient, index) => sum + coefficient * z ** BigInt(coefficients.length - 1 - index),
        0n,
      );
      assert.equal(chunkEvaluation(records, z), expected % q);
    },
  );

  it('is its last coefficient at 0, and refuses a z of more than 128 bits', () => {
    const records = [transfer(), NOOP, NOOP, transfer()];
    assert.equal(chunkEvaluation(records, 0n), encodeRecord(transfer().fields));
    chunkEvaluation(records, 2n ** 128n - 1n);
    assertCode(() => chunkEvaluation(records, 2n ** 128n), 'OUT_OF_RANGE');
  });

  it('joins those of its chunks: the polynomial of a batch is Σ z^(k·M/2)·y_k', () => {
    const chunks = [
      [transfer(), NOOP],
      [NOOP, MAXIMAL],
      [MAXIMAL, transfer()],
    ];
    const z = 2n ** 128n - 1n;
    const whole = chunks.toReversed().flatMap(blocksOf);
    const evaluations = chunks.toReversed().map((records) => chunkEvaluation(records, z));
    assert.equal(evaluatePolynomial(evaluations, z), evaluatePolynomial(whole, z));
  });

  it('is split into 128 and 127 bits', () => {
    assert.deepEqual(splitEvaluation(q - 1n), { yLow: (q - 1n) % 2n ** 128n, yHigh: (q - 1n) / 2n ** 128n });
    assert.ok(q < 2n ** 255n && FIELD_MODULUS < q);
  });
});
