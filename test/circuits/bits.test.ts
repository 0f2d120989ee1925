import assert from 'node:assert/strict';
import { FIELD_MODULUS } from '@quittance/protocol';
import { otherRoot, solutionsOfBits } from '../support/circuits/bits.ts';
import { eliminate } from '../support/circuits/linear-rows.ts';

const r = FIELD_MODULUS;
const powers = (count: number): bigint[] => Array.from({ length: count }, (_, exponent) => 2n ** BigInt(exponent));

/** What the audit of the circuits rests on. */
describe('circuits/audit: choices of bits', () => {
  it('is one for different powers of two that do not wrap, whatever their signs and factor', () => {
    assert.equal(solutionsOfBits([powers(253)]), 1);
    assert.equal(solutionsOfBits([powers(128).map((power, index) => (index % 3 === 0 ? r - power : power))]), 1);
    assert.equal(solutionsOfBits([powers(40).map((power) => (power * 12_345n) % r)]), 1);
  });

  it('is several once the bits can add up to r, or two of them weigh the same', () => {
    // 254 bits that are all 0 may also be those of r.
    assert.equal(solutionsOfBits([powers(254)]), 2);
    // 1 + 1 − 2.
    assert.equal(solutionsOfBits([[1n, 1n, r - 2n, ...powers(20).slice(3)]]), 2);
  });

  it('is counted for few bits whatever the equations, together', () => {
    const kind3 = [0n, 1n, 2n, r - 3n, 4n, 5n, 6n];
    const one = [1n, 1n, 1n, r - 1n, 1n, 1n, 1n];
    assert.equal(solutionsOfBits([kind3]), 4);
    assert.equal(solutionsOfBits([one, kind3]), 1);
  });

  it('is not told where it would take too long', () => {
    assert.equal(solutionsOfBits([Array.from({ length: 40 }, (_, index) => BigInt(3 * index + 1))]), undefined);
  });
});

describe('circuits/audit: rows', () => {
  const sum = (...terms: [number, bigint][]): Map<number, bigint> => new Map(terms);

  it('says which rows leave two values, however they are written', () => {
    assert.equal(otherRoot(sum([5, 1n]), sum([0, r - 1n], [5, 1n]), sum()), 1n, 'b·(b − 1) = 0');
    assert.equal(otherRoot(sum([5, 1n]), sum([5, 1n]), sum([5, 1n])), 1n, 'b·b = b');
    assert.equal(otherRoot(sum([0, 1n], [5, r - 1n]), sum([5, 1n]), sum()), 1n, '(1 − b)·b = 0');
    assert.equal(otherRoot(sum([5, 1n]), sum([0, r - 14n], [5, 2n]), sum()), 7n, 'b·(2·b − 14) = 0');
  });

  it('takes no other row for one', () => {
    assert.equal(otherRoot(sum([5, 1n]), sum([5, 1n]), sum()), undefined, 'b·b = 0');
    assert.equal(otherRoot(sum([5, 1n]), sum([0, r - 1n], [6, 1n]), sum()), undefined, 'b·(c − 1) = 0');
    assert.equal(otherRoot(sum([5, 1n]), sum([5, 1n]), sum([6, 1n])), undefined, 'b·b = c');
    assert.equal(otherRoot(sum([5, 1n]), sum([0, r - 1n], [5, 1n]), sum([0, 2n])), undefined, 'b·(b − 1) = 2');
  });

  it('brings out a wire that several equations determine together, and what they say of bits alone', () => {
    const equations = [sum([1, 1n], [2, 1n]), sum([1, 1n], [2, r - 1n]), sum([3, 1n], [4, 1n], [5, 2n]), sum([3, 1n])];
    const sizes = eliminate(equations, (wire) => wire >= 4).map((row) => [...row.keys()].sort());
    assert.deepEqual(sizes.sort(), [[1], [2], [3], [4, 5]].sort());
  });
});
