/** Commitment to the state between two records, which is what a dispute is about. */

import { type Bytes32, encodeWords, keccak } from '../batch/index.ts';

/** What a record changes. */
export interface StepState {
  readonly stateRoot: bigint;
  /** Four fee sums. */
  readonly fees: readonly bigint[];
  /** Visible records of the chunk up to here. */
  readonly visibleCount: number;
}

/**
 * keccak(abi(uint256 stateRoot, uint256[4] fees, uint256[4] feeTokens, uint256 visibleCount)).
 * Twin: contracts/step/StepCommitment.sol StepCommitment.
 */
export function stepCommitment({ stateRoot, fees, visibleCount }: StepState, feeTokens: readonly bigint[]): Bytes32 {
  return keccak(encodeWords([stateRoot, ...fees, ...feeTokens, visibleCount]));
}
