import assert from 'node:assert/strict';
import { FIELD_MODULUS, isFieldElement, requireBits, requireFieldElement, toField } from '@quittance/protocol';
import { assertCode } from '../support/assertions.ts';

describe('range checks of integers', () => {
  it('accept both ends of a width and refuse what lies beyond', () => {
    assert.equal(requireBits('x', 0, 32), 0);
    assert.equal(requireBits('x', 2 ** 32 - 1, 32), 2 ** 32 - 1);
    assert.equal(requireBits('x', 2n ** 128n - 1n, 128), 2n ** 128n - 1n);
    for (const value of [-1, 2 ** 32, 0.5, Number.NaN, Number.POSITIVE_INFINITY, -1n, 2n ** 32n]) {
      const { data } = assertCode(() => requireBits('x', value, 32), 'OUT_OF_RANGE', String(value));
      assert.equal(data['name'], 'x');
      assert.equal(data['actual'], String(value));
    }
  });

  it('refuse what only looks like a number', () => {
    for (const value of ['5', null, undefined, [], {}, true]) {
      assertCode(() => requireBits('x', value as unknown as number, 32), 'OUT_OF_RANGE');
      assertCode(() => requireFieldElement('x', value as unknown as bigint), 'OUT_OF_RANGE');
    }
    assertCode(() => requireFieldElement('x', 5 as unknown as bigint), 'OUT_OF_RANGE');
  });

  it('accept field elements up to r − 1', () => {
    assert.equal(requireFieldElement('x', FIELD_MODULUS - 1n), FIELD_MODULUS - 1n);
    assert.equal(requireFieldElement('x', 0n), 0n);
    assertCode(() => requireFieldElement('x', FIELD_MODULUS), 'OUT_OF_RANGE');
    assertCode(() => requireFieldElement('x', -1n), 'OUT_OF_RANGE');
    assert.equal(isFieldElement(FIELD_MODULUS), false);
  });

  it('reduce negative numbers too', () => {
    assert.equal(toField(-1n), FIELD_MODULUS - 1n);
    assert.equal(toField(FIELD_MODULUS), 0n);
    assert.equal(toField(-FIELD_MODULUS), 0n);
  });
});
