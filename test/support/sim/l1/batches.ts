/** What L1 checks of any batch, and what the reference model says of it, which L1 does not know. */

import type { AssertionSubmission, BatchSubmission } from '@quittance/chain';
import { type Bytes32, headerHash, headerOf, type Profile, type StoredHeader } from '@quittance/protocol';
import { type ExecutionContext, executeBatch, type State, type Truth } from '../ledger/execution.ts';
import { entriesOf, kindOf, type SimRecord } from '../ledger/records.ts';
import { refuse } from './calls.ts';
import { QUEUE_TERMS, type SimQueue } from './queue.ts';

export type Submission = BatchSubmission | AssertionSubmission;

/** A batch that L1 took, with what is true of it. */
export interface TakenBatch {
  readonly submission: Submission;
  readonly header: StoredHeader;
  readonly headerHash: Bytes32;
  readonly chunks: readonly unknown[];
  readonly truth: Truth;
}

const headerHashes = new WeakMap<StoredHeader, Bytes32>();

/** The hash of a header, computed once: each replay of L1 asks for it again. */
export function hashOfHeader(header: StoredHeader): Bytes32 {
  const hash = headerHashes.get(header) ?? headerHash(header);
  headerHashes.set(header, hash);
  return hash;
}

/** What stands in the visible lists of a batch. */
interface VisibleRecords {
  readonly priority: readonly SimRecord[];
  /** Whether those of the queue come before all others. */
  readonly isInOrder: boolean;
}

function readVisible({ visible }: Submission): VisibleRecords {
  const entries = visible.flatMap(entriesOf);
  const isPriority = entries.map((entry) => [4, 5].includes(kindOf(entry)));
  const priority = entries.filter((_, position) => isPriority[position]);
  return { priority, isInOrder: isPriority.lastIndexOf(true) < priority.length };
}

const LOST_PARENT = { chunk: 0, slot: 0, what: 'it stands on a lie' };

/** Executes every batch once, however often a reorg has L1 take it. */
export class Truths {
  readonly #context: ExecutionContext;
  /** After true batches, by their header hash. */
  readonly #states = new Map<Bytes32, State>();
  readonly #headers = new WeakMap<Submission, StoredHeader>();
  readonly #visible = new WeakMap<Submission, VisibleRecords>();
  readonly #contents = new WeakMap<Submission, Bytes32>();
  readonly #known = new WeakMap<Submission, { readonly parent: State | undefined; readonly truth: Truth }>();

  constructor(context: ExecutionContext, genesis: Bytes32) {
    this.#context = context;
    this.#states.set(genesis, []);
  }

  /** The header that a batch makes, computed once. */
  headerOf(submission: Submission): StoredHeader {
    const header = this.#headers.get(submission) ?? headerOf(submission.parent, submission);
    this.#headers.set(submission, header);
    return header;
  }

  /** The visible records of a batch, decoded once. */
  visibleIn(submission: Submission): VisibleRecords {
    const known = this.#visible.get(submission) ?? readVisible(submission);
    this.#visible.set(submission, known);
    return known;
  }

  /** The content hash of an assertion, computed once. */
  contentOf(submission: AssertionSubmission, compute: () => Bytes32): Bytes32 {
    const known = this.#contents.get(submission) ?? compute();
    this.#contents.set(submission, known);
    return known;
  }

  /** The state after a true batch. */
  stateAfter(hash: Bytes32): State | undefined {
    return this.#states.get(hash);
  }

  of(submission: Submission, hash: Bytes32, parentHash: Bytes32): Truth {
    const parent = this.#states.get(parentHash);
    const known = this.#known.get(submission);
    if (known !== undefined && known.parent === parent) return known.truth;
    const truth: Truth =
      parent === undefined
        ? { lie: LOST_PARENT, before: [], after: [], transfers: [], priority: [], withdrawals: [] }
        : executeBatch(this.#context, parent, submission);
    if (truth.lie === undefined) this.#states.set(hash, truth.after);
    this.#known.set(submission, { parent, truth });
    return truth;
  }
}

export interface BatchRules {
  readonly profile: Profile;
  readonly queue: SimQueue;
  readonly truths: Truths;
}

/** @param now time of the block. @throws L1_REJECTED for what the contract refuses, whatever the proofs say. */
export function readBatch({ profile, queue, truths }: BatchRules, submission: Submission, now: number): TakenBatch {
  const { parent, time, roots, form, chunks, visible, commitments, feeTokens } = submission;
  const count = visible.length;
  if (time < parent.time) refuse('BatchBeforeParent');
  if (time > now) refuse('BatchInFuture', { blockTime: now, time });
  if (time + QUEUE_TERMS.maxBatchAge < now) refuse('BatchTooOld');
  if (count < 1 || count > profile.maxChunks) refuse('WrongChunkCount');
  const lengths = [roots.length - 1, commitments.length, feeTokens.length, chunks.length];
  if (form !== 'calldata' || lengths.some((length) => length !== count)) refuse('WrongListLength');
  if (chunks.some((data) => data.length !== (profile.slotsPerChunk / 2) * 31)) refuse('WrongDataLength');
  if (roots[0] !== parent.stateRoot) refuse('WrongFirstRoot');
  const { priority, isInOrder } = truths.visibleIn(submission);
  if (!isInOrder) refuse('PriorityRecordNotFirst');
  queue.judge(parent.priorityCount, priority, time, count * profile.slotsPerChunk);
  const header = truths.headerOf(submission);
  const hash = hashOfHeader(header);
  return {
    ...{ submission, header, headerHash: hash, chunks: visible },
    truth: truths.of(submission, hash, header.parentHash),
  };
}
