/**
 * What a transaction's id is the hash of, as bytes: the four inputs of Poseidon, 32 little-endian bytes each, made from a
 * packed operation without a detour through integers. Source: docs/protocol.md, Signature.
 */

import { requireBits } from '../integers.ts';
import { writeWord } from '../little-endian.ts';
import { NONCE_BITS, RECORD_BYTES } from '../params.ts';
import { RecordKind } from '../types.ts';

/** Bytes of the inputs: domain, record with nonce and expiry, keyY and owner of the receiver. */
export const MESSAGE_BYTES = 128;

const PACKED = 32;
const RECEIVER_KEY = 64;
const RECEIVER_OWNER = 96;
/** Places in a packed operation (`operation.ts`). */
const TO = 7;
const KIND = 15;
const VALID_UNTIL = 17;

const NIBBLE = 16;
const LOW = 2 ** 32;

/** What the operation itself does not say. */
export interface MessageContext {
  readonly domain: bigint;
  /** The nonce that was signed. */
  readonly nonce: number;
  /** keyY and owner of the receiver for kinds 1 and 2; both 0 for kind 3; w0 and 0 for kind 7. */
  readonly receiverKeyY: bigint;
  readonly receiverOwner: bigint;
}

/**
 * Writes the inputs of the id of a packed, signed operation: MESSAGE_BYTES at `offset`.
 * Twin: packages/protocol/state/message.ts transactionMessage.
 *
 * @throws RollupError OUT_OF_RANGE for a nonce that is wider than its place.
 */
export function writeMessage(target: DataView, offset: number, operation: DataView, context: MessageContext): void {
  const nonce = requireBits('nonce', context.nonce, NONCE_BITS);
  writeWord(target, offset, context.domain);
  const at = offset + PACKED;
  for (let part = 0; part < RECORD_BYTES; part += 8) target.setBigUint64(at + part, operation.getBigUint64(part));
  const kind = operation.getUint8(KIND);
  if (kind === RecordKind.transferToNew) target.setUint32(at + TO, 0); // the sequencer chooses it
  // A record has 124 bits: nonce and expiry follow at half a byte.
  const validUntil = operation.getUint32(VALID_UNTIL, true) + LOW * operation.getUint8(VALID_UNTIL + 4);
  target.setUint8(at + KIND, kind + NIBBLE * (nonce % NIBBLE));
  target.setUint32(at + RECORD_BYTES, Math.floor(nonce / NIBBLE) + (LOW / NIBBLE) * (validUntil % NIBBLE), true);
  const rest = Math.floor(validUntil / NIBBLE);
  target.setUint32(at + RECORD_BYTES + 4, rest % LOW, true);
  target.setUint32(at + RECORD_BYTES + 8, Math.floor(rest / LOW), true);
  target.setUint32(at + RECORD_BYTES + 12, 0);
  writeWord(target, offset + RECEIVER_KEY, context.receiverKeyY);
  writeWord(target, offset + RECEIVER_OWNER, context.receiverOwner);
}
