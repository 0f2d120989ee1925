/** L1 as the services see it. Everything read from it is untrusted until the protocol's hashes confirm it. */

import type { BatchContent, Bytes32, Groth16Proof, RecordFields, RecordWords, StoredHeader } from '@quittance/protocol';
import type { Prices } from './account.ts';
import type { SidecarBlob } from './blobs/sidecar.ts';

/** A block of L1. */
export interface BlockReference {
  readonly number: number;
  readonly hash: Bytes32;
  readonly parentHash: Bytes32;
  /** Unix seconds. */
  readonly timestamp: number;
}

/** Where something was included. */
export interface L1Inclusion {
  readonly transactionHash: Bytes32;
  readonly blockNumber: number;
  readonly blockHash: Bytes32;
}

/** What a transaction of ours used. */
export interface Included extends L1Inclusion {
  readonly gasUsed: bigint;
  /** Wei paid for its gas, that of its blobs too. */
  readonly costWei: bigint;
}

/** What a transaction carries. */
export interface TransactionContent {
  /** Calldata, 0x-prefixed. */
  readonly data: string;
  /** Versioned hashes of its blobs, in order; none for a transaction without blobs. */
  readonly blobHashes: readonly Bytes32[];
}

/** A deposit or exit request in the queue, alone or in a group that `importMoves` made. */
export interface PriorityRequest extends L1Inclusion {
  readonly queueIndex: number;
  /** Queue index of the first operation of its group; its own when it is alone. */
  readonly groupStart: number;
  /** Operations of its group, which a batch executes whole or not at all; 1 when it is alone. */
  readonly groupSize: number;
  /** With 0 where the producer fills in. */
  readonly fields: RecordFields;
  /** Three words; w2 is 0 for an exit. */
  readonly words: RecordWords;
  /** Unix seconds: due then, or later behind others that are pending. */
  readonly deadline: number;
  /** Wei for the producer. */
  readonly fee: bigint;
}

/** A batch that L1 accepted. */
export interface FinalizedBatch extends L1Inclusion {
  readonly header: StoredHeader;
  /** Of this header: L1 gave both, and they were compared. */
  readonly headerHash: Bytes32;
}

/** A batch that was asserted, or proven on a waiting parent. It is final only when a FinalizedBatch has its hash. */
export interface PostedAssertion extends L1Inclusion {
  readonly headerHash: Bytes32;
}

/** A batch as its transaction has it. What stands in blobs is named by their hashes and read from a `BlobSource`. */
export interface PostedBatch extends BatchContent {
  readonly parent: StoredHeader;
}

/** A batch with the bytes of its blobs: those of `blobHashes`, whose hashes were checked; none for `calldata`. */
export type WithBlobs<Batch extends BatchContent> = Batch & { readonly blobs: readonly Uint8Array[] };

/** A call of submitBatch. */
export interface BatchSubmission extends PostedBatch {
  /** `coefficients`: K evaluations y_k < q; none for `calldata`. */
  readonly evaluations: readonly bigint[];
  /** `coefficients`: commitment and proof of the blob, 48 bytes each; empty for `calldata`. */
  readonly opening: Uint8Array;
  readonly proofs: readonly Groth16Proof[];
}

/** A call of assertBatch. */
export interface AssertionSubmission extends PostedBatch {
  /** `calldata`: one string of 69-byte authorizations a chunk; none for `evaluations`. */
  readonly authorizations: readonly Uint8Array[];
}

/** A withdrawal or move that was paid, to whomever. */
export interface ClaimedWithdrawal extends L1Inclusion {
  readonly batch: number;
  readonly index: number;
  /** Number of the destination that a move was paid to; undefined when the owner was paid. */
  readonly destination: number | undefined;
}

/** What the deployment fixed. */
export interface RollupConstants {
  readonly domain: bigint;
  readonly slotsPerChunk: number;
  readonly maxChunks: number;
  readonly maxBatchAgeSeconds: number;
  /** Whether batches may have their data in blobs. */
  readonly blobsAllowed: boolean;
}

/** Progress of the contract in one block. */
export interface FinalState {
  readonly number: number;
  readonly priorityCount: number;
  readonly transferToNewCount: number;
}

