import assert from 'node:assert/strict';
import {
  BLOB_FIELD_MODULUS,
  batchEvaluation,
  blocksOf,
  chunkEvaluation,
  decodeBlob,
  decodeCoefficientBlob,
  encodeBlob,
  encodeCoefficientBlob,
  evaluatePolynomial,
  PROFILES,
  polynomialCoefficients,
  polynomialValues,
  type RecordBits,
} from '@quittance/protocol';
import fc from 'fast-check';
import { assertCode } from '../../support/assertions.ts';
import { bits, recordFields } from '../../support/property/arbitraries.ts';
import { property } from '../../support/property/property.ts';

const q = BLOB_FIELD_MODULUS;

const MAXIMAL: RecordBits = {
  fields: { kind: 15, from: 2 ** 32 - 1, to: 2 ** 32 - 1, amountFloat: 2n ** 40n - 1n, feeFloat: 2 ** 16 - 1 },
};
const ONE: RecordBits = { fields: { kind: 0, from: 0, to: 0, amountFloat: 0n, feeFloat: 1 } };
const ZERO: RecordBits = { fields: { ...ONE.fields, feeFloat: 0 } };

const chunksOf = (count: number, slots: number, record = MAXIMAL) =>
  Array.from({ length: count }, () => Array.from({ length: slots }, () => record));
const fieldsOf = (chunks: readonly (readonly RecordBits[])[]) =>
  chunks.map((chunk) => chunk.map(({ fields }) => fields));

/** Chunks of one even number of slots. */
const someChunks = fc.integer({ min: 1, max: 5 }).chain((pairs) =>
  fc.array(
    fc.array(
      recordFields().map((fields) => ({ fields })),
      { minLength: 2 * pairs, maxLength: 2 * pairs },
    ),
    { minLength: 1, maxLength: 5 },
  ),
);

/** The blob with these coefficients from X⁰ on. */
const blobOf = (coefficients: readonly bigint[]) => encodeBlob(polynomialValues(coefficients));

describe('coefficient blob', () => {
  it('has block j of chunk k as coefficient k·M/2 + M/2 − 1 − j', () => {
    const chunks = [
      [ONE, ZERO, ZERO, ONE],
      [MAXIMAL, ZERO, ONE, ONE],
    ];
    const coefficients = polynomialCoefficients(decodeBlob(encodeCoefficientBlob(chunks)));
    const [a, b, c, d] = chunks.flatMap(blocksOf);
    assert.deepEqual(coefficients.slice(0, 5), [b, a, d, c, 0n]);
    assert.ok(coefficients.slice(5).every((coefficient) => coefficient === 0n));
  });

  property(
    'gives the records again',
    [someChunks],
    (chunks) => {
      const blob = encodeCoefficientBlob(chunks);
      assert.deepEqual(decodeCoefficientBlob(blob, chunks.length, chunks[0]!.length), fieldsOf(chunks));
    },
    { runs: 5 },
  );

  property(
    'is at z what its chunks’ evaluations give together',
    [someChunks, bits(128)],
    (chunks, z) => {
      const coefficients = polynomialCoefficients(decodeBlob(encodeCoefficientBlob(chunks)));
      const evaluations = chunks.map((records) => chunkEvaluation(records, z));
      const expected = evaluatePolynomial(coefficients.toReversed(), z);
      assert.equal(batchEvaluation(evaluations, z, chunks[0]!.length), expected);
      const power = evaluations.reduce((sum, y, chunk) => sum + y * z ** BigInt((chunk * chunks[0]!.length) / 2), 0n);
      assert.equal(expected, power % q);
    },
    { runs: 5 },
  );

  for (const { name, slotsPerChunk, maxChunks } of Object.values(PROFILES)) {
    it(`holds a full batch of ${name}, every bit of its records set`, () => {
      const chunks = chunksOf(maxChunks, slotsPerChunk);
      const decoded = decodeCoefficientBlob(encodeCoefficientBlob(chunks), maxChunks, slotsPerChunk);
      assert.equal(decoded.length, maxChunks);
      assert.ok(decoded.every((records) => records.length === slotsPerChunk));
      assert.deepEqual(decoded.flat().at(-1), MAXIMAL.fields);
    });
  }

  it('holds 4,096 blocks and not one more', () => {
    const chunks = chunksOf(4_096, 2, ONE);
    const blob = encodeCoefficientBlob(chunks);
    assert.deepEqual(decodeCoefficientBlob(blob, 4_096, 2)[4_095], fieldsOf(chunks)[4_095]);
    assertCode(() => encodeCoefficientBlob(chunksOf(4_097, 2, ONE)), 'CHUNK_SIZE');
    assertCode(() => decodeCoefficientBlob(blob, 4_097, 2), 'CHUNK_SIZE');
    assertCode(() => decodeCoefficientBlob(blob, 1, 8_194), 'CHUNK_SIZE');
  });

  it('is of no batch without chunks, with an odd number of slots or with chunks of two sizes', () => {
    const blob = encodeCoefficientBlob(chunksOf(1, 2));
    assertCode(() => encodeCoefficientBlob([]), 'CHUNK_SIZE');
    assertCode(() => encodeCoefficientBlob([[]]), 'CHUNK_SIZE');
    assertCode(() => encodeCoefficientBlob(chunksOf(2, 3)), 'CHUNK_SIZE');
    assertCode(() => encodeCoefficientBlob([...chunksOf(1, 4), ...chunksOf(1, 2)]), 'CHUNK_SIZE');
    for (const [count, slots] of [
      [0, 2],
      [1, 0],
      [2, 3],
      [-1, 2],
      [1, -2],
      [0.5, 4],
      [-1, -2],
      [1, 2.5],
      [Number.NaN, 2],
    ] as const) {
      assertCode(() => decodeCoefficientBlob(blob, count, slots), 'CHUNK_SIZE', `${count}, ${slots}`);
    }
  });
});

