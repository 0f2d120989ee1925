/**
 * Reads the events of L1 block by block, and takes back what a reorg removed: the hash of a head commits to all blocks
 * before it, so the newest head that L1 still has is where reading goes on.
 */

import { type AssertionReader, type BlockReference, DISPUTE_EVENTS, type RollupReader } from '@quittance/chain';
import { RollupError } from '@quittance/protocol';
import type { Logger } from '../../runtime/index.ts';
import type { Head, WatchedEvent } from '../store/events.ts';
import type { WatcherStore } from '../store/store.ts';

/** A deeper reorg makes the watcher read everything again: what it forgot may have changed. */
export const MAX_REORG_BLOCKS = 128;
/** Heads that are kept: more than MAX_REORG_BLOCKS, since polls can be slower than blocks. */
const KEPT_HEADS = 512;
/** Blocks read before the findings are written to disk. */
const RANGE_BLOCKS = 10_000;
/** Distances from the head at which hashes are kept as well, to locate a reorg closely even after a long pause. */
const LANDMARKS = [1, 2, 4, 8, 16, 32, 64, MAX_REORG_BLOCKS] as const;

export interface FollowerOptions {
  readonly reader: RollupReader;
  readonly assertions: AssertionReader;
  readonly store: WatcherStore;
  readonly logger: Logger;
  /** Block of the deployment, or one before it. */
  readonly fromBlock: number;
}

/** The outcome of reading L1 once. */
export interface Look {
  /** Everything up to here has been read. */
  readonly head: BlockReference;
  /** Blocks that L1 took back since the last look. */
  readonly removedBlocks: number;
  /** Everything was forgotten and read again. */
  readonly isFresh: boolean;
}

/** Follows L1. */
export interface Follower {
  /** Reads up to the newest block. @throws RollupError L1_UNREACHABLE, L1_BEHIND, or L1_REORG when L1 changed meanwhile. */
  look(signal?: AbortSignal): Promise<Look>;
}

/** @throws RollupError L1_REORG when L1 has another block at this height by now. */
async function requireStill(
  { reader }: FollowerOptions,
  { number, hash }: Pick<BlockReference, 'number' | 'hash'>,
): Promise<void> {
  if ((await reader.block(number))?.hash === hash) return;
  throw new RollupError('L1_REORG', `L1 changed block ${number} while it was read; it is read again`, { number });
}

/** A chain never shrinks by that much: the node is not synced, and nothing is forgotten because of it. */
async function requireNotBehind(
  { reader }: FollowerOptions,
  head: BlockReference,
  heads: readonly Head[],
): Promise<void> {
  const newest = heads[0]!;
  if (newest.number - head.number <= MAX_REORG_BLOCKS) return;
  const shared = heads.find(({ number }) => number <= head.number);
  if (shared !== undefined && (await reader.block(shared.number))?.hash !== shared.hash) return; // another chain
  const message =
    `the newest block of L1 is ${head.number}, block ${newest.number} was read before: the node is not synced. Give ` +
    'another node, or another database when this chain began anew';
  throw new RollupError('L1_BEHIND', message, { expected: newest.number, actual: head.number });
}

/** The heads within reach of a reorg that is followed block by block, newest first. */
export function reachableHeads(heads: readonly Head[]): Head[] {
  const newest = heads[0]?.number ?? 0;
  return heads.filter(({ number }) => newest - number <= MAX_REORG_BLOCKS);
}

/** Goes back to the newest head that L1 still has; everything after it is forgotten. @returns the next block to read. */
async function rewind(
  options: FollowerOptions,
  head: BlockReference,
): Promise<Pick<Look, 'removedBlocks' | 'isFresh'> & { readonly next: number }> {
  const { reader, store, logger, fromBlock } = options;
  const heads = store.events.heads();
  const newest = heads[0];
  if (newest === undefined) return { removedBlocks: 0, isFresh: true, next: fromBlock };
  await requireNotBehind(options, head, heads);
  for (const { number, hash } of reachableHeads(heads)) {
    if ((await reader.block(number))?.hash !== hash) continue;
    const removedBlocks = newest.number - number;
    if (removedBlocks > 0) {
      logger.warn('L1 took blocks back', { blocks: removedBlocks, from: number + 1 });
      store.commit(() => store.events.rewind(number));
    }
    return { removedBlocks, isFresh: false, next: number + 1 };
  }
  logger.warn('L1 took back more blocks than are kept; everything is read again', { kept: MAX_REORG_BLOCKS });
  store.reset();
  return { removedBlocks: newest.number - fromBlock + 1, isFresh: true, next: fromBlock };
}

/** The blocks before a head, down to `from`, whose hashes are kept as well. */
export function landmarksBefore(head: number, from: number): number[] {
  return LANDMARKS.map((distance) => head - distance).filter((number) => number >= from);
}

/** A follower that continues where the database ends. */
export function createFollower(options: FollowerOptions): Follower {
  const { reader, assertions, store } = options;

  async function readRange(from: number, end: BlockReference): Promise<WatchedEvent[]> {
    const [finals, events] = await Promise.all([
      reader.finalizedBatches(from, end.number),
      assertions.events(from, end.number, DISPUTE_EVENTS),
    ]);
    await requireStill(options, end);
    return [...finals.map((batch) => ({ type: 'finalized' as const, ...batch })), ...events];
  }

  async function readLandmarks(head: BlockReference, from: number): Promise<BlockReference[]> {
    const blocks = await Promise.all(landmarksBefore(head.number, from).map((number) => reader.block(number)));
    await requireStill(options, head);
    return blocks.filter((block) => block !== undefined);
  }

  return {
    async look(signal) {
      const head = await reader.head();
      const { next, ...change } = await rewind(options, head);
      for (let from = next; from <= head.number; from += RANGE_BLOCKS) {
        signal?.throwIfAborted();
        const to = Math.min(head.number, from + RANGE_BLOCKS - 1);
        const end = to === head.number ? head : await reader.block(to);
        if (end === undefined) throw new RollupError('L1_REORG', `L1 has no block ${to} any more`, { number: to });
        const events = await readRange(from, end);
        const landmarks = to === head.number ? await readLandmarks(head, from) : [];
        store.commit(() => {
          for (const { number, hash } of landmarks) store.events.advance({ number, hash }, [], KEPT_HEADS);
          store.events.advance({ number: end.number, hash: end.hash }, events, KEPT_HEADS);
        });
      }
      return { head, ...change };
    },
  };
}
