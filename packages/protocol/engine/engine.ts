/**
 * What executes whole batches: the reference in TypeScript (`reference.ts`), or the native core (native/engine.ts). Both give
 * the same bytes for the same batch; a test and the shadow of a sequencer hold them to that.
 */

import type { ErrorCode } from '../errors/index.ts';
import type { ExecutionState } from '../state/state.ts';
import type { Account } from '../types.ts';
import type { LeafChanges } from './changes.ts';
import type { PackedTrace } from './trace.ts';

/** The records of one chunk. */
export interface EngineChunk {
  /** M operations of OPERATION_BYTES (`operation.ts`), one after the other. */
  readonly operations: Uint8Array;
  /** Four, strictly ascending, FEE_TOKEN_FILLER as the filler. */
  readonly feeTokens: readonly bigint[];
}

/** A batch to execute. */
export interface EngineBatch {
  readonly domain: bigint;
  /** Unix seconds. */
  readonly batchTime: number;
  readonly chunks: readonly EngineChunk[];
}

/**
 * How a signature is judged. `believed`: not at all; a signed kind without an authorization passes too, and never expires.
 * `verified`: by EdDSA, over the message in the state of its turn. `ids`: the message must be the id that was checked before,
 * 32 little-endian bytes for each slot, 0 for kinds that nobody signs.
 * Twin: native/core/src/engine/signatures.rs Signatures.
 */
export type SignatureJudge = 'believed' | 'verified' | { readonly ids: Uint8Array };

/**
 * What to do with a batch.
 * Twin: native/core/src/engine/batch.rs Options.
 */
export interface ExecuteOptions {
  readonly signatures: SignatureJudge;
  /** Whether the first record that breaks a rule ends the execution, or is passed over like the others of its kind. */
  readonly onInvalid: 'stop' | 'skip';
  /** Whether chunks come with what a prover needs. */
  readonly traces: boolean;
  /** Whether chunks come with their commitments; with traces they do. */
  readonly commitments: boolean;
}

/** A record that breaks a rule, or the last slot of a chunk that leaves fees uncollected. */
export interface RefusedSlot {
  readonly chunk: number;
  readonly slot: number;
  readonly code: ErrorCode;
  readonly message: string;
  readonly expected?: string;
  readonly actual?: string;
}

/** An executed chunk. */
export interface ChunkResult {
  readonly oldRoot: bigint;
  readonly newRoot: bigint;
  readonly commitment: bigint | undefined;
  readonly trace: PackedTrace | undefined;
}

/** What became of a batch. */
export interface Execution {
  /** In order. When there is one, the state is as before, and `chunks` and `changes` are empty. */
  readonly refusals: readonly RefusedSlot[];
  readonly chunks: readonly ChunkResult[];
  /** Each leaf that the batch wrote, once, by ascending index. */
  readonly changes: LeafChanges;
}

/** Executes batches on states that it made. */
export interface Engine {
  readonly name: 'reference' | 'native';
  /**
   * A state with these accounts.
   *
   * @throws RollupError OUT_OF_RANGE for an index beyond the tree or a field beyond its width, RESOURCES_SHORT when it needs
   * more memory than it may have.
   */
  createState(accounts?: Iterable<readonly [index: number, account: Account]>): ExecutionState;
  /**
   * The state of rows as `ExecutionState.rows` gives them.
   *
   * @param expectedRoot what it must have as its root.
   * @throws RollupError SNAPSHOT_DAMAGED for rows that are torn, out of order or out of range; CLAIM_FALSE for another root;
   * RESOURCES_SHORT.
   */
  restore(rows: Uint8Array, expectedRoot: bigint): ExecutionState;
  /**
   * Executes a batch off the main thread where it can. The state changes at the end, all at once, and only when nothing is
   * refused; whoever reads it meanwhile sees that before the batch.
   *
   * @throws RollupError WRONG_LENGTH or OUT_OF_RANGE for bytes that are no operations, FEE_TOKEN_ORDER, RESOURCES_SHORT;
   * nothing has changed then. INVARIANT_BROKEN for a state of another engine, or while another call executes on it.
   */
  execute(state: ExecutionState, batch: EngineBatch, options: ExecuteOptions): Promise<Execution>;
}
