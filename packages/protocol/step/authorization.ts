/**
 * The 69 bytes in which an asserted batch carries the signature of a record of kinds 1 to 3 and 7.
 *
 * | offset | bytes | content, big-endian |
 * | --- | --- | --- |
 * | 0 | 5 | validUntil |
 * | 5 | 32 | R8.y < r, with the sign of R8.x in bit 255 |
 * | 37 | 32 | S < l, with the sign of the key's x in bit 255 |
 *
 * A sign is 1 when x > (r − 1)/2. Anything else in these bytes is no signature: R8.y ≥ r, S ≥ l, a y of which the curve has no
 * point, a sign of 1 with x = 0.
 */

import { RollupError } from '../errors/index.ts';
import { requireBits } from '../integers.ts';
import { isOnCurve, xCandidates } from '../keys/index.ts';
import { AUTHORIZATION_BYTES, FIELD_MODULUS, SUBGROUP_ORDER, TIME_BITS, WORD_BYTES } from '../params.ts';
import type { Authorization } from '../types.ts';

const TIME_BYTES = TIME_BITS / 8;
const R8_OFFSET = TIME_BYTES;
const S_OFFSET = R8_OFFSET + WORD_BYTES;

const SIGN_SHIFT = BigInt(8 * WORD_BYTES - 1);
const MAGNITUDE = (1n << SIGN_SHIFT) - 1n;

/** The sign of an x: 1 when it is in the upper half of the field. */
function signOf(x: bigint): bigint {
  return x > (FIELD_MODULUS - 1n) / 2n ? 1n : 0n;
}

function toBytes(value: bigint, byteCount: number): number[] {
  return Array.from({ length: byteCount }, (_, position) =>
    Number((value >> BigInt(8 * (byteCount - 1 - position))) & 0xffn),
  );
}

function fromBytes(bytes: Uint8Array, start: number, end: number): bigint {
  return bytes.slice(start, end).reduce((value, byte) => (value << 8n) | BigInt(byte), 0n);
}

/**
 * The 69 bytes of an authorization.
 *
 * @throws RollupError OUT_OF_RANGE for validUntil, NOT_REPRESENTABLE when R8 is off the curve, S ≥ l or the key's x is
 * no field element: no bytes say that.
 */
export function encodeAuthorization({ validUntil, keyX, r8, s }: Authorization): Uint8Array {
  requireBits('validUntil', validUntil, TIME_BITS);
  const isRepresentable = isOnCurve(r8) && s >= 0n && s < SUBGROUP_ORDER && keyX >= 0n && keyX < FIELD_MODULUS;
  if (!isRepresentable) {
    throw new RollupError('NOT_REPRESENTABLE', 'the signature has no encoding of 69 bytes', {
      expected: 'R8 on the curve, S < l, key x < r',
      actual: `R8 = (${r8.x}, ${r8.y}), S = ${s}, key x = ${keyX}`,
    });
  }
  return Uint8Array.from([
    ...toBytes(BigInt(validUntil), TIME_BYTES),
    ...toBytes((signOf(r8.x) << SIGN_SHIFT) | r8.y, WORD_BYTES),
    ...toBytes((signOf(keyX) << SIGN_SHIFT) | s, WORD_BYTES),
  ]);
}

/** The 69 bytes taken apart; nothing but the length has been checked. */
export interface PackedAuthorization {
  readonly validUntil: number;
  readonly r8Y: bigint;
  readonly r8Sign: bigint;
  readonly s: bigint;
  readonly keySign: bigint;
}

/**
 * Takes 69 bytes apart. @throws RollupError WRONG_LENGTH when there are not as many.
 * Twin: contracts/step/StepSignature.sol validUntilOf.
 */
export function unpackAuthorization(bytes: Uint8Array): PackedAuthorization {
  if (bytes.length !== AUTHORIZATION_BYTES) {
    throw new RollupError('WRONG_LENGTH', `an authorization has ${AUTHORIZATION_BYTES} bytes, got ${bytes.length}`, {
      name: 'authorization',
      expected: AUTHORIZATION_BYTES,
      actual: bytes.length,
    });
  }
  const r8 = fromBytes(bytes, R8_OFFSET, S_OFFSET);
  const s = fromBytes(bytes, S_OFFSET, AUTHORIZATION_BYTES);
  return {
    validUntil: Number(fromBytes(bytes, 0, TIME_BYTES)),
    r8Y: r8 & MAGNITUDE,
    r8Sign: r8 >> SIGN_SHIFT,
    s: s & MAGNITUDE,
    keySign: s >> SIGN_SHIFT,
  };
}

/**
 * The x with this sign of the point with this y; undefined when there is none.
 * Twin: contracts/step/StepSignature.sol _signedX.
 */
export function signedX(y: bigint, sign: bigint): bigint | undefined {
  return xCandidates(y).find((x) => signOf(x) === sign);
}

/**
 * The authorization that 69 bytes mean for a sender whose key has this y.
 *
 * Bytes that are no signature give one that verifies for nothing (R8 off the curve), with their validUntil: it is checked
 * before the signature.
 *
 * @throws RollupError WRONG_LENGTH when there are not 69 bytes.
 */
export function decodeAuthorization(bytes: Uint8Array, keyY: bigint): Authorization {
  const { validUntil, r8Y, r8Sign, s, keySign } = unpackAuthorization(bytes);
  const r8X = signedX(r8Y, r8Sign);
  const keyX = signedX(keyY, keySign);
  if (r8X === undefined || keyX === undefined || s >= SUBGROUP_ORDER) {
    return { validUntil, keyX: 0n, r8: { x: 0n, y: 0n }, s: 0n };
  }
  return { validUntil, keyX, r8: { x: r8X, y: r8Y }, s };
}
