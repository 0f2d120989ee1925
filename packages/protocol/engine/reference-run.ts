/** One batch on its way through the reference engine: the state is only read, what changes lies beside it. */

import { invariantBroken } from '../errors/index.ts';
import { viewOf } from '../little-endian.ts';
import { SHARD_DEPTH } from '../params.ts';
import type { Crypto } from '../state/apply.ts';
import { nextCommitment } from '../state/chunk.ts';
import { type RollupState, StateOverlay } from '../state/state.ts';
import { hashLeaf, hashLeaves } from '../tree/leaf.ts';
import { type MerkleTree, shardOf } from '../tree/merkle-tree.ts';
import type { AccountChange, ChunkContext, Effects, LeafAccess, Operation } from '../types.ts';
import type { LeafChange } from './changes.ts';
import type { ChunkResult, EngineBatch, ExecuteOptions, RefusedSlot } from './engine.ts';
import { feesLeft, judgeOperation, NO_FEES } from './judge.ts';
import { createTraceBytes, writeSlot } from './pack-trace.ts';
import { SHARDS_BYTES, SLOT_TRACE_BYTES } from './trace.ts';

/** Lets other work run now and then: called after each slot, and between a few hashes. */
export type Pause = () => Promise<void> | undefined;

/** Leaves that are hashed between two pauses. */
const LEAVES_PER_PAUSE = 64;

/** A chunk so far. */
interface ChunkProgress {
  fees: readonly bigint[];
  commitment: bigint;
  /** Of the whole chunk, filled slot by slot; undefined without traces. */
  readonly trace: Uint8Array | undefined;
  /** Leaves to hash at the end, without traces. */
  readonly written: Set<number>;
}

/** Executes the chunks of one batch in order; `commit` makes the state what they lead to. */
export class ReferenceRun {
  readonly refusals: RefusedSlot[] = [];
  readonly #crypto: Crypto;
  readonly #state: RollupState;
  readonly #oldRoot: bigint;
  readonly #overlay: StateOverlay;
  readonly #tree: MerkleTree;
  readonly #batch: Pick<EngineBatch, 'domain' | 'batchTime'>;
  readonly #options: ExecuteOptions;
  readonly #pause: Pause;
  /** Slots of the chunks before. */
  #position = 0;

  constructor(crypto: Crypto, state: RollupState, batch: EngineBatch, options: ExecuteOptions, pause: Pause) {
    this.#crypto = crypto;
    this.#state = state;
    this.#oldRoot = state.root;
    this.#overlay = new StateOverlay(state);
    this.#tree = state.forkTree();
    this.#batch = batch;
    this.#options = options;
    this.#pause = pause;
  }