/** What wallets ask about a deployment, and what may change over time. */
export interface DeploymentFacts {
  /** Wei that each request of the queue pays. */
  readonly priorityFee: bigint;
  /** Tokens that have an id, ETH included. */
  readonly tokenCount: number;
  /** Contract of the optimistic mode; undefined where there is none. */
  readonly assertions: string | undefined;
}

/** A token of the rollup, and what it says of itself. */
export interface TokenFacts {
  /** The zero address for ETH. */
  readonly address: string;
  /** As the token gave it, cleaned (`token-text.ts`); undefined when it gave none. */
  readonly symbol: string | undefined;
  /** Undefined when it gave none, or more than any amount has. */
  readonly decimals: number | undefined;
}

/** How much was requested up to one block. */
export interface QueueState {
  readonly requestedCount: number;
  readonly depositCount: number;
}

/** Reads the rollup contract. Every method throws RollupError L1_UNREACHABLE when L1 does not answer. */
export interface RollupReader {
  readonly chainId: bigint;
  /** Address of the rollup contract, 0x-prefixed. */
  readonly contract: string;
  /** @throws RollupError L1_WRONG_CHAIN when the provider serves another chain, or there is no contract. */
  connect(): Promise<RollupConstants>;
  /** The newest block. @throws RollupError L1_WRONG_CHAIN when the provider serves another chain by now. */
  head(): Promise<BlockReference>;
  /** The canonical block of this number, or undefined when there is none (yet, or any more). */
  block(number: number): Promise<BlockReference | undefined>;
  /** Progress after this block; after the newest one when absent. */
  finalState(blockHash?: Bytes32): Promise<FinalState>;
  /** Requests up to this block, deposits among them; up to the newest one when absent. */
  queueState(blockHash?: Bytes32): Promise<QueueState>;
  /** Priority fee, tokens and assertions as of the newest block. */
  deploymentFacts(): Promise<DeploymentFacts>;
  /**
   * A token by its id. What the token itself fails to say is undefined; only what the rollup says is an error.
   *
   * @throws RollupError L1_REJECTED when the rollup has no such token.
   */
  tokenFacts(tokenId: number): Promise<TokenFacts>;
  /** How many destinations of moves there are after this block. */
  destinationCount(blockHash: Bytes32): Promise<number>;
  /** Hash of a final batch's header; undefined when there is none. */
  headerHash(number: number): Promise<Bytes32 | undefined>;
  /** Requests in blocks [from, to], in queue order, each operation of a group for itself. */
  priorityRequests(fromBlock: number, toBlock: number): Promise<PriorityRequest[]>;
  /** Batches in blocks [from, to], in order. */
  finalizedBatches(fromBlock: number, toBlock: number): Promise<FinalizedBatch[]>;
  /** Batch `number`, looked for in blocks [from, to]. */
  findBatch(number: number, fromBlock: number, toBlock: number): Promise<FinalizedBatch | undefined>;
  /** Withdrawals and moves that were paid in blocks [from, to]. */
  claims(fromBlock: number, toBlock: number): Promise<ClaimedWithdrawal[]>;
  /** The arguments of the submitBatch call in this transaction. @throws RollupError L1_TRANSACTION_UNKNOWN or CALLDATA_UNREADABLE. */
  submission(transactionHash: Bytes32): Promise<BatchSubmission>;
  /** Batches that were asserted in blocks [from, to], in order; none where there is no optimistic mode. */
  assertions(fromBlock: number, toBlock: number): Promise<PostedAssertion[]>;
  /** The batch in this transaction, proven or asserted. @throws RollupError L1_TRANSACTION_UNKNOWN or CALLDATA_UNREADABLE. */
  batchData(transactionHash: Bytes32): Promise<BatchSubmission | AssertionSubmission>;
}

/** Reads the contract and submits batches to it. */
export interface RollupChain extends RollupReader {
  /**
   * Submits a batch and waits until it is included in a block (not until it is confirmed).
   *
   * @param blobs that of form coefficients, else none.
   * @throws RollupError L1_REJECTED with the contract's error, TRANSACTION_STUCK, L1_UNREACHABLE, or the signal's reason.
   */
  submitBatch(submission: BatchSubmission, blobs?: readonly SidecarBlob[], signal?: AbortSignal): Promise<Included>;
  /** What gas costs now. @throws RollupError L1_UNREACHABLE. */
  prices(): Promise<Prices>;
  /** Wei of the account that submits. @throws RollupError L1_UNREACHABLE. */
  balance(): Promise<bigint>;
}
