/** Numbers as SQLite blobs: fixed width, big-endian, so that equal numbers are equal bytes. */

import { RollupError } from '@quittance/protocol';

/** Width of a field element or hash. */
export const FIELD_BYTES = 32;
/** Width of an L1 address. */
export const OWNER_BYTES = 20;
/** Width of a balance. */
export const BALANCE_BYTES = 16;

/** `value` in `byteCount` bytes. @throws RollupError OUT_OF_RANGE when it does not fit. */
export function toBytes(value: bigint, byteCount: number): Buffer {
  const hex = value.toString(16);
  if (value < 0n || hex.length > 2 * byteCount) {
    throw new RollupError('OUT_OF_RANGE', `${value} does not fit ${byteCount} bytes`, { actual: value });
  }
  return Buffer.from(hex.padStart(2 * byteCount, '0'), 'hex');
}

/** The number that bytes stand for. */
export function fromBytes(bytes: Uint8Array): bigint {
  if (bytes.length === 0) return 0n;
  return BigInt(`0x${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex')}`);
}
