/** Integers in the addon's buffers: 32 bytes, little-endian. */

export const FIELD_BYTES = 32;
const LIMB_BITS = 64n;

/** Writes 0 ≤ value < 2^256 at `offset`. The caller has checked the range. */
export function writeInteger(view: DataView, offset: number, value: bigint): void {
  let rest = value;
  for (let limb = 0; limb < 4; limb++) {
    view.setBigUint64(offset + 8 * limb, rest, true); // takes the low 64 bits
    rest >>= LIMB_BITS;
  }
}

/** Reads the integer at `offset`. */
export function readInteger(view: DataView, offset: number): bigint {
  let value = 0n;
  for (let limb = 3; limb >= 0; limb--) value = (value << LIMB_BITS) | view.getBigUint64(offset + 8 * limb, true);
  return value;
}
