/** Payment references as people give and read them: text or bytes. */

import { MAX_REFERENCE_BYTES, RollupError } from '@quittance/protocol';
import { getBytes } from 'ethers';

/**
 * The bytes of a reference; text is UTF-8.
 *
 * @throws RollupError WRONG_LENGTH unless they are 1 to 140.
 */
export function referenceBytes(reference: string | Uint8Array): Uint8Array {
  const bytes = typeof reference === 'string' ? new TextEncoder().encode(reference) : Uint8Array.from(reference);
  const { length } = bytes;
  if (length >= 1 && length <= MAX_REFERENCE_BYTES) return bytes;
  const message = `a payment reference has 1 to ${MAX_REFERENCE_BYTES} bytes, this one has ${length}: shorten it`;
  const expected = `1 to ${MAX_REFERENCE_BYTES}`;
  throw new RollupError('WRONG_LENGTH', message, { name: 'reference', expected, actual: length });
}

/** A reference as the sequencer gives it, as bytes and as text; the text is null where the bytes are no UTF-8. */
export function readReference(reference: string | null | undefined): {
  readonly bytes: Uint8Array | null;
  readonly text: string | null;
} {
  if (reference === null || reference === undefined) return { bytes: null, text: null };
  const bytes = getBytes(reference);
  try {
    return { bytes, text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes) };
  } catch {
    return { bytes, text: null };
  }
}