  get #isRefused(): boolean {
    return this.refusals.length > 0;
  }

  /** Whether nothing that follows is looked at. */
  get isStopped(): boolean {
    return this.#isRefused && this.#options.onInvalid === 'stop';
  }

  /** Executes the next chunk. Undefined once something was refused: then only the rules are looked at. */
  async chunk(
    index: number,
    operations: readonly Operation[],
    feeTokens: readonly bigint[],
  ): Promise<ChunkResult | undefined> {
    const { domain, batchTime } = this.#batch;
    const context: ChunkContext = { domain, batchTime, feeTokens };
    const oldRoot = this.#tree.root;
    const trace = this.#options.traces ? createTraceBytes(this.#tree.shards(), operations.length) : undefined;
    const progress: ChunkProgress = { fees: NO_FEES, commitment: 0n, trace, written: new Set() };
    for (const [slot, operation] of operations.entries()) {
      this.#slot(index, slot, operation, context, progress);
      if (this.isStopped) return undefined;
      await this.#pause();
    }
    const left = feesLeft(progress.fees);
    if (left !== undefined) this.refusals.push({ chunk: index, slot: operations.length - 1, ...left });
    this.#position += operations.length;
    if (this.#isRefused) return undefined;
    await this.#hashWritten(progress.written);
    const newRoot = this.#tree.root;
    const commitment = this.#commits ? progress.commitment : undefined;
    const packed = trace && { context, oldRoot, newRoot, commitment: progress.commitment, bytes: trace };
    return { oldRoot, newRoot, commitment, trace: packed };
  }

  /** What the batch wrote. */
  changes(): LeafChange[] {
    return [...this.#overlay.written()].map(([index, after]) => ({ index, before: this.#state.get(index), after }));
  }

  /** Makes the state what the batch leads to. @throws RollupError INVARIANT_BROKEN when somebody else changed it meanwhile. */
  commit(): void {
    const { root } = this.#state;
    if (root !== this.#oldRoot) {
      throw invariantBroken('the state was changed while a batch was executed on it', {
        expected: this.#oldRoot,
        actual: root,
      });
    }
    this.#state.adopt(this.#overlay.written(), this.#tree);
  }

  get #commits(): boolean {
    return this.#options.commitments || this.#options.traces;
  }

  #slot(chunk: number, slot: number, operation: Operation, context: ChunkContext, progress: ChunkProgress): void {
    const { signatures } = this.#options;
    const position = this.#position + slot;
    const at = { context, fees: progress.fees, signatures, position };
    const outcome = judgeOperation(this.#crypto, this.#overlay, operation, at);
    if (!outcome.valid) {
      this.refusals.push({ chunk, slot, ...outcome.invalid });
      return;
    }
    const { changes, fees } = outcome.effects;
    if (progress.trace !== undefined && !this.#isRefused) {
      this.#traceSlot(progress.trace, slot, operation, outcome.effects, progress);
    } else {
      for (const change of changes) {
        this.#overlay.write(change);
        progress.written.add(change.index);
      }
    }
    if (this.#commits && !this.#isRefused) {
      progress.commitment = nextCommitment(this.#crypto, progress.commitment, operation);
    }
    progress.fees = fees;
  }

  /** Makes the changes one by one, as the circuit does: the receiver's leaf is read after the sender's has been written. */
  #traceSlot(
    trace: Uint8Array,
    slot: number,
    operation: Operation,
    { changes }: Effects,
    { commitment, fees }: ChunkProgress,
  ): void {
    const perform = (index: number, role: AccountChange['role']): bigint => {
      for (const change of changes.filter((candidate) => candidate.role === role)) this.#write(change);
      return this.#tree.node(SHARD_DEPTH, shardOf(index));
    };
    const { from: sender, to: receiver } = operation.fields;
    const from = this.#access(sender);
    const fromRoot = perform(sender, 'sender');
    const to = this.#access(receiver);
    const toRoot = perform(receiver, 'receiver');
    const offset = SHARDS_BYTES + slot * SLOT_TRACE_BYTES;
    writeSlot(viewOf(trace), offset, { operation, from, to, commitment, fees, fromRoot, toRoot });
  }

  #access(index: number): LeafAccess {
    return { index, account: this.#overlay.get(index), children: this.#tree.path(index, SHARD_DEPTH) };
  }

  #write(change: AccountChange): void {
    this.#tree.setLeaf(change.index, hashLeaf(this.#crypto.hasher, change.after));
    this.#overlay.write(change);
  }

  /** The roots after a whole chunk, with each node hashed once. */
  async #hashWritten(written: ReadonlySet<number>): Promise<void> {
    const indices = [...written];
    const leaves: (readonly [index: number, leaf: bigint])[] = [];
    for (let first = 0; first < indices.length; first += LEAVES_PER_PAUSE) {
      const some = indices.slice(first, first + LEAVES_PER_PAUSE);
      const hashes = hashLeaves(
        this.#crypto.hasher,
        some.map((index) => this.#overlay.get(index)),
      );
      leaves.push(...some.map((index, at) => [index, hashes[at]!] as const));
      await this.#pause();
    }
    for (const _ of this.#tree.setLeavesInSteps(leaves, LEAVES_PER_PAUSE)) await this.#pause();
  }
}
