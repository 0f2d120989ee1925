/**
 * The data of a proven batch in one blob: its blocks are the coefficients of the polynomial that the blob commits to.
 * Source: docs/protocol.md, Data.
 */

import { RollupError } from '../errors/index.ts';
import { BLOB_ELEMENT_BYTES, BLOB_ELEMENTS, BLOB_FIELD_MODULUS, RECORDS_PER_BLOCK } from '../params.ts';
import { blocksOf, type RecordBits, recordsOfBlock } from '../records/codec.ts';
import type { RecordFields } from '../types.ts';
import { decodeBlob, encodeBlob } from './elements.ts';
import { polynomialCoefficients, polynomialValues } from './transform.ts';

/** Coefficients that a batch has, K·M/2. @throws RollupError CHUNK_SIZE when they do not fit a blob or M is odd. */
function requireBlockCount(chunkCount: number, slotsPerChunk: number): number {
  const count = (chunkCount * slotsPerChunk) / RECORDS_PER_BLOCK;
  const isShape = Number.isSafeInteger(chunkCount) && chunkCount > 0 && slotsPerChunk > 0;
  if (!isShape || slotsPerChunk % RECORDS_PER_BLOCK !== 0 || count > BLOB_ELEMENTS) {
    throw new RollupError('CHUNK_SIZE', `${chunkCount} chunks of ${slotsPerChunk} slots do not fit a blob`, {
      expected: `1 to ${BLOB_ELEMENTS} blocks of two slots`,
      actual: count,
    });
  }
  return count;
}

/**
 * The blob of a batch: coefficient k·M/2 + (M/2 − 1 − j) is block j of chunk k.
 *
 * @param chunks all of one even number of slots M. @throws RollupError CHUNK_SIZE, or OUT_OF_RANGE for fields too large.
 */
export function encodeCoefficientBlob(chunks: readonly (readonly RecordBits[])[]): Uint8Array {
  const slotsPerChunk = chunks[0]?.length ?? 0;
  requireBlockCount(chunks.length, slotsPerChunk);
  const coefficients = chunks.flatMap((records) => {
    if (records.length !== slotsPerChunk) {
      throw new RollupError('CHUNK_SIZE', `chunks of ${slotsPerChunk} and ${records.length} slots are of no batch`, {
        expected: slotsPerChunk,
        actual: records.length,
      });
    }
    return blocksOf(records).toReversed();
  });
  return encodeBlob(polynomialValues(coefficients));
}

/**
 * The records of a batch by chunk and slot.
 *
 * @throws RollupError WRONG_LENGTH or BLOB_ELEMENT_RANGE for bytes that are no blob, BLOB_COEFFICIENT_RANGE for a coefficient
 * of more than 248 bits, BLOB_TAIL for one behind the last block that is not 0 (no proof exists for either), CHUNK_SIZE when
 * no batch has this shape.
 */
export function decodeCoefficientBlob(blob: Uint8Array, chunkCount: number, slotsPerChunk: number): RecordFields[][] {
  const count = requireBlockCount(chunkCount, slotsPerChunk);
  const coefficients = polynomialCoefficients(decodeBlob(blob));
  for (const [position, coefficient] of coefficients.entries()) {
    if (position >= count && coefficient !== 0n) {
      throw new RollupError('BLOB_TAIL', `coefficient ${position} of a batch of ${count} blocks is not 0`, {
        position,
        actual: coefficient,
      });
    }
    if (coefficient >> BigInt(8 * BLOB_ELEMENT_BYTES) !== 0n) {
      throw new RollupError('BLOB_COEFFICIENT_RANGE', `coefficient ${position} has more than 248 bits`, {
        position,
        actual: coefficient,
      });
    }
  }
  const blocksPerChunk = count / chunkCount;
  return Array.from({ length: chunkCount }, (_, chunk) =>
    coefficients
      .slice(chunk * blocksPerChunk, (chunk + 1) * blocksPerChunk)
      .toReversed()
      .flatMap(recordsOfBlock),
  );
}

/**
 * The value at z of a whole batch's polynomial, Σ_k z^(k·M/2)·y_k mod q: what the point evaluation on L1 confirms.
 * Twin: contracts/libraries/BatchBlobs.sol combine.
 *
 * @param evaluations y_k of each chunk.
 */
export function batchEvaluation(evaluations: readonly bigint[], challenge: bigint, slotsPerChunk: number): bigint {
  let step = 1n;
  for (let exponent = 0; exponent < slotsPerChunk / RECORDS_PER_BLOCK; exponent += 1) {
    step = (step * challenge) % BLOB_FIELD_MODULUS;
  }
  return evaluations.reduceRight((sum, evaluation) => (sum * step + evaluation) % BLOB_FIELD_MODULUS, 0n);
}
