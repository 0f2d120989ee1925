import { isRollupError } from '@quittance/protocol';

/** Bytes with one bit changed. */
export function flipBit(bytes: Uint8Array, bit: number): Uint8Array {
  const flipped = Uint8Array.from(bytes);
  flipped[bit >> 3]! ^= 1 << (bit & 7);
  return flipped;
}

/** What `decode` makes of the bytes, or the code of its error. Any other error is thrown on. */
export function resultOf<T>(decode: () => T): { readonly value: T } | { readonly code: string } {
  try {
    return { value: decode() };
  } catch (error) {
    if (!isRollupError(error)) throw error;
    return { code: error.code };
  }
}
