/** What binds a chunk's data on L1 to its proof. Source: docs/protocol.md, Chunk. */

import { requireAddress } from '../address.ts';
import { operationsOf } from '../engine/pack-trace.ts';
import type { PackedTrace } from '../engine/trace.ts';
import { requireBits } from '../integers.ts';
import { CHALLENGE_BITS, FEE_TOKEN_BITS, FEE_TOKEN_COUNT, FIELD_MODULUS, TIME_BITS } from '../params.ts';
import { encodeRecord } from '../records/codec.ts';
import { requireFeeTokens } from '../state/chunk.ts';
import type { ChunkPublicInputs, Operation } from '../types.ts';
import { encodeWords, keccakToField } from './abi.ts';
import { chunkEvaluation, splitEvaluation } from './polynomial.ts';

/** The deployment that a batch belongs to. */
export interface Deployment {
  readonly chainId: bigint;
  /** Address of the rollup contract. */
  readonly contract: string;
}

/**
 * domain = keccak(abi(chainId, contract)) mod r: part of every signed message. @throws RollupError INVALID_ADDRESS or OUT_OF_RANGE.
 * Twin: contracts/libraries/Headers.sol domain.
 */
export function domainOf({ chainId, contract }: Deployment): bigint {
  return keccakToField(encodeWords([chainId, requireAddress('contract', contract)]));
}

/** The four fee tokens in 132 bits. @throws RollupError FEE_TOKEN_ORDER. */
export function packFeeTokens(feeTokens: readonly bigint[]): bigint {
  return requireFeeTokens(feeTokens).reduce(
    (packed, token, position) => packed | (token << BigInt(FEE_TOKEN_BITS * position)),
    0n,
  );
}

/** Inverse of `packFeeTokens`. @throws RollupError OUT_OF_RANGE or FEE_TOKEN_ORDER. */
export function unpackFeeTokens(packed: bigint): bigint[] {
  requireBits('feeTokens', packed, FEE_TOKEN_BITS * FEE_TOKEN_COUNT);
  const mask = (1n << BigInt(FEE_TOKEN_BITS)) - 1n;
  const feeTokens = Array.from(
    { length: FEE_TOKEN_COUNT },
    (_, position) => (packed >> BigInt(FEE_TOKEN_BITS * position)) & mask,
  );
  requireFeeTokens(feeTokens);
  return feeTokens;
}

/**
 * Public input 9: fee tokens and batch time.
 * Twin: circuits/context.circom Context.
 * Twin: contracts/libraries/ChunkContext.sol pack.
 */
export function packContext(feeTokens: readonly bigint[], batchTime: number): bigint {
  const time = BigInt(requireBits('batchTime', batchTime, TIME_BITS));
  return packFeeTokens(feeTokens) | (time << BigInt(FEE_TOKEN_BITS * FEE_TOKEN_COUNT));
}

/**
 * sumV after one more record: a visible one (with words) adds itself and its words, any other leaves it.
 * Twin: circuits/lib/binding.circom Binding.
 */
export function nextVisibleSum(
  sumV: bigint,
  challenge: bigint,
  { fields, words }: Pick<Operation, 'fields' | 'words'>,
): bigint {
  if (words.length === 0) return sumV;
  return [encodeRecord(fields), ...words].reduce((sum, value) => (sum * challenge + value) % FIELD_MODULUS, sumV);
}

/**
 * sumV over a whole chunk, or over its visible records alone.
 * Twin: contracts/libraries/VisibleLists.sol sum.
 *
 * @throws RollupError OUT_OF_RANGE when z has more than 128 bits.
 */
export function visibleSum(challenge: bigint, operations: readonly Pick<Operation, 'fields' | 'words'>[]): bigint {
  requireBits('challenge', challenge, CHALLENGE_BITS);
  return operations.reduce((sum, operation) => nextVisibleSum(sum, challenge, operation), 0n);
}

/**
 * The public inputs of an executed chunk under challenge z.
 *
 * @throws RollupError OUT_OF_RANGE when z has more than 128 bits, WRONG_LENGTH or OUT_OF_RANGE for bytes that are no trace.
 */
export function chunkPublicInputs(trace: PackedTrace, challenge: bigint): ChunkPublicInputs {
  const { context, oldRoot, newRoot, commitment } = trace;
  const operations = operationsOf(trace);
  return {
    oldRoot,
    newRoot,
    commitment,
    challenge,
    ...splitEvaluation(chunkEvaluation(operations, challenge)),
    sumV: visibleSum(challenge, operations),
    domain: context.domain,
    context: packContext(context.feeTokens, context.batchTime),
  };
}

/** Public inputs as the verifier takes them: the order of docs/protocol.md. */
export function publicInputsOf(inputs: ChunkPublicInputs): bigint[] {
  const { oldRoot, newRoot, commitment, challenge, yLow, yHigh, sumV, domain, context } = inputs;
  return [oldRoot, newRoot, commitment, challenge, yLow, yHigh, sumV, domain, context];
}
