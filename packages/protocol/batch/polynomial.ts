/** A chunk's records as a polynomial over BLS12-381's scalar field, the field of blobs. Source: docs/protocol.md, Chunk. */

import { requireBits } from '../integers.ts';
import { BLOB_FIELD_MODULUS, CHALLENGE_BITS, Y_LOW_BITS } from '../params.ts';
import { blocksOf } from '../records/codec.ts';
import type { ChunkPublicInputs, Operation } from '../types.ts';

/** Σ_j coefficients[j]·point^(n − 1 − j) mod q: the first coefficient is that of the highest power. */
export function evaluatePolynomial(coefficients: readonly bigint[], point: bigint): bigint {
  return coefficients.reduce((sum, coefficient) => (sum * point + coefficient) % BLOB_FIELD_MODULUS, 0n);
}

/**
 * y_k: the chunk's polynomial at z, in 0 … q − 1.
 * Twin: circuits/lib/fold.circom Fold.
 * Twin: circuits/lib/weights.circom Weights.
 * Twin: contracts/libraries/ChunkData.sol evaluate.
 *
 * @throws RollupError as `blocksOf`, OUT_OF_RANGE when z has more than 128 bits.
 */
export function chunkEvaluation(records: readonly Pick<Operation, 'fields'>[], challenge: bigint): bigint {
  return evaluatePolynomial(blocksOf(records), requireBits('challenge', challenge, CHALLENGE_BITS));
}

/** The two public inputs that y_k is: its lower 128 bits and the 127 above them. */
export function splitEvaluation(y: bigint): Pick<ChunkPublicInputs, 'yLow' | 'yHigh'> {
  return { yLow: BigInt.asUintN(Y_LOW_BITS, y), yHigh: y >> BigInt(Y_LOW_BITS) };
}
