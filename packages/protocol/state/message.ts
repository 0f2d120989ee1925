/** The message that kinds 1 to 3 and 7 sign. Source: docs/protocol.md, Signature. */

import type { Hasher } from '../hash.ts';
import { requireBits } from '../integers.ts';
import { NONCE_BITS, RECORD_BITS, TIME_BITS } from '../params.ts';
import { encodeRecord } from '../records/codec.ts';
import { type RecordFields, RecordKind } from '../types.ts';

/** What a signature covers. */
export interface SignedContent {
  readonly domain: bigint;
  readonly fields: RecordFields;
  readonly nonce: number;
  /** Unix seconds, 0 = never. */
  readonly validUntil: number;
  /** keyY and owner of the receiver for kinds 1 and 2; both 0 for kind 3; w0 and 0 for kind 7. */
  readonly receiverKeyY: bigint;
  readonly receiverOwner: bigint;
}

const NONCE_SHIFT = BigInt(RECORD_BITS);
const VALID_UNTIL_SHIFT = NONCE_SHIFT + BigInt(NONCE_BITS);

/**
 * Hash of the signed content, which is the transaction's id. @throws RollupError OUT_OF_RANGE for fields that do not fit.
 * Twin: contracts/step/StepVerifier.sol _messageOf.
 * Twin: packages/protocol/engine/message.ts writeMessage.
 * Twin: native/core/src/engine/signatures.rs Claim.
 */
export function transactionMessage(hasher: Hasher, content: SignedContent): bigint {
  const { domain, fields, nonce, validUntil, receiverKeyY, receiverOwner } = content;
  const signedFields = fields.kind === RecordKind.transferToNew ? { ...fields, to: 0 } : fields;
  const packed =
    encodeRecord(signedFields) |
    (BigInt(requireBits('nonce', nonce, NONCE_BITS)) << NONCE_SHIFT) |
    (BigInt(requireBits('validUntil', validUntil, TIME_BITS)) << VALID_UNTIL_SHIFT);
  return hasher.hash([domain, packed, receiverKeyY, receiverOwner]);
}
