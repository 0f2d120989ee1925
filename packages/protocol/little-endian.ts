/** Integers in the buffers of engines and provers: 32 bytes, little-endian. Quick: eight bytes at a time. */

import { WORD_BYTES } from './params.ts';

const LIMB_BITS = 64n;
const LIMB_BYTES = 8;
const LIMBS = WORD_BYTES / LIMB_BYTES;

/** Writes 0 ≤ value < 2^256 at `offset`. The caller has checked the range. */
export function writeWord(view: DataView, offset: number, value: bigint): void {
  let rest = value;
  for (let limb = 0; limb < LIMBS; limb += 1) {
    view.setBigUint64(offset + LIMB_BYTES * limb, rest, true); // takes the low 64 bits
    rest >>= LIMB_BITS;
  }
}

/** The integer at `offset`, whatever it is: below 2^256. */
export function readWord(view: DataView, offset: number): bigint {
  let value = view.getBigUint64(offset + LIMB_BYTES * (LIMBS - 1), true);
  for (let limb = LIMBS - 2; limb >= 0; limb -= 1) {
    value = (value << LIMB_BITS) | view.getBigUint64(offset + LIMB_BYTES * limb, true);
  }
  return value;
}

/** A view of bytes, wherever they lie in their buffer. */
export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