describe('a blob that is no batch of 3 blocks', () => {
  const LARGEST = 2n ** 248n - 1n;

  it('has a coefficient of 249 bits or more', () => {
    decodeCoefficientBlob(blobOf([LARGEST, LARGEST, LARGEST]), 3, 2);
    for (const position of [0, 1, 2]) {
      for (const coefficient of [LARGEST + 1n, q - 1n]) {
        const blob = blobOf([1n, 2n, 3n].with(position, coefficient));
        const { data } = assertCode(() => decodeCoefficientBlob(blob, 3, 2), 'BLOB_COEFFICIENT_RANGE');
        assert.deepEqual([data['position'], data['actual']], [position, coefficient]);
      }
    }
  });

  it('has a coefficient behind the last block', () => {
    for (const position of [3, 4, 2_048, 4_095]) {
      for (const coefficient of [1n, LARGEST, LARGEST + 1n, q - 1n]) {
        const blob = blobOf([...Array<bigint>(position).fill(0n), coefficient]);
        const { data } = assertCode(() => decodeCoefficientBlob(blob, 3, 2), 'BLOB_TAIL');
        assert.deepEqual([data['position'], data['actual']], [position, coefficient]);
      }
    }
  });

  it('has another value at one point', () => {
    const blob = blobOf([1n, 2n, 3n]);
    for (const element of [0, 1_000, 4_095]) {
      const changed = blob.with(32 * element + 31, blob[32 * element + 31]! ^ 1);
      assertCode(() => decodeCoefficientBlob(changed, 3, 2), 'BLOB_COEFFICIENT_RANGE');
    }
  });

  it('has elements that no blob has, or another size', () => {
    const blob = blobOf([1n, 2n, 3n]);
    assertCode(() => decodeCoefficientBlob(blob.with(0, 0xff), 3, 2), 'BLOB_ELEMENT_RANGE');
    assertCode(() => decodeCoefficientBlob(blob.slice(1), 3, 2), 'WRONG_LENGTH');
  });
});
