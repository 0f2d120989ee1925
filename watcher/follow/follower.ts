/**
 * Reads the events of L1 block by block, and takes back what a reorg removed: the hash of a head commits to all blocks
 * before it, so the newest head that L1 still has is where reading goes on.
 */

import type { AssertionReader, BlockReference, RollupReader } from '@quittance/chain';
import { RollupError } from '@quittance/protocol';
import type { Logger } from '../../runtime/index.ts';
import type { Head, WatchedEvent } from '../store/events.ts';
import type { WatcherStore } from '../store/store.ts';
import { readRange, requireStill } from './read-range.ts';
import { type MissingEvent, NUMBERED_WORDS } from './whole.ts';

/** A deeper reorg makes the watcher read everything again: what it forgot may have changed. */
export const MAX_REORG_BLOCKS = 128;
/** Heads that are kept: more than MAX_REORG_BLOCKS, since polls can be slower than blocks. */
const KEPT_HEADS = 512;
/** Blocks read before the findings are written to disk. */
const RANGE_BLOCKS = 10_000;
/** So many looks the missing events may only be late; then it goes back. */
const BACK_AFTER = 2;
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

/** Blocks of which L1 left events out: what it gave is not kept, so that the next look reads them again. */
export interface Unsettled {
  readonly events: readonly WatchedEvent[];
  /** The first that was left out, in words. */
  readonly missing: string;
  /** Whether it is missing although everything since the last one of its kind was read again. */
  readonly isLasting: boolean;
}

/** The outcome of reading L1 once. */
export interface Look {
  /** Everything up to here has been read. */
  readonly head: BlockReference;
  /** Blocks that L1 took back since the last look. */
  readonly removedBlocks: number;
  /** Everything was forgotten and read again. */
  readonly isFresh: boolean;
  /** Undefined when L1 left nothing out. */
  readonly unsettled: Unsettled | undefined;
}

/** Follows L1. */
export interface Follower {
  /** Reads up to the newest block. @throws RollupError L1_BEHIND, or L1_REORG when L1 changed meanwhile. */
  look(signal?: AbortSignal): Promise<Look>;
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

const headOf = ({ number, hash }: BlockReference): Head => ({ number, hash });

/** Blocks before a head that are kept too. */
async function readLandmarks(reader: RollupReader, head: BlockReference, from: number): Promise<BlockReference[]> {
  const blocks = await Promise.all(landmarksBefore(head.number, from).map((number) => reader.block(number)));
  await requireStill(reader, head);
  return blocks.filter((block) => block !== undefined);
}

/** A follower that continues where the database ends. */
export function createFollower(options: FollowerOptions): Follower {
  const { reader, store, logger } = options;
  /** Looks in a row from which events were missing. */
  let failures = 0;

  /** Numbers ascend with the blocks: what is missing stands in or after the block of the last one that is known. */
  function goBack(missing: MissingEvent): void {
    failures += 1;
    logger.warn('L1 left an event out; its blocks are read again', { ...missing, failures });
    if (failures !== BACK_AFTER) return;
    const block = store.events.lastBlockOf(missing.kind) ?? options.fromBlock;
    store.commit(() => store.events.rewind(Math.max(0, block - 1)));
  }

  return {
    async look(signal) {
      const head = await reader.head();
      const { next, ...change } = await rewind(options, head);
      const unsettled: WatchedEvent[] = [];
      let missing: MissingEvent | undefined;
      for (let from = next; from <= head.number; from += RANGE_BLOCKS) {
        signal?.throwIfAborted();
        const to = Math.min(head.number, from + RANGE_BLOCKS - 1);
        const isNewest = to === head.number;
        const end = isNewest ? head : await reader.block(to);
        if (end === undefined) throw new RollupError('L1_REORG', `L1 has no block ${to} any more`, { number: to });
        const range = await readRange(options, from, end, isNewest);
        missing ??= range.missing;
        if (missing !== undefined) {
          unsettled.push(...range.events);
          continue;
        }
        const landmarks = isNewest ? await readLandmarks(reader, head, from) : [];
        store.commit(() => {
          store.events.advance(headOf(end), range.events, KEPT_HEADS, landmarks.map(headOf));
        });
      }
      const settled = { head, ...change };
      if (missing === undefined) {
        failures = 0;
        return { ...settled, unsettled: undefined };
      }
      goBack(missing);
      const words = `${NUMBERED_WORDS[missing.kind]} ${missing.number}`;
      return { ...settled, unsettled: { events: unsettled, missing: words, isLasting: failures > BACK_AFTER } };
    },
  };
}
