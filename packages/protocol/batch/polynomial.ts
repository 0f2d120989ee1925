/** A chunk's records as a polynomial over BLS12-381's scalar field, the field of blobs. Source: docs/protocol.md, Chunk. */

import { RollupError } from '../errors/index.ts';
import { requireBits } from '../integers.ts';
import { BLOB_FIELD_MODULUS, CHALLENGE_BITS, RECORD_BITS, RECORDS_PER_BLOCK, Y_LOW_BITS } from '../params.ts';
import { encodeRecord } from '../records/codec.ts';
import type { ChunkPublicInputs, Operation } from '../types.ts';

/**
 * a_j = record_{2j}·2^124 + record_{2j+1} of each block j, in order: 248 bits each, below q.
 *
 * @throws RollupError CHUNK_SIZE for an odd number of records, OUT_OF_RANGE for fields that do not fit.
 */
export function chunkCoefficients(records: readonly Pick<Operation, 'fields'>[]): bigint[] {
  if (records.length % RECORDS_PER_BLOCK !== 0) {
    const message = `a chunk has an even number of slots, not ${records.length}`;
    throw new RollupError('CHUNK_SIZE', message, { actual: records.length });
  }
  const encoded = records.map(({ fields }) => encodeRecord(fields));
  return Array.from({ length: encoded.length / RECORDS_PER_BLOCK }, (_, block) => {
    const [even, odd] = encoded.slice(RECORDS_PER_BLOCK * block) as [bigint, bigint];
    return (even << BigInt(RECORD_BITS)) | odd;
  });
}

/** Σ_j coefficients[j]·point^(n − 1 − j) mod q: the first coefficient is that of the highest power. */
export function evaluatePolynomial(coefficients: readonly bigint[], point: bigint): bigint {
  return coefficients.reduce((sum, coefficient) => (sum * point + coefficient) % BLOB_FIELD_MODULUS, 0n);
}

/**
 * y_k: the chunk's polynomial at z, in 0 … q − 1.
 * Twin: circuits/lib/fold.circom Fold.
 *
 * @throws RollupError as `chunkCoefficients`, OUT_OF_RANGE when z has more than 128 bits.
 */
export function chunkEvaluation(records: readonly Pick<Operation, 'fields'>[], challenge: bigint): bigint {
  return evaluatePolynomial(chunkCoefficients(records), requireBits('challenge', challenge, CHALLENGE_BITS));
}

/** The two public inputs that y_k is: its lower 128 bits and the 127 above them. */
export function splitEvaluation(y: bigint): Pick<ChunkPublicInputs, 'yLow' | 'yHigh'> {
  return { yLow: BigInt.asUintN(Y_LOW_BITS, y), yHigh: y >> BigInt(Y_LOW_BITS) };
}
