/** Proofs as the addon has them: A.x, A.y, B.x.c0, B.x.c1, B.y.c0, B.y.c1, C.x, C.y, 32 bytes each. */

import { type Groth16Proof, proofFromWords, proofWords, RollupError, readWord, writeWord } from '@quittance/protocol';
import { FIELD_BYTES } from './bytes.ts';
import { describe, requireList } from './input.ts';

/** Integers of a buffer of the addon. */
export function decodeIntegers(bytes: Uint8Array): bigint[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: bytes.length / FIELD_BYTES }, (_, index) => readWord(view, index * FIELD_BYTES));
}

/**
 * Integers for the addon.
 *
 * @throws RollupError OUT_OF_RANGE when one is not in 0 … 2^256 − 1; the addon checks the moduli.
 */
export function encodeIntegers(values: readonly bigint[]): Uint8Array {
  requireList('integers', values);
  const bytes = new Uint8Array(values.length * FIELD_BYTES);
  const view = new DataView(bytes.buffer);
  values.forEach((value, index) => {
    if (typeof value !== 'bigint' || value < 0n || value >> 256n !== 0n) {
      throw new RollupError('OUT_OF_RANGE', `integer ${index} is ${describe(value)}, expected 0 to 2^256 − 1`, {
        index,
      });
    }
    writeWord(view, index * FIELD_BYTES, value);
  });
  return bytes;
}

export function decodeProof(bytes: Uint8Array): Groth16Proof {
  return proofFromWords(decodeIntegers(bytes));
}

/** @throws RollupError PROOF_UNREADABLE when it has not the form of a proof, OUT_OF_RANGE as `encodeIntegers`. */
export function encodeProof(proof: Groth16Proof): Uint8Array {
  const pairs: readonly unknown[] = [proof?.a, proof?.b?.[0], proof?.b?.[1], proof?.c];
  const isPair = (pair: unknown): pair is [bigint, bigint] => Array.isArray(pair) && pair.length === 2;
  if (!pairs.every(isPair)) throw new RollupError('PROOF_UNREADABLE', 'this does not have the form of a Groth16 proof');
  return encodeIntegers(proofWords(proof));
}
