import assert from 'node:assert/strict';
import {
  BLOB_FIELD_MODULUS,
  decodeBlob,
  elementPoint,
  encodeBlob,
  evaluatePolynomial,
  polynomialCoefficients,
  polynomialValues,
} from '@quittance/protocol';
import { assertCode } from '../../support/assertions.ts';
import { worldSeed } from '../../support/property/arbitraries.ts';
import { property } from '../../support/property/property.ts';
import { createRandom, type Random } from '../../support/property/random.ts';

const q = BLOB_FIELD_MODULUS;
const COUNT = 4_096;
const INDICES = Array.from({ length: COUNT }, (_, index) => index);

const elements = (random: Random): bigint[] => INDICES.map(() => random.bits(256) % q);

const power = (base: bigint, exponent: bigint): bigint => {
  if (exponent === 0n) return 1n;
  const half = power((base * base) % q, exponent >> 1n);
  return (exponent & 1n) === 1n ? (half * base) % q : half;
};

describe('points of a blob', () => {
  it('are the 4,096 roots of unity of EIP-4844 in bit-reversed order', () => {
    // deneb/polynomial-commitments.md: compute_roots_of_unity by PRIMITIVE_ROOT_OF_UNITY = 7, bit_reversal_permutation.
    const root = power(7n, (q - 1n) / 4_096n);
    assert.equal(root, 0x564c0a11a0f704f4fc3e8acfe0f8245f0ad1347b378fbf96e206da11a5d36306n);
    const reversed = (index: number) =>
      Number.parseInt(index.toString(2).padStart(12, '0').split('').reverse().join(''), 2);
    for (const index of [0, 1, 2, 3, 5, 2_048, 4_094, 4_095]) {
      assert.equal(elementPoint(index), power(root, BigInt(reversed(index))), String(index));
    }
    const points = INDICES.map(elementPoint);
    assert.equal(new Set(points).size, COUNT);
    assert.ok(points.every((point) => power(point, 4_096n) === 1n));
    assert.deepEqual(points.slice(0, 2), [1n, q - 1n]);
  });

  it('exist for elements 0 to 4,095', () => {
    for (const index of [-1, COUNT, 0.5, Number.NaN]) {
      assertCode(() => elementPoint(index), 'OUT_OF_RANGE', String(index));
    }
  });
});

describe('transform of a blob', () => {
  property(
    'agrees with the polynomial at each point, one by one',
    [worldSeed()],
    (seed) => {
      const random = createRandom(seed);
      const coefficients = elements(random);
      const values = polynomialValues(coefficients);
      const reversed = coefficients.toReversed();
      for (const index of [0, 1, COUNT - 1, ...Array.from({ length: 12 }, () => random.below(COUNT))]) {
        assert.equal(values[index], evaluatePolynomial(reversed, elementPoint(index)), String(index));
      }
      assert.ok(values.every((value) => value >= 0n && value < q));
    },
    { runs: 2 },
  );

  property(
    'is taken back by its inverse, either way',
    [worldSeed()],
    (seed) => {
      const given = elements(createRandom(seed));
      assert.deepEqual(polynomialCoefficients(polynomialValues(given)), given);
      assert.deepEqual(polynomialValues(polynomialCoefficients(given)), given);
    },
    { runs: 2 },
  );

  it('of a constant is that constant everywhere, of X the points, of nothing 0', () => {
    assert.deepEqual(
      polynomialValues([5n]),
      INDICES.map(() => 5n),
    );
    assert.deepEqual(polynomialValues([0n, 1n]), INDICES.map(elementPoint));
    assert.deepEqual(
      polynomialValues([]),
      INDICES.map(() => 0n),
    );
    const largest = INDICES.map(() => q - 1n);
    assert.deepEqual(polynomialCoefficients(largest), [q - 1n, ...INDICES.slice(1).map(() => 0n)]);
  });

  it('takes 4,096 coefficients and refuses one more', () => {
    const last = [...INDICES.slice(1).map(() => 0n), 1n];
    // X^4095 = 1/X at roots of unity.
    assert.equal((polynomialValues(last)[5]! * elementPoint(5)) % q, 1n);
    assertCode(() => polynomialValues([...last, 0n]), 'OUT_OF_RANGE');
  });
});

describe('bytes of a blob', () => {
  it('are 32 an element, big-endian', () => {
    const blob = encodeBlob(INDICES.map(BigInt).with(1, q - 1n));
    assert.equal(blob.length, 131_072);
    assert.equal(Buffer.from(blob.slice(32, 64)).toString('hex'), (q - 1n).toString(16));
    assert.equal(Buffer.from(blob.slice(-32)).toString('hex'), (4_095).toString(16).padStart(64, '0'));
    assert.deepEqual(decodeBlob(blob), INDICES.map(BigInt).with(1, q - 1n));
  });

  it('are refused in another number', () => {
    const zeros = new Uint8Array(131_072);
    decodeBlob(zeros);
    for (const length of [0, 131_071, 131_073]) {
      assertCode(() => decodeBlob(new Uint8Array(length)), 'WRONG_LENGTH', String(length));
    }
    for (const length of [0, COUNT - 1, COUNT + 1]) {
      assertCode(() => encodeBlob(Array<bigint>(length).fill(0n)), 'WRONG_LENGTH', String(length));
    }
  });

  it('are refused with an element of q, the position of which is named', () => {
    for (const position of [0, 7, COUNT - 1]) {
      for (const element of [q, 2n ** 256n - 1n]) {
        const blob = new Uint8Array(131_072);
        blob.set(Buffer.from(element.toString(16).padStart(64, '0'), 'hex'), 32 * position);
        const { data } = assertCode(() => decodeBlob(blob), 'BLOB_ELEMENT_RANGE');
        assert.deepEqual([data['position'], data['actual']], [position, element]);
      }
      for (const element of [q, -1n]) {
        assertCode(() => encodeBlob(INDICES.map(() => 0n).with(position, element)), 'BLOB_ELEMENT_RANGE');
      }
    }
  });
});
