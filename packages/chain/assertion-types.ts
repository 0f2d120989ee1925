/**
 * Optimistic mode on L1 as the services see it. Source: docs/protocol.md, Optimistic mode, and
 * contracts/interfaces/IAssertions.sol.
 */

import type {
  AssertionContent,
  Bytes32,
  Groth16Proof,
  StepState,
  StepWitness,
  StoredHeader,
} from '@quittance/protocol';
import type { SidecarBlob } from './blobs/sidecar.ts';
import type { AssertionSubmission, BatchSubmission, Included, L1Inclusion } from './types.ts';

export type { AssertionContent } from '@quittance/protocol';

/** What the deployment of optimistic mode fixed. */
export interface AssertionConstants {
  /** Address of the Assertions contract, 0x-prefixed. */
  readonly address: string;
  /** Seconds. */
  readonly challengePeriodSeconds: number;
  readonly answerWindowSeconds: number;
  readonly stepWindowSeconds: number;
  /** Wei. */
  readonly assertionBond: bigint;
  readonly disputeBond: bigint;
  readonly maxPending: number;
}

/** An event of the Assertions contract, in the order of L1; `logIndex` orders those of one block. */
export type AssertionEvent = L1Inclusion & { readonly logIndex: number } & (
    | {
        readonly type: 'asserted';
        readonly assertionId: bigint;
        readonly headerHash: Bytes32;
        readonly asserter: string;
        /** The batch came with proofs, and there is no bond. */
        readonly isProven: boolean;
        readonly header: StoredHeader;
      }
    | {
        readonly type: 'chunksProven';
        readonly assertionId: bigint;
        readonly firstChunk: number;
        readonly count: number;
      }
    | {
        readonly type: 'disputed';
        readonly disputeId: bigint;
        readonly assertionId: bigint;
        readonly chunk: number;
        readonly disputer: string;
      }
    | {
        readonly type: 'answered';
        readonly assertionId: bigint;
        readonly chunk: number;
        /** After slots 0 to M − 2. */
        readonly commitments: readonly Bytes32[];
      }
    | { readonly type: 'stepCommitted'; readonly commitment: Bytes32; readonly sender: string }
    | {
        readonly type: 'stepProven';
        readonly assertionId: bigint;
        readonly chunk: number;
        readonly slot: number;
        /** StepResult: 0 valid, then the codes of the rules in order. */
        readonly result: number;
      }
    | {
        readonly type: 'rejected';
        readonly assertionId: bigint;
        readonly number: number;
        readonly winner: string;
        readonly unanswered: boolean;
      }
    | { readonly type: 'disputeSettled'; readonly disputeId: bigint; readonly isLost: boolean }
    | { readonly type: 'bondReleased' | 'bondForfeited'; readonly assertionId: bigint }
  );

/** An assertion as the contract keeps it. */
export interface AssertionStatus {
  readonly headerHash: Bytes32;
  readonly contentHash: Bytes32;
  readonly asserter: string;
  /** Unix seconds. */
  readonly assertedAt: number;
  readonly chunkCount: number;
  readonly number: number;
  readonly isRejected: boolean;
  readonly isReleased: boolean;
  readonly isPending: boolean;
  /** Bit k: chunk k. */
  readonly provenChunks: bigint;
  readonly disputedChunks: bigint;
}

/** The disputes of one chunk as the contract keeps them; times are 0 before the event. */
export interface ChunkDisputesStatus {
  readonly answerHash: Bytes32;
  readonly firstDisputeId: bigint;
  readonly firstDisputeAt: number;
  readonly lastDisputeAt: number;
  readonly answeredAt: number;
}

/** A dispute as the contract keeps it. */
export interface DisputeStatus {
  readonly assertionId: bigint;
  readonly chunk: number;
  readonly disputer: string;
  readonly openedAt: number;
  readonly isSettled: boolean;
}

/** The arguments of proveStep. */
export interface StepProof {
  readonly assertionId: bigint;
  readonly chunk: number;
  readonly slot: number;
  readonly salt: Bytes32;
  readonly content: AssertionContent;
  /** `calldata`: the chunk's data; else empty. */
  readonly data: Uint8Array;
  /** `calldata`: the chunk's authorizations; else empty. */
  readonly authorizations: Uint8Array;
  /** `evaluations`: commitment of the blob, then value and proof of each element that is needed; else empty. */
  readonly openings: Uint8Array;
  /** Of the chunk's visible list. */
  readonly entryHashes: readonly Bytes32[];
  /** The entry at `before.visibleCount` for a visible record, if the list has it; else empty. */
  readonly entry: Uint8Array;
  readonly commitments: readonly Bytes32[];
  readonly before: StepState;
  readonly witness: StepWitness;
}

