/**
 * What became of batches on L1, as a follower learns it: from L1 alone, in whatever mode the leader brings them there, and
 * without ever sending anything.
 */

import type { BlockReference } from '@quittance/chain';
import { areDisputesRunning, asRollupError, contestedChunks, isPassing } from '@quittance/protocol';
import { createLoop, type Loop } from '../../runtime/index.ts';
import type { BatchRow, Inclusion } from '../../storage/index.ts';
import type { Optimistic, SequencerContext } from '../context.ts';
import { createAssertionSearch, type FindAssertion } from '../publisher/assertions.ts';
import { type BatchStates, createBatchStates, isOnL1, type OnBatchState, placeOf } from '../publisher/batch-states.ts';
import { firstBlockOf } from '../publisher/first-block.ts';
import { mismatch } from '../publisher/refusals.ts';
import { createPriorityPlaces } from './priority-places.ts';

export interface L1FollowerOptions {
  readonly context: SequencerContext;
  readonly onState: OnBatchState;
  /** Reads the journal to its end. @returns false when this node stops before. @throws RollupError why it cannot. */
  readonly readJournal: () => Promise<boolean>;
  /** Told of each look that succeeded. */
  readonly onHead: (head: BlockReference) => void;
}

/** Follows the batches of the database on L1. */
export interface L1Follower {
  /** Looks now. @throws RollupError FOREIGN_BATCH_FINAL, or why L1 or the journal cannot be read. */
  look(): Promise<void>;
  readonly loop: Loop;
}

/** Where batches are on L1, as the database has it. */
function createPlaces(
  { context: { storage, chain }, readJournal }: Pick<L1FollowerOptions, 'context' | 'readJournal'>,
  states: BatchStates,
) {
  /** The batch as it is now: since it was read the leader may have opened it again, and sealed another. */
  const present = ({ number, headerHash }: BatchRow): BatchRow | undefined => {
    const now = storage.batches.get(number);
    return now?.headerHash === headerHash ? now : undefined;
  };
  const isInPlace = async ({ inclusion, state }: BatchRow): Promise<boolean> => {
    if (inclusion === undefined || !isOnL1(state)) return false;
    return (await chain.block(inclusion.blockNumber))?.hash === inclusion.blockHash;
  };
  const notePosted = (batch: BatchRow, place: Inclusion): void => {
    const now = present(batch);
    if (now !== undefined) states.posted(now, place);
  };
  /**
   * L1 has another batch than this database. The leader may have opened ours again, which stands in the journal before
   * anything that it sent to L1 since: only behind all of that it is certain that another producer's is final.
   *
   * @throws RollupError FOREIGN_BATCH_FINAL, or why the journal cannot be read.
   */
  const requireReplaced = async (batch: BatchRow, hash: string): Promise<false> => {
    if ((await readJournal()) && present(batch) !== undefined) throw mismatch(batch, hash);
    return false;
  };
  return { present, isInPlace, notePosted, requireReplaced };
}

/** Looks of whoever asks, one behind the other: two at a time would record the same twice. */
function oneAtATime(look: () => Promise<void>): () => Promise<void> {
  let last: Promise<void> = Promise.resolve();
  return () => {
    const next = last.then(look);
    last = next.catch(() => undefined);
    return next;
  };
}

/** A follower that looks when it is started or told to. */
export function createL1Follower(options: L1FollowerOptions): L1Follower {
  const { context, onState, onHead } = options;
  const { chain, storage, config, clock, logger, optimistic, halt, measurements } = context;
  const states = createBatchStates(context, onState);
  const find = optimistic && createAssertionSearch(context, optimistic.assertions);

  const { present, isInPlace, notePosted, requireReplaced } = createPlaces(options, states);
  const priorityPlaces = createPriorityPlaces(context);

  /** @returns whether it is final. @throws RollupError as `requireReplaced`. */
  async function confirm(batch: BatchRow, head: BlockReference): Promise<boolean> {
    const hash = await chain.headerHash(batch.number);
    if (hash === undefined) return false; // a reorg between two answers
    if (hash !== batch.headerHash) return await requireReplaced(batch, hash);
    const finalized = await chain.findBatch(batch.number, await firstBlockOf(context, batch), head.number);
    if (finalized?.headerHash !== batch.headerHash) return false; // in a newer block than the head that was read
    if (!(await isInPlace(batch))) notePosted(batch, (await find?.(batch, head))?.place ?? placeOf(finalized));
    const now = present(batch);
    if (now === undefined || head.number < finalized.blockNumber + config.confirmations - 1) return false;
    states.final(now);
    return true;
  }

  /**
   * Records what waits for the end of its challenge period.
   *
   * @returns the number of the first batch that is not on L1; undefined when L1 moved on between two answers.
   */
  async function noteWaiting(
    { assertions, terms }: Optimistic,
    search: FindAssertion,
    head: BlockReference,
  ): Promise<number | undefined> {
    const { finalNumber, lastNumber } = await assertions.pendingRange();
    for (let number = finalNumber + 1; number <= lastNumber; number++) {
      const batch = storage.batches.get(number);
      const assertionId = await assertions.pendingId(number);
      if (assertionId === undefined) return undefined;
      if (batch === undefined) return number;
      const status = await assertions.assertion(assertionId);
      if (status.headerHash !== batch.headerHash) return number;
      const place = (await isInPlace(batch)) ? undefined : (await search(batch, head))?.place;
      if (place !== undefined) notePosted(batch, place);
      const disputes = await Promise.all(
        contestedChunks(status).map((chunk) => assertions.chunkDisputes(assertionId, chunk)),
      );
      const now = present(batch);
      const isDisputed = disputes.some((chunk) => areDisputesRunning(terms, chunk, head.timestamp));
      if (now !== undefined && isOnL1(now.state)) states.disputed(now, isDisputed);
    }
    return lastNumber + 1;
  }

  async function lookOnce(): Promise<void> {
    const head = await chain.head();
    measurements.l1Block.set(head.number);
    measurements.l1LastLook.set(clock.nowMs() / 1_000);
    onHead(head);
    const { number: onL1 } = await chain.finalState();
    const first = (storage.batches.lastFinal()?.number ?? 0) + 1;
    for (const batch of storage.batches.range(first, onL1)) if (!(await confirm(batch, head))) break;
    const missing = optimistic && find ? await noteWaiting(optimistic, find, head) : onL1 + 1;
    const from = missing === undefined ? Number.MAX_SAFE_INTEGER : Math.max(onL1 + 1, missing);
    const lost = storage.batches.range(from, Number.MAX_SAFE_INTEGER).filter(({ state }) => isOnL1(state));
    if (lost[0] !== undefined) logger.warn('L1 no longer has batches', { first: lost[0].number, count: lost.length });
    for (const batch of lost.reverse()) states.unposted(batch, 'sealed');
    await priorityPlaces.look(head.number);
  }

  const look = oneAtATime(lookOnce);
  const loop = createLoop({
    clock,
    intervalMs: config.l1PollMs,
    run: look,
    onError(error) {
      const cause = asRollupError('following L1', error);
      if (isPassing(cause)) logger.warn('L1 cannot be read; trying again', { code: cause.code, reason: cause.message });
      else halt(cause);
    },
  });
  return { look, loop };
}
