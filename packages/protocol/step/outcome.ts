/**
 * What a disputed step gives, and the commitment that its prover makes before showing it.
 * Source: docs/protocol.md, Disputes.
 */

import { type Bytes32, encodeWords, keccak } from '../batch/index.ts';
import { RECORD_ERROR_CODES, type RecordErrorCode } from '../errors/index.ts';
import { FEE_TOKEN_COUNT } from '../params.ts';
import type { StepState } from './commitment.ts';

/** The one outcome of a record as a dispute sees it: the state after it, or the rule that it breaks. */
export type StepOutcome =
  | { readonly valid: true; readonly state: StepState }
  | { readonly valid: false; readonly code: RecordErrorCode };

/** An invalid record has no state after it: L1 gives zeros. */
const NO_STATE: StepState = {
  stateRoot: 0n,
  fees: Array.from({ length: FEE_TOKEN_COUNT }, () => 0n),
  visibleCount: 0,
};

/** StepResult on L1: 0 for a valid record, else the place of the code among the rules, from 1. */
export function stepResultOf(outcome: StepOutcome): number {
  return outcome.valid ? 0 : RECORD_ERROR_CODES.indexOf(outcome.code) + 1;
}

/** Inverse of `stepResultOf`: the code of a result of L1, 'valid' for 0, undefined for a number that is none. */
export function stepCodeOf(result: number): RecordErrorCode | 'valid' | undefined {
  return result === 0 ? 'valid' : RECORD_ERROR_CODES[result - 1];
}

/** keccak(abi(uint8 result, uint256 stateRoot, uint256[4] fees, uint256 visibleCount)). */
export function stepOutcomeHash(outcome: StepOutcome): Bytes32 {
  const { stateRoot, fees, visibleCount } = outcome.valid ? outcome.state : NO_STATE;
  return keccak(encodeWords([stepResultOf(outcome), stateRoot, ...fees, visibleCount]));
}

/** What a prover of a step commits to. */
export interface StepClaim {
  /** Address of who will send the proof. */
  readonly prover: string;
  /** Secret until the proof: it hides which step is meant. */
  readonly salt: Bytes32;
  readonly assertionId: bigint;
  readonly chunk: number;
  readonly slot: number;
  readonly outcome: StepOutcome;
}

/**
 * keccak(abi(address prover, bytes32 salt, uint64 id, uint256 chunk, uint256 slot, bytes32 outcome)).
 * Twin: contracts/assertions/StepProofs.sol proveStep.
 */
export function stepProofCommitment({ prover, salt, assertionId, chunk, slot, outcome }: StepClaim): Bytes32 {
  return keccak(encodeWords([prover, salt, assertionId, chunk, slot, stepOutcomeHash(outcome)]));
}
