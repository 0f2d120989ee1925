/** What binds a chunk's data on L1 to its proof. Source: docs/protocol.md, Chunk. */

import { requireAddress } from '../address.ts';
import { requireBits, requireFieldElement } from '../integers.ts';
import { CHALLENGE_TAG_TEXT, FEE_TOKEN_BITS, FEE_TOKEN_COUNT, FIELD_MODULUS, TIME_BITS } from '../params.ts';
import { encodeRecord } from '../records/codec.ts';
import { requireFeeTokens } from '../state/execute.ts';
import type { ChunkPublicInputs, ChunkTrace, Operation } from '../types.ts';
import { type Bytes32, encodeWords, keccakText, keccakToField } from './abi.ts';

/** The deployment that a batch belongs to. */
export interface Deployment {
  readonly chainId: bigint;
  /** Address of the rollup contract. */
  readonly contract: string;
}

/** keccak of the tag text: the first word of every challenge. */
export const CHALLENGE_TAG: Bytes32 = keccakText(CHALLENGE_TAG_TEXT);

/**
 * domain = keccak(abi(chainId, contract)) mod r: part of every signed message. @throws RollupError INVALID_ADDRESS or OUT_OF_RANGE.
 * Twin: contracts/libraries/Headers.sol domain.
 */
export function domainOf({ chainId, contract }: Deployment): bigint {
  return keccakToField(encodeWords([chainId, requireAddress('contract', contract)]));
}

/** What the challenge z of a chunk commits to. */
export interface ChallengeContent extends Deployment {
  readonly batchNumber: number;
  readonly chunkIndex: number;
  /** keccak of the chunk's data. */
  readonly dataHash: Bytes32;
  readonly commitment: bigint;
  readonly oldRoot: bigint;
  readonly newRoot: bigint;
}

/** z_k. @throws RollupError INVALID_ADDRESS or OUT_OF_RANGE. Twin: contracts/libraries/Headers.sol challenge. */
export function chunkChallenge(content: ChallengeContent): bigint {
  const { chainId, contract, batchNumber, chunkIndex, dataHash, commitment, oldRoot, newRoot } = content;
  return keccakToField(
    encodeWords([
      CHALLENGE_TAG,
      chainId,
      requireAddress('contract', contract),
      batchNumber,
      chunkIndex,
      dataHash,
      commitment,
      oldRoot,
      newRoot,
    ]),
  );
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
 * Public input 8: fee tokens and batch time.
 * Twin: circuits/context.circom Context.
 * Twin: contracts/base/BatchRules.sol _context.
 */
export function packContext(feeTokens: readonly bigint[], batchTime: number): bigint {
  const time = BigInt(requireBits('batchTime', batchTime, TIME_BITS));
  return packFeeTokens(feeTokens) | (time << BigInt(FEE_TOKEN_BITS * FEE_TOKEN_COUNT));
}

/** The two Horner sums. */
export interface HornerSums {
  readonly sumA: bigint;
  readonly sumB: bigint;
}

/** The sums after one more record. Twin: circuits/lib/binding.circom Binding. */
export function nextSums(
  { sumA, sumB }: HornerSums,
  challenge: bigint,
  { fields, words }: Pick<Operation, 'fields' | 'words'>,
): HornerSums {
  return {
    sumA: (sumA * challenge + encodeRecord(fields)) % FIELD_MODULUS,
    sumB: words.reduce((sum, word) => (sum * challenge + word) % FIELD_MODULUS, sumB),
  };
}

/**
 * The sums over a whole chunk.
 * Twin: contracts/libraries/RecordData.sol RecordData.
 * Twin: contracts/libraries/Horner.sol Horner.
 */
export function hornerSums(challenge: bigint, operations: readonly Pick<Operation, 'fields' | 'words'>[]): HornerSums {
  requireFieldElement('challenge', challenge);
  return operations.reduce<HornerSums>((sums, operation) => nextSums(sums, challenge, operation), {
    sumA: 0n,
    sumB: 0n,
  });
}

/** The public inputs of an executed chunk under challenge z. */
export function chunkPublicInputs(trace: ChunkTrace, challenge: bigint): ChunkPublicInputs {
  const { context, oldRoot, newRoot, commitment, slots } = trace;
  return {
    oldRoot,
    newRoot,
    commitment,
    challenge,
    ...hornerSums(
      challenge,
      slots.map((slot) => slot.operation),
    ),
    domain: context.domain,
    context: packContext(context.feeTokens, context.batchTime),
  };
}

/** Public inputs as the verifier takes them: the order of docs/protocol.md. */
export function publicInputsOf(inputs: ChunkPublicInputs): bigint[] {
  const { oldRoot, newRoot, commitment, challenge, sumA, sumB, domain, context } = inputs;
  return [oldRoot, newRoot, commitment, challenge, sumA, sumB, domain, context];
}
