import assert from 'node:assert/strict';
import { type FloatCodec, float16, float40 } from '@quittance/protocol';
import fc from 'fast-check';
import { assertCode } from '../../support/assertions.ts';
import { bits } from '../../support/property/arbitraries.ts';
import { property } from '../../support/property/property.ts';

for (const [name, codec, mantissaBits] of [
  ['float40', float40, 35],
  ['float16', float16, 11],
] as const satisfies readonly (readonly [string, FloatCodec, number])[]) {
  const limit = 1n << BigInt(mantissaBits);
  const largest = (limit - 1n) * 10n ** 31n;
  const pack = (exponent: bigint, mantissa: bigint) => (exponent << BigInt(mantissaBits)) | mantissa;

  describe(name, () => {
    it('has a 5-bit exponent above the mantissa', () => {
      assert.equal(codec.mantissaBits, mantissaBits);
      assert.equal(codec.bits, mantissaBits + 5);
      assert.equal(codec.decode(pack(0n, 1n)), 1n);
      assert.equal(codec.decode(pack(1n, 1n)), 10n);
      assert.equal(codec.decode(pack(31n, 1n)), 10n ** 31n);
      assert.equal(codec.decode(pack(0n, limit - 1n)), limit - 1n);
      assert.equal(codec.decode((1n << BigInt(codec.bits)) - 1n), largest);
    });

    it('encodes 0 as zero bits and decodes 0 under every exponent', () => {
      assert.equal(codec.encode(0n), 0n);
      for (let exponent = 0n; exponent < 32n; exponent += 1n) assert.equal(codec.decode(pack(exponent, 0n)), 0n);
    });

    it('encodes each boundary of the mantissa and refuses the value beyond it', () => {
      assert.equal(codec.encode(limit - 1n), pack(0n, limit - 1n));
      assert.equal(codec.encode(largest), pack(31n, limit - 1n));
      assertCode(() => codec.encode(limit + 1n), 'NOT_REPRESENTABLE');
      assertCode(() => codec.encode(largest + 1n), 'NOT_REPRESENTABLE');
      assertCode(() => codec.encode(limit * 10n ** 31n), 'NOT_REPRESENTABLE');
      assertCode(() => codec.encode(-1n), 'NOT_REPRESENTABLE');
      assert.equal(codec.isRepresentable(-10n), false);
    });

    it('yields only the canonical encoding: the largest exponent that the value allows', () => {
      assert.equal(codec.encode(10n), pack(1n, 1n));
      assert.equal(codec.encode(100n), pack(2n, 1n));
      assert.equal(codec.encode(10n ** 31n), pack(31n, 1n));
      // The exponent ends at 31; what is left stays in the mantissa.
      assert.equal(codec.encode(10n ** 32n), pack(31n, 10n));
      assert.equal(codec.encode(120n), pack(1n, 12n));
    });

    it('refuses to decode more bits than it has', () => {
      assertCode(() => codec.decode(1n << BigInt(codec.bits)), 'OUT_OF_RANGE');
      assertCode(() => codec.decode(-1n), 'OUT_OF_RANGE');
    });

    it('rounds down to the largest value that has an encoding', () => {
      assert.equal(codec.encodeFloor(0n), 0n);
      assert.equal(codec.decode(codec.encodeFloor(limit - 1n)), limit - 1n);
      // 2^bits itself: cutting a digit would lose more than falling back to the largest mantissa below.
      assert.equal(limit % 10n, 8n);
      assert.equal(codec.decode(codec.encodeFloor(limit)), limit - 1n);
      assert.equal(codec.decode(codec.encodeFloor(limit + 1n)), limit - 1n);
      assert.equal(codec.decode(codec.encodeFloor(limit + 2n)), limit + 2n);
      assert.equal(codec.decode(codec.encodeFloor(largest)), largest);
    });

    it('refuses to round what is negative or beyond the largest value', () => {
      assertCode(() => codec.encodeFloor(-1n), 'OUT_OF_RANGE');
      assertCode(() => codec.encodeFloor(limit * 10n ** 31n), 'OUT_OF_RANGE');
    });

    property('round-trips every encoding through its canonical one', [bits(codec.bits)], (encoding) => {
      const value = codec.decode(encoding);
      const encoded = codec.encode(value);
      assert.equal(codec.decode(encoded), value);
      const mantissa = encoded & (limit - 1n);
      const exponent = encoded >> BigInt(mantissaBits);
      assert.ok(value === 0n || exponent === 31n || mantissa % 10n !== 0n, `${value} is not canonical`);
    });

    const nearLimit = fc
      .tuple(fc.bigInt({ min: -4n, max: 3n }), fc.bigInt({ min: 0n, max: 30n }))
      .map(([offset, exponent]) => (limit + offset) * 10n ** exponent);
    const ofAnySize = fc.integer({ min: 1, max: mantissaBits + 90 }).chain((width) => bits(width));

    property(
      'never exceeds a value by encodeFloor, nor skips a representable one',
      [fc.oneof(ofAnySize, nearLimit)],
      (any) => {
        const floor = codec.decode(codec.encodeFloor(any));
        assert.ok(floor <= any);
        // The best over all exponents, found by trying each.
        let best = 0n;
        for (let e = 0n; e < 32n; e += 1n) {
          const quotient = any / 10n ** e;
          const candidate = (quotient < limit ? quotient : limit - 1n) * 10n ** e;
          if (candidate > best) best = candidate;
        }
        assert.equal(floor, best, `encodeFloor(${any})`);
      },
      { runs: 400 },
    );
  });
}

describe('float16 by exhaustion', () => {
  it('has exactly one canonical encoding for each value of its 2^16 encodings', () => {
    const canonical = new Map<bigint, bigint>();
    for (let encoded = 0n; encoded < 1n << 16n; encoded += 1n) {
      const value = float16.decode(encoded);
      if (!canonical.has(value)) canonical.set(value, float16.encode(value));
      assert.equal(float16.decode(canonical.get(value)!), value);
    }
    assert.equal(new Set(canonical.values()).size, canonical.size);
  });
});