/** One call of the Assertions contract that a service makes; `toAssertionCall` turns it into a transaction. */
export type AssertionAction =
  | {
      readonly type: 'assertBatch';
      readonly submission: AssertionSubmission;
      /** Those of form evaluations. */
      readonly blobs?: readonly SidecarBlob[];
    }
  | { readonly type: 'submitBatch'; readonly submission: BatchSubmission }
  | {
      readonly type: 'submitProofs';
      readonly assertionId: bigint;
      readonly content: AssertionContent;
      readonly firstChunk: number;
      readonly proofs: readonly Groth16Proof[];
    }
  | { readonly type: 'finalizeBatches'; readonly headers: readonly StoredHeader[] }
  | {
      readonly type: 'openDispute';
      readonly assertionId: bigint;
      readonly headerHash: Bytes32;
      readonly chunk: number;
    }
  | {
      readonly type: 'answerDispute';
      readonly assertionId: bigint;
      readonly headerHash: Bytes32;
      readonly chunk: number;
      readonly commitments: readonly Bytes32[];
    }
  | { readonly type: 'commitStep'; readonly commitment: Bytes32 }
  | { readonly type: 'proveStep'; readonly proof: StepProof }
  | { readonly type: 'rejectUnanswered'; readonly assertionId: bigint; readonly chunk: number }
  | { readonly type: 'settleDispute'; readonly disputeId: bigint }
  | { readonly type: 'releaseBond'; readonly assertionId: bigint }
  | { readonly type: 'collectCredit'; readonly receiver: string };

/** Reads the Assertions contract. Every method throws RollupError L1_UNREACHABLE when L1 does not answer. */
export interface AssertionReader {
  /** Undefined when the rollup was deployed without optimistic mode. Call it first. */
  connect(): Promise<AssertionConstants | undefined>;
  /** Events in blocks [from, to], in order. @param names of those to read; all if not given. */
  events(fromBlock: number, toBlock: number, names?: readonly string[]): Promise<AssertionEvent[]>;
  /** Assertions and disputes up to this block; ids start at 1. */
  counts(blockHash: Bytes32): Promise<{ readonly assertionCount: number; readonly disputeCount: number }>;
  /** Last final and last waiting batch; equal when none waits. */
  pendingRange(): Promise<{ readonly finalNumber: number; readonly lastNumber: number }>;
  /** Undefined when no batch of this number waits. */
  pendingId(number: number): Promise<bigint | undefined>;
  assertion(assertionId: bigint): Promise<AssertionStatus>;
  chunkDisputes(assertionId: bigint, chunk: number): Promise<ChunkDisputesStatus>;
  dispute(disputeId: bigint): Promise<DisputeStatus>;
  isFinalizable(): Promise<boolean>;
  /** 0 when nobody committed to it. */
  stepCommittedAt(commitment: Bytes32): Promise<number>;
  /** Wei that an account can collect. */
  creditOf(account: string): Promise<bigint>;
  /** The data of an assertion: the arguments of the call of assertBatch or submitBatch in this transaction. */
  submission(transactionHash: Bytes32): Promise<AssertionSubmission | BatchSubmission>;
}

/** A reader that also acts for one account. */
export interface AssertionChain extends AssertionReader {
  /** Address of the account. */
  readonly account: string;
  /** What the action would do now. @throws RollupError L1_REJECTED with the contract's error. */
  dryRun(action: AssertionAction): Promise<{ readonly gas: bigint; readonly costWei: bigint }>;
  /**
   * Dry-runs the action, sends it and waits until it is included in a block.
   *
   * @throws RollupError L1_REJECTED with the contract's error, TRANSACTION_STUCK, L1_UNREACHABLE, or the signal's reason.
   */
  send(action: AssertionAction, signal?: AbortSignal): Promise<Included>;
}

/** An AssertionChain whose caller can fix the nonce: of two sends with one nonce L1 includes one at most. */
export interface PinnedAssertionChain extends AssertionChain {
  /** Nonce after the account's last included transaction. */
  nextNonce(): Promise<number>;
  /** Wei of the account. @throws RollupError L1_UNREACHABLE. */
  balance(): Promise<bigint>;
  /**
   * As `send`, with this nonce.
   *
   * @throws RollupError as `send`; NONCE_TAKEN or NONCE_AHEAD when it is not the account's next one.
   */
  send(action: AssertionAction, signal?: AbortSignal, nonce?: number): Promise<Included>;
}
