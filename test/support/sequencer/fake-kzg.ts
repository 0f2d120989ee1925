/** A test double of KZG: commitments are hashes, proofs are zeros. Nothing is verified but that bytes are the same. */

import { createHash } from 'node:crypto';
import type { Kzg } from '@quittance/chain';
import { BLOB_FIELD_MODULUS, decodeBlob, evaluatePolynomial, polynomialCoefficients } from '@quittance/protocol';

const POINT_BYTES = 48;

/** The library's interface, fast enough for thousands of batches. */
export function createFakeKzg(): Kzg {
  return {
    async commitment(blob) {
      const commitment = new Uint8Array(POINT_BYTES);
      commitment.set(createHash('sha256').update(blob).digest());
      return commitment;
    },
    async open(blob, z) {
      const coefficients = polynomialCoefficients(decodeBlob(blob)).toReversed();
      return { y: evaluatePolynomial(coefficients, z % BLOB_FIELD_MODULUS), proof: new Uint8Array(POINT_BYTES) };
    },
    verify: async () => true,
    cells: async () => ({ cells: [], proofs: [] }),
    verifyCells: async () => true,
    restore: async () => new Uint8Array(),
  };
}
