/** What an assertion's content hash stands for. Source: docs/protocol.md, Assertion. */

import { concatBytes } from '@noble/hashes/utils.js';
import { RollupError } from '../errors/index.ts';
import { requireBits } from '../integers.ts';
import { FEE_TOKEN_BITS, FEE_TOKEN_COUNT, TIME_BITS } from '../params.ts';
import { decodeChunkData } from '../records/codec.ts';
import { type Bytes32, encodeWords, keccak } from './abi.ts';
import { chunkChallenge, type Deployment, domainOf, publicInputsOf, visibleSum } from './chunk.ts';
import type { BatchContent } from './next-header.ts';
import { chunkEvaluation, splitEvaluation } from './polynomial.ts';

/**
 * Everything that disputes and proofs of an assertion need and that L1 does not keep.
 * Twin: contracts/types/AssertionTypes.sol AssertionContent.
 */
export interface AssertionContent {
  /** Nine public inputs a chunk, in the order of docs/protocol.md, Chunk. */
  readonly inputs: readonly (readonly bigint[])[];
  /** keccak of each chunk's authorizations. */
  readonly authorizationHashes: readonly Bytes32[];
}

/** What a batch says, with the authorizations that an assertion adds. */
export interface AssertedBatch extends BatchContent {
  /** K strings of 69 bytes for each signed record. */
  readonly authorizations: readonly Uint8Array[];
}

/** Words of one row: the public inputs of a chunk. */
const INPUTS_PER_CHUNK = 9;

function requireLengths({ roots, commitments, feeTokens, chunks, authorizations }: AssertedBatch): void {
  const count = chunks.length;
  const lengths = [roots.length - 1, commitments.length, feeTokens.length, authorizations.length];
  if (lengths.some((length) => length !== count)) {
    throw new RollupError(
      'WRONG_LENGTH',
      `the lists of a batch of ${count} chunks have lengths for ${lengths} chunks`,
      {
        name: 'roots, commitments, feeTokens, authorizations',
        expected: count,
        actual: lengths.join(','),
      },
    );
  }
}

/**
 * The content of an assertion. The records are read, not executed: a wrong batch has a content too.
 *
 * @param slotsPerChunk M of the deployment.
 * @throws RollupError WRONG_LENGTH or OUT_OF_RANGE for a batch that L1 refuses.
 */
export function assertionContent(
  deployment: Deployment,
  slotsPerChunk: number,
  batch: AssertedBatch,
): AssertionContent {
  requireLengths(batch);
  const { number, time, roots, commitments, feeTokens, chunks, authorizations } = batch;
  const domain = domainOf(deployment);
  const packedTime = BigInt(requireBits('time', time, TIME_BITS)) << BigInt(FEE_TOKEN_BITS * FEE_TOKEN_COUNT);
  const inputs = chunks.map((data, chunkIndex) => {
    const oldRoot = roots[chunkIndex]!;
    const newRoot = roots[chunkIndex + 1]!;
    const commitment = commitments[chunkIndex]!;
    const challenge = chunkChallenge({
      ...deployment,
      batchNumber: number,
      chunkIndex,
      dataHash: keccak(data),
      commitment,
      oldRoot,
      newRoot,
    });
    const records = decodeChunkData(data, slotsPerChunk);
    const evaluation = splitEvaluation(chunkEvaluation(records, challenge));
    const sumV = visibleSum(challenge, records);
    const context = requireBits('feeTokens', feeTokens[chunkIndex]!, FEE_TOKEN_BITS * FEE_TOKEN_COUNT) | packedTime;
    return publicInputsOf({ oldRoot, newRoot, commitment, challenge, ...evaluation, sumV, domain, context });
  });
  return { inputs, authorizationHashes: authorizations.map(keccak) };
}

/**
 * keccak(abi(uint256[9][] inputs, bytes32[] authorizationHashes)).
 *
 * @throws RollupError WRONG_LENGTH when a row has not nine inputs.
 */
export function contentHash({ inputs, authorizationHashes }: AssertionContent): Bytes32 {
  if (inputs.some((row) => row.length !== INPUTS_PER_CHUNK)) {
    throw new RollupError('WRONG_LENGTH', `a chunk has ${INPUTS_PER_CHUNK} public inputs`, {
      name: 'inputs',
      expected: INPUTS_PER_CHUNK,
      actual: inputs.map((row) => row.length).join(','),
    });
  }
  // Two offsets, then the length and items of each list; the rows are static, so they stand one behind the other.
  const rows = encodeWords([inputs.length, ...inputs.flat()]);
  const hashes = encodeWords([authorizationHashes.length, ...authorizationHashes]);
  const heads = encodeWords([64, 64 + rows.length]);
  return keccak(concatBytes(heads, rows, hashes));
}
