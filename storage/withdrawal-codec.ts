/** A withdrawal as bytes, the same number for each. */

import type { Withdrawal } from '@quittance/protocol';
import { BALANCE_BYTES, FIELD_BYTES, fromBytes, toBytes } from './bytes.ts';

const MOVE = FIELD_BYTES + BALANCE_BYTES;
const KEY = MOVE + 5;
/** Bytes of a packed withdrawal. */
export const WITHDRAWAL_BYTES = KEY + FIELD_BYTES;

/** A withdrawal in WITHDRAWAL_BYTES. */
export function encodeWithdrawal({ ownerAndToken, amount, move }: Withdrawal): Buffer {
  const bytes = Buffer.alloc(WITHDRAWAL_BYTES);
  toBytes(ownerAndToken, FIELD_BYTES).copy(bytes, 0);
  toBytes(amount, BALANCE_BYTES).copy(bytes, FIELD_BYTES);
  if (move === undefined) return bytes;
  bytes.writeUInt8(1, MOVE);
  bytes.writeUInt32BE(move.destination, MOVE + 1);
  toBytes(move.keyY, FIELD_BYTES).copy(bytes, KEY);
  return bytes;
}

/** Inverse of `encodeWithdrawal`. */
export function decodeWithdrawal(bytes: Buffer): Withdrawal {
  const isMove = bytes.readUInt8(MOVE) === 1;
  return {
    ownerAndToken: fromBytes(bytes.subarray(0, FIELD_BYTES)),
    amount: fromBytes(bytes.subarray(FIELD_BYTES, MOVE)),
    ...(isMove ? { move: { destination: bytes.readUInt32BE(MOVE + 1), keyY: fromBytes(bytes.subarray(KEY)) } } : {}),
  };
}
