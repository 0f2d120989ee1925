/** What an assertion's content hash stands for. Source: docs/protocol.md, Assertion. */

import { RollupError } from '../errors/index.ts';
import { requireBits } from '../integers.ts';
import { FEE_TOKEN_BITS, FEE_TOKEN_COUNT, TIME_BITS } from '../params.ts';
import { type Bytes32, encodeAbi, keccak } from './abi.ts';
import { batchChallenge } from './challenge.ts';
import { type Deployment, domainOf, publicInputsOf, visibleSum } from './chunk.ts';
import { type BatchContent, chunkCountOf, chunksContentOf, recordsOf, visibleRecordsOf } from './content.ts';
import { type BatchForm, formNumber } from './form.ts';
import type { ChunksContent } from './header.ts';
import { chunkEvaluation, splitEvaluation } from './polynomial.ts';

/**
 * Everything that disputes and proofs of an assertion need and that L1 does not keep.
 * Twin: contracts/types/AssertionTypes.sol AssertionContent.
 */
export interface AssertionContent {
  readonly form: BatchForm;
  /** Nine public inputs a chunk, in the order of docs/protocol.md, Chunk. */
  readonly inputs: readonly (readonly bigint[])[];
  /** As the header has them. */
  readonly dataHashes: readonly Bytes32[];
  /** keccak of each chunk's authorizations; none for form evaluations, whose blobs have them. */
  readonly authorizationHashes: readonly Bytes32[];
  /** K. */
  readonly visibleHashes: readonly Bytes32[];
}

/** What a batch says, with the authorizations that an assertion adds. Its form is calldata or evaluations. */
export interface AssertedBatch extends BatchContent {
  /** K strings of 69 bytes for each signed record; none for form evaluations. */
  readonly authorizations: readonly Uint8Array[];
}

/** Words of one row: the public inputs of a chunk. */
const INPUTS_PER_CHUNK = 9;

function requireLengths(batch: AssertedBatch): void {
  const count = chunkCountOf(batch);
  const { form, roots, commitments, feeTokens, chunks, authorizations } = batch;
  const inCalldata = form === 'calldata' ? count : 0;
  const lengths = [roots.length - 1, commitments.length, feeTokens.length, chunks.length, authorizations.length];
  const expected = [count, count, count, inCalldata, inCalldata];
  if (lengths.some((length, list) => length !== expected[list])) {
    throw new RollupError('WRONG_LENGTH', `the lists of a batch of ${count} chunks are for ${lengths} chunks`, {
      name: 'roots, commitments, feeTokens, chunks, authorizations',
      expected: expected.join(),
      actual: lengths.join(),
    });
  }
}

/** What a proof of each chunk would show of its data. Nothing proves data in the form of evaluations: zeros. */
function dataInputs(deployment: Deployment, slotsPerChunk: number, batch: AssertedBatch, content: ChunksContent) {
  if (batch.form !== 'calldata') {
    return batch.visible.map(() => ({ challenge: 0n, yLow: 0n, yHigh: 0n, sumV: 0n }));
  }
  const challenge = batchChallenge({ ...deployment, ...content, number: batch.number });
  const records = recordsOf(batch, slotsPerChunk);
  // As L1 sums it: over the list, whether or not it is that of the records.
  return visibleRecordsOf(batch).map((visible, chunk) => ({
    challenge,
    ...splitEvaluation(chunkEvaluation(records[chunk]!, challenge)),
    sumV: visibleSum(challenge, visible),
  }));
}

/**
 * The content of an assertion. The records are read, not executed: a wrong batch has a content too.
 *
 * @param slotsPerChunk M of the deployment.
 * @throws RollupError WRONG_LENGTH, OUT_OF_RANGE or RESERVED_KIND for a batch that L1 refuses.
 */
export function assertionContent(
  deployment: Deployment,
  slotsPerChunk: number,
  batch: AssertedBatch,
): AssertionContent {
  if (batch.form === 'coefficients') {
    throw new RollupError('OUT_OF_RANGE', 'no batch is asserted in the form of coefficients', {
      actual: batch.form,
      expected: 'calldata or evaluations',
    });
  }
  requireLengths(batch);
  const { time, roots, commitments, feeTokens, authorizations } = batch;
  const content = chunksContentOf(batch);
  const domain = domainOf(deployment);
  const packedTime = BigInt(requireBits('time', time, TIME_BITS)) << BigInt(FEE_TOKEN_BITS * FEE_TOKEN_COUNT);
  const inputs = dataInputs(deployment, slotsPerChunk, batch, content).map((dataInput, chunk) =>
    publicInputsOf({
      oldRoot: roots[chunk]!,
      newRoot: roots[chunk + 1]!,
      commitment: commitments[chunk]!,
      ...dataInput,
      domain,
      context: requireBits('feeTokens', feeTokens[chunk]!, FEE_TOKEN_BITS * FEE_TOKEN_COUNT) | packedTime,
    }),
  );
  const { form, dataHashes, visibleHashes } = content;
  return { form, inputs, dataHashes, authorizationHashes: authorizations.map(keccak), visibleHashes };
}

/**
 * keccak(abi(uint8 form, uint256[9][] inputs, bytes32[] dataHashes, bytes32[] authorizationHashes, bytes32[] visibleHashes)).
 * Twin: contracts/assertions/AssertedBatches.sol _contentHash.
 *
 * @throws RollupError WRONG_LENGTH when a row has not nine inputs.
 */
export function contentHash(content: AssertionContent): Bytes32 {
  const { form, inputs, dataHashes, authorizationHashes, visibleHashes } = content;
  if (inputs.some((row) => row.length !== INPUTS_PER_CHUNK)) {
    throw new RollupError('WRONG_LENGTH', `a chunk has ${INPUTS_PER_CHUNK} public inputs`, {
      name: 'inputs',
      expected: INPUTS_PER_CHUNK,
      actual: inputs.map((row) => row.length).join(','),
    });
  }
  return keccak(encodeAbi([formNumber(form), inputs, dataHashes, authorizationHashes, visibleHashes]));
}
