/** The x of many points of which only y and the sign of x are known, as bytes. */

import { RollupError } from '../errors/index.ts';
import { WORD_BYTES } from '../params.ts';
import { signedX } from './authorization.ts';

/** Bit 255 of a point: the sign of x, 1 when x > (r − 1)/2. */
const SIGN = 0x80;
/** Every byte of what stands for no point. */
const NO_POINT = 0xff;

function readLittleEndian(bytes: Uint8Array, offset: number): bigint {
  let value = 0n;
  for (let position = offset + WORD_BYTES - 1; position >= offset; position -= 1) {
    value = (value << 8n) | BigInt(bytes[position]!);
  }
  return value;
}

function writeLittleEndian(bytes: Uint8Array, offset: number, value: bigint): void {
  for (let position = offset, rest = value; position < offset + WORD_BYTES; position += 1, rest >>= 8n) {
    bytes[position] = Number(rest & 0xffn);
  }
}

/**
 * x of each point, 32 little-endian bytes; all bits set where the curve has no such point: y is not below r, no x goes with it,
 * or the sign is 1 and x is 0.
 *
 * @param points 32 little-endian bytes each: y with the sign of x in bit 255.
 * @throws RollupError WRONG_LENGTH when they are not whole.
 * Twin: native/core/src/babyjubjub/decompress.rs x_coordinates.
 * Twin: native/signature.ts nativeSignatureVerifier.
 */
export function xCoordinates(points: Uint8Array): Uint8Array {
  if (points.length % WORD_BYTES !== 0) {
    throw new RollupError('WRONG_LENGTH', `${points.length} bytes are not whole points of ${WORD_BYTES}`, {
      name: 'points',
      expected: `a multiple of ${WORD_BYTES}`,
      actual: points.length,
    });
  }
  const result = new Uint8Array(points.length).fill(NO_POINT);
  const copy = Uint8Array.from(points);
  for (let offset = 0; offset < points.length; offset += WORD_BYTES) {
    const last = offset + WORD_BYTES - 1;
    const sign = copy[last]! & SIGN ? 1n : 0n;
    copy[last]! &= ~SIGN;
    const x = signedX(readLittleEndian(copy, offset), sign);
    if (x !== undefined) writeLittleEndian(result, offset, x);
  }
  return result;
}
