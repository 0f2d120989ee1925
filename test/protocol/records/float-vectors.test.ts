import assert from 'node:assert/strict';
import { float40 } from '@quittance/protocol';
import { assertCode } from '../../support/assertions.ts';
import { loadVectors } from '../../support/vectors.ts';

interface Float40Vectors {
  readonly decode: readonly { float40: string; hex: string; value: string }[];
  readonly encode: readonly { amount: string; expected: string }[];
  readonly encode_floor: readonly {
    amount: string;
    exact_float40: string | null;
    floor_float40: string | null;
    floor_value: string | null;
  }[];
  readonly floor_js: readonly { amount: string; float40: string }[];
  readonly encode_errors_js: readonly { amount: string; error: string }[];
}

describe('float40 against Hermez’s vectors', () => {
  it('decodes all encodings, canonical or not', () => {
    const { decode } = loadVectors<Float40Vectors>('float40');
    assert.ok(decode.length >= 10);
    for (const { float40: encoded, hex, value } of decode) {
      assert.equal(float40.decode(BigInt(encoded)), BigInt(value), encoded);
      assert.equal(BigInt(`0x${hex}`), BigInt(encoded));
    }
  });

  it('encodes what is exact and refuses what is not or is too large', () => {
    const { encode } = loadVectors<Float40Vectors>('float40');
    assert.ok(encode.length >= 10);
    for (const { amount, expected } of encode) {
      if (expected === 'ok') assert.equal(float40.decode(float40.encode(BigInt(amount))), BigInt(amount));
      else assertCode(() => float40.encode(BigInt(amount)), 'NOT_REPRESENTABLE', amount);
    }
  });

  it('refuses what the JavaScript library refuses', () => {
    const { encode_errors_js } = loadVectors<Float40Vectors>('float40');
    for (const { amount } of encode_errors_js) {
      assertCode(() => float40.encode(BigInt(amount)), 'NOT_REPRESENTABLE', amount);
    }
  });

  it('rounds down as both libraries do', () => {
    const { encode_floor, floor_js } = loadVectors<Float40Vectors>('float40');
    for (const { amount, exact_float40, floor_float40, floor_value } of encode_floor) {
      if (floor_float40 === null) {
        assertCode(() => float40.encodeFloor(BigInt(amount)), 'OUT_OF_RANGE', amount);
        continue;
      }
      const encoded = float40.encodeFloor(BigInt(amount));
      assert.equal(float40.decode(encoded), BigInt(floor_value!), amount);
      assert.equal(float40.decode(BigInt(floor_float40)), BigInt(floor_value!), amount);
      if (exact_float40 === null) assertCode(() => float40.encode(BigInt(amount)), 'NOT_REPRESENTABLE', amount);
      else assert.equal(float40.encode(BigInt(amount)), float40.encode(float40.decode(BigInt(exact_float40))));
    }
    for (const { amount, float40: expected } of floor_js) {
      assert.equal(float40.decode(float40.encodeFloor(BigInt(amount))), float40.decode(BigInt(expected)), amount);
    }
  });
});
