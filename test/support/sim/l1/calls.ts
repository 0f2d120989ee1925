/** Transactions of the simulated L1, and the blocks that they stand in. */

import type { AssertionAction, BatchSubmission, BlockReference } from '@quittance/chain';
import { keccak, RollupError } from '@quittance/protocol';

/** A deposit as somebody asks for it. */
export interface DepositRequest {
  readonly keyY: bigint;
  readonly owner: bigint;
  readonly token: number;
  readonly amount: bigint;
}

/** What a transaction calls. */
export type SimCall =
  | { readonly type: 'submitFinal'; readonly submission: BatchSubmission }
  | { readonly type: 'deposit'; readonly deposits: readonly DepositRequest[] }
  | { readonly type: 'requestExit'; readonly owner: bigint; readonly index: number; readonly token: number }
  | { readonly type: 'claim'; readonly batch: number; readonly index: number }
  | { readonly type: 'registerDestination' }
  | AssertionAction;

/** Where and by whom a call is executed. */
export interface Execution {
  readonly sender: string;
  readonly transactionHash: string;
  readonly block: BlockReference;
}

/** A revert. */
export function refuse(name: string, values: Record<string, string | number> = {}): never {
  throw new RollupError('L1_REJECTED', `the contract refused: ${name}`, { error: name, ...values });
}

/** A hash that nothing else has. */
export const hashOf = (text: string): string => keccak(new TextEncoder().encode(text));
