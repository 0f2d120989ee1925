/** The bytes of a blob as numbers. Source: EIP-4844. */

import { RollupError } from '../errors/index.ts';
import { BLOB_BYTES, BLOB_ELEMENTS, BLOB_FIELD_MODULUS, WORD_BYTES } from '../params.ts';
import { readBigEndian, writeBigEndian } from '../records/codec.ts';

/**
 * The blob with these elements: 32 bytes each, big-endian.
 *
 * @throws RollupError WRONG_LENGTH unless there are 4,096, BLOB_ELEMENT_RANGE for one that is not below q.
 */
export function encodeBlob(elements: readonly bigint[]): Uint8Array {
  if (elements.length !== BLOB_ELEMENTS) {
    throw new RollupError('WRONG_LENGTH', `a blob has ${BLOB_ELEMENTS} elements, got ${elements.length}`, {
      name: 'blob elements',
      expected: BLOB_ELEMENTS,
      actual: elements.length,
    });
  }
  const blob = new Uint8Array(BLOB_BYTES);
  for (const [position, element] of elements.entries()) {
    writeBigEndian(blob, position * WORD_BYTES, requireElement(position, element), WORD_BYTES);
  }
  return blob;
}

/**
 * The elements of a blob. L1 takes no blob with an element ≥ q.
 *
 * @throws RollupError WRONG_LENGTH unless it has 131,072 bytes, BLOB_ELEMENT_RANGE for an element that is not below q.
 */
export function decodeBlob(blob: Uint8Array): bigint[] {
  if (blob.length !== BLOB_BYTES) {
    throw new RollupError('WRONG_LENGTH', `a blob has ${BLOB_BYTES} bytes, got ${blob.length}`, {
      name: 'blob',
      expected: BLOB_BYTES,
      actual: blob.length,
    });
  }
  return Array.from({ length: BLOB_ELEMENTS }, (_, position) =>
    requireElement(position, readBigEndian(blob, position * WORD_BYTES, WORD_BYTES)),
  );
}

function requireElement(position: number, element: bigint): bigint {
  if (element >= 0n && element < BLOB_FIELD_MODULUS) return element;
  throw new RollupError('BLOB_ELEMENT_RANGE', `element ${position} of the blob is ${element}, expected one below q`, {
    position,
    actual: element,
  });
}
