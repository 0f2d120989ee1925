/** The message that signs a payment reference. Source: docs/protocol.md, Payment references. */

import { sha256 } from '@noble/hashes/sha2.js';
import { RollupError } from '../errors/index.ts';
import type { Hasher } from '../hash.ts';
import { requireFieldElement } from '../integers.ts';
import { MAX_REFERENCE_BYTES } from '../params.ts';

/** ASCII of "quittance:reference:1" as one number: no other message starts with it. */
const REFERENCE_TAG = BigInt(
  `0x${[...'quittance:reference:1'].map((letter) => letter.charCodeAt(0).toString(16)).join('')}`,
);

const HALF_BYTES = 16;

/** Big-endian. */
function numberOf(bytes: Uint8Array): bigint {
  return bytes.reduce((value, byte) => (value << 8n) | BigInt(byte), 0n);
}

/** Inputs of the message. */
export const REFERENCE_INPUTS = 5;

/**
 * What the payer signs beside the transfer is the Poseidon hash of these: tag, id, length, high and low half of
 * sha256(reference). For whoever hashes many at once.
 *
 * @param id of the transfer. @param reference 1 to 140 bytes.
 * @throws RollupError WRONG_LENGTH, or OUT_OF_RANGE for an id that is no field element.
 */
export function referenceInputs(id: bigint, reference: Uint8Array): bigint[] {
  requireFieldElement('id', id);
  const { length } = reference;
  if (length < 1 || length > MAX_REFERENCE_BYTES) {
    throw new RollupError(
      'WRONG_LENGTH',
      `a payment reference has 1 to ${MAX_REFERENCE_BYTES} bytes, this one has ${length}: shorten it`,
      { name: 'reference', expected: `1 to ${MAX_REFERENCE_BYTES}`, actual: length },
    );
  }
  const digest = sha256(reference);
  const halves = [digest.slice(0, HALF_BYTES), digest.slice(HALF_BYTES)].map(numberOf);
  return [REFERENCE_TAG, id, BigInt(length), ...halves];
}

/**
 * What the payer signs beside the transfer: Poseidon(tag, id, length, high and low half of sha256(reference)). It has five
 * inputs, where the message of a transfer has four, so that neither signature is ever one of the other.
 *
 * @param id of the transfer. @param reference 1 to 140 bytes.
 * @throws RollupError WRONG_LENGTH, or OUT_OF_RANGE for an id that is no field element.
 */
export function referenceMessage(hasher: Hasher, id: bigint, reference: Uint8Array): bigint {
  return hasher.hash(referenceInputs(id, reference));
}
