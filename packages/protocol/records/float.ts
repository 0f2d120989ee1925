/**
 * Decimal floats of records: `mantissa · 10^exponent`, the exponent in the high bits.
 * Source: docs/protocol.md, Records.
 */

import { RollupError } from '../errors/index.ts';
import { requireBits } from '../integers.ts';
import { AMOUNT_EXPONENT_BITS, AMOUNT_MANTISSA_BITS, FEE_EXPONENT_BITS, FEE_MANTISSA_BITS } from '../params.ts';

/** A float format of a given mantissa and exponent width. */
export interface FloatCodec {
  readonly bits: number;
  /** Value of any encoding, canonical or not. @throws RollupError OUT_OF_RANGE when the encoding has too many bits. */
  decode(encoded: bigint): bigint;
  /** Canonical encoding of exactly `value`. @throws RollupError NOT_REPRESENTABLE when there is none. */
  encode(value: bigint): bigint;
  /** Canonical encoding of the largest representable value ≤ `value`. @throws RollupError OUT_OF_RANGE when negative or too large. */
  encodeFloor(value: bigint): bigint;
  /** Whether `value` has an encoding. */
  isRepresentable(value: bigint): boolean;
  readonly mantissaBits: number;
}

/** Floats of these widths. Twin: native/core/src/engine/operation.rs decode_float. */
function createFloatCodec(name: string, mantissaBits: number, exponentBits: number): FloatCodec {
  const bits = mantissaBits + exponentBits;
  const mantissaLimit = 1n << BigInt(mantissaBits);
  const maxExponent = (1 << exponentBits) - 1;

  const pack = (mantissa: bigint, exponent: number) => (BigInt(exponent) << BigInt(mantissaBits)) | mantissa;

  /** Strips trailing zeros: the canonical form has the largest exponent. */
  function normalize(value: bigint): { mantissa: bigint; exponent: number } {
    let mantissa = value;
    let exponent = 0;
    while (mantissa !== 0n && exponent < maxExponent && mantissa % 10n === 0n) {
      mantissa /= 10n;
      exponent += 1;
    }
    return { mantissa, exponent };
  }

  const isRepresentable = (value: bigint) => value >= 0n && normalize(value).mantissa < mantissaLimit;

  function encode(value: bigint): bigint {
    if (!isRepresentable(value)) {
      throw new RollupError('NOT_REPRESENTABLE', `${value} has no exact ${name} encoding; round it first`, {
        actual: value,
        expected: `m·10^e with m < 2^${mantissaBits} and e ≤ ${maxExponent}`,
      });
    }
    const { mantissa, exponent } = normalize(value);
    return pack(mantissa, exponent);
  }

  return {
    bits,
    mantissaBits,
    isRepresentable,
    encode,
    decode(encoded) {
      requireBits(name, encoded, bits);
      return (encoded & (mantissaLimit - 1n)) * 10n ** (encoded >> BigInt(mantissaBits));
    },
    encodeFloor(value) {
      let mantissa = value;
      let exponent = 0n;
      while (mantissa >= mantissaLimit && exponent < maxExponent) {
        mantissa /= 10n;
        exponent += 1n;
      }
      if (value < 0n || mantissa >= mantissaLimit) {
        throw new RollupError('OUT_OF_RANGE', `${value} is beyond the range of ${name}`, {
          actual: value,
          expected: `0 to (2^${mantissaBits} − 1)·10^${maxExponent}`,
        });
      }
      const truncated = mantissa * 10n ** exponent;
      // Just above 2^bits·10^(e−1), cutting a digit loses more than the largest mantissa one exponent lower does.
      const lower = exponent === 0n ? 0n : (mantissaLimit - 1n) * 10n ** (exponent - 1n);
      return encode(truncated > lower ? truncated : lower);
    },
  };
}

/**
 * Amounts: 35-bit mantissa, 5-bit exponent. Compatible with Hermez's float40.
 * Twin: circuits/lib/float.circom DecimalFloat.
 * Twin: contracts/step/StepShape.sol _float.
 */
export const float40 = createFloatCodec('float40', AMOUNT_MANTISSA_BITS, AMOUNT_EXPONENT_BITS);

/** Fees: 11-bit mantissa, 5-bit exponent. */
export const float16 = createFloatCodec('float16', FEE_MANTISSA_BITS, FEE_EXPONENT_BITS);
