/**
 * Two-of-two signatures that verify as those of one key (RFC 9591, FROST) by the rollup's own rules: BabyJubJub, with the
 * challenge 8·Poseidon(R.x, R.y, A.x, A.y, m) mod l of docs/protocol.md, Signature.
 */

import { createFROST } from '@noble/curves/abstract/frost.js';
import { babyjubjub } from '@noble/curves/misc.js';
import { sha512 } from '@noble/hashes/sha2.js';
import { portableHasher, SUBGROUP_ORDER } from '@quittance/protocol';

/** Bytes of a message: a field element, little-endian as everywhere on the curve. */
const MESSAGE_BYTES = 32;

/** A field element as the suite signs it. */
export function messageBytes(message: bigint): Uint8Array {
  return Uint8Array.from({ length: MESSAGE_BYTES }, (_, place) => Number((message >> BigInt(8 * place)) & 0xffn));
}

function messageOf(bytes: Uint8Array): bigint {
  return bytes.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);
}

/** FROST over BabyJubJub with circomlib's challenge. */
export const FROST = createFROST({
  name: 'Quittance-FROST-BabyJubJub-Poseidon-v1',
  Point: babyjubjub.Point,
  hash: sha512,
  challenge(r, key, bytes) {
    const [{ x: rx, y: ry }, { x, y }] = [r.toAffine(), key.toAffine()];
    return (8n * portableHasher.hash([rx, ry, x, y, messageOf(bytes)])) % SUBGROUP_ORDER;
  },
});

/** Two parties, both of whom must sign. */
export const SIGNERS = { min: 2, max: 2 } as const;
