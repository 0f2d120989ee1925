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
  /**
   * Canonical encoding of exactly `value`.
   *
   * @throws RollupError NOT_REPRESENTABLE, with the values next to it that have one, when there is none; OUT_OF_RANGE for what
   * is no bigint.
   */
  encode(value: bigint): bigint;
  /** Canonical encoding of the largest representable value ≤ `value`. @throws RollupError OUT_OF_RANGE when negative or too large. */
  encodeFloor(value: bigint): bigint;
  /** The largest representable value ≤ `value`. @throws RollupError OUT_OF_RANGE when negative or too large. */
  floor(value: bigint): bigint;
  /** The smallest representable value ≥ `value`. @throws RollupError OUT_OF_RANGE when negative or too large. */
  ceil(value: bigint): bigint;
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

  const outOfRange = (value: unknown, expected: string) =>
    new RollupError('OUT_OF_RANGE', `${shown(value)} is beyond the range of ${name}`, {
      actual: shown(value),
      expected,
    });
  const rangeText = `0 to (2^${mantissaBits} − 1)·10^${maxExponent}`;

  function floor(value: bigint): bigint {
    let mantissa = value;
    let exponent = 0;
    while (mantissa >= mantissaLimit && exponent < maxExponent) {
      mantissa /= 10n;
      exponent += 1;
    }
    if (value < 0n || mantissa >= mantissaLimit) throw outOfRange(value, rangeText);
    const truncated = mantissa * 10n ** BigInt(exponent);
    // Just above 2^bits·10^(e−1), cutting a digit loses more than the largest mantissa one exponent lower does.
    const lower = exponent === 0 ? 0n : (mantissaLimit - 1n) * 10n ** BigInt(exponent - 1);
    return truncated > lower ? truncated : lower;
  }

  function ceil(value: bigint): bigint {
    if (value < 0n) throw outOfRange(value, rangeText);
    for (let exponent = 0; exponent <= maxExponent; exponent += 1) {
      const unit = 10n ** BigInt(exponent);
      const mantissa = (value + unit - 1n) / unit;
      if (mantissa < mantissaLimit) return mantissa * unit;
    }
    throw outOfRange(value, rangeText);
  }

  function encode(value: bigint): bigint {
    if (typeof value !== 'bigint') throw outOfRange(value, 'a bigint of base units');
    if (!isRepresentable(value)) {
      const { below, above } = neighbours(value, floor, ceil);
      const way = below === undefined ? 'it is out of range' : `the values next to it are ${below} and ${above}`;
      throw new RollupError('NOT_REPRESENTABLE', `${value} has no exact ${name} encoding: ${way}`, {
        actual: value,
        expected: `m·10^e with m < 2^${mantissaBits} and e ≤ ${maxExponent}`,
        below,
        above,
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
    floor,
    ceil,
    encodeFloor: (value) => encode(floor(value)),
  };
}

/** The values next to one without an encoding; of one beyond the range there are none. */
function neighbours(value: bigint, ...[floor, ceil]: readonly ((value: bigint) => bigint)[]) {
  try {
    return { below: floor!(value), above: ceil!(value) };
  } catch {
    return {};
  }
}

/** A value for a message: what is no bigint came from outside the types. */
function shown(value: unknown): string {
  return typeof value === 'bigint' ? String(value) : `a value of type ${typeof value}`;
}

/**
 * Amounts: 35-bit mantissa, 5-bit exponent. Compatible with Hermez's float40.
 * Twin: circuits/lib/float.circom DecimalFloat.
 * Twin: contracts/step/StepShape.sol _float.
 */
export const float40 = createFloatCodec('float40', AMOUNT_MANTISSA_BITS, AMOUNT_EXPONENT_BITS);

/** Fees: 11-bit mantissa, 5-bit exponent. */
export const float16 = createFloatCodec('float16', FEE_MANTISSA_BITS, FEE_EXPONENT_BITS);
