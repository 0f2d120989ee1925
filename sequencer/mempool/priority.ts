/**
 * Brings confirmed priority operations of L1 into the log, in queue order, each once, and only from blocks whose logs add
 * up to the contract's own count. What a reorg deeper than the confirmations requested again is accepted; where L1 has
 * something else now, or nothing, it tells once that is certain (sequencer/reorg/watch.ts).
 */

import { type BlockReference, type PriorityRequest, requireAll } from '@quittance/chain';
import { invariantBroken, isPassing, isRollupError, RollupError } from '@quittance/protocol';
import { createLoop, type Loop } from '../../runtime/index.ts';
import { pendingContext, type SequencerContext } from '../context.ts';
import { isLost } from '../log-writer.ts';
import type { Doubt, Sight } from '../reorg/doubt.ts';
import { createEarlierLeaves } from '../reorg/earlier-leaves.ts';
import { createReorgWatch } from '../reorg/watch.ts';
import type { Ledger } from './ledger.ts';
import type { OpenEntry } from './open-entry.ts';
import {
  type Cursor,
  findReadingPoint,
  forgetCursor,
  type ReadingPoint,
  readCursor,
  writeCursor,
} from './reading-point.ts';
import { groupOf, isEntryOf, operationOf, placeOf } from './requests.ts';
import { createRetrials } from './retrials.ts';
import { seeNothing } from './taken-back.ts';

/** Follows L1. */
export interface PriorityReader {
  start(): void;
  /** Looks at L1 now. @throws RollupError L1_UNREACHABLE, L1_LOGS_INCOMPLETE, L1_INCONSISTENT, L1_REORG or FOREIGN_BATCH_FINAL. */
  poll(): Promise<void>;
  stop(): Promise<void>;
}

export interface PriorityReaderOptions {
  readonly context: SequencerContext;
  readonly ledger: Ledger;
  /** Told of each group that entered the log. */
  readonly onAppended: () => void;
  /** Told of each look at L1 that succeeded. */
  readonly onHead: (head: BlockReference) => void;
  /** Told what L1 took back for certain: nothing may be built on it any more. */
  readonly onTakenBack: (doubt: Doubt) => void;
}

/** Most blocks that one look reads, so that a long catching-up is committed in steps. */
const MAX_BLOCKS = 5_000;
/** Blocks whose state every node still has: most keep that of the last 128. */
const KEPT_STATES = 100;

/** Whether the log has another operation in the place of the request. */
function isAnother({ storage }: Pick<SequencerContext, 'storage'>, request: PriorityRequest): boolean {
  const row = storage.priority.get(request.queueIndex);
  if (row === undefined) return false;
  return !isEntryOf(request, storage.log.get(row.sequence)?.entry);
}

/**
 * Appends requests that the log does not have yet, and moves the cursor, if there is one; no other work runs in between.
 * Those that it has must be the same.
 */
async function takeOn(
  context: SequencerContext,
  ledger: Ledger,
  requests: readonly PriorityRequest[],
  cursor?: Cursor,
): Promise<number> {
  const { storage, writer, clock, events } = context;
  const receivedMs = clock.nowMs();
  const fresh: { readonly request: PriorityRequest; readonly open: OpenEntry }[] = [];
  const earlierLeaf = createEarlierLeaves(storage, ledger);
  const leafOf = (keyY: bigint, owner: bigint, tokenId: number): number =>
    ledger.directory.find(keyY, owner, tokenId) ?? earlierLeaf(keyY, owner, tokenId) ?? ledger.leaves.peek();
  for (const request of requests) {
    if (storage.priority.get(request.queueIndex) !== undefined) continue;
    const operation = operationOf(request, leafOf);
    const { queueIndex } = request;
    const entry = { type: 'priority', queueIndex, operation, ...groupOf(request), place: placeOf(request) } as const;
    const open = { sequence: writer.next + fresh.length, receivedMs, entry };
    ledger.append(open, pendingContext(context));
    fresh.push({ request, open });
  }
  const appending = writer.append({
    entries: fresh.map(({ open }) => open.entry),
    receivedMs,
    also() {
      for (const { request, open } of fresh) {
        const { queueIndex, fields } = request;
        storage.priority.insert({ queueIndex, sequence: open.sequence, kind: fields.kind, ...placeOf(request) });
      }
      for (const request of requests) storage.priority.move(request.queueIndex, request);
      if (cursor !== undefined) writeCursor(storage, cursor);
    },
    onCommitted() {
      if (fresh.length > 0) events.emit('appended', { entries: fresh.map(({ open }) => open) });
    },
  });
  if (appending !== undefined) await appending;
  return fresh.length;
}

/** Whether a request stands in another block of this number. */
function isElsewhere({ blockNumber, blockHash }: PriorityRequest, { number, hash }: BlockReference): boolean {
  return blockNumber === number && blockHash !== hash;
}

/** The error for a block that L1 took back while it was read. */
function changed(number: number): RollupError<'L1_REORG'> {
  return new RollupError('L1_REORG', `L1 changed block ${number} while it was read; it is read again`, { number });
}

/**
 * The requests of the blocks from the point to `to` in the order of the queue, and the last of the blocks.
 *
 * @throws RollupError L1_REORG when L1 changed meanwhile.
 */
async function readRequests(
  { chain }: Pick<SequencerContext, 'chain'>,
  { fromBlock, restsOn }: ReadingPoint,
  to: number,
) {
  const before = await chain.block(to);
  const requests = await chain.priorityRequests(fromBlock, to);
  requests.sort((one, other) => one.queueIndex - other.queueIndex);
  // Between the two looks at the last block: what was read before is of its chain too. A reorg since the point was found may
  // have put other requests in front of it, which nobody would ever read.
  if (restsOn !== undefined && (await chain.block(restsOn.blockNumber))?.hash !== restsOn.blockHash)
    throw changed(restsOn.blockNumber);
  const last = await chain.block(to);
  // The same block before and after: the logs are those of its chain, and not of one that it took the place of.
  if (last === undefined || before?.hash !== last.hash) throw changed(to);
  if (requests.some((request) => isElsewhere(request, last))) throw changed(to);
  return { requests, last };
}

/** Whether the cursor that the point is from was forgotten since: it stays so, because L1 has another queue than was read. */
function isForgotten({ storage }: Pick<SequencerContext, 'storage'>, { isRereading }: ReadingPoint): boolean {
  return !isRereading && readCursor(storage) === undefined;
}

/** What some blocks held. */
interface SomeBlocks {
  readonly isMore: boolean;
  /** What they say against the log. */
  readonly sight: Sight | undefined;
}

/** Calls of `work` that wait for those before them; after the end, for which it waits, they do nothing. */
function oneAfterTheOther(work: () => Promise<void>): { next(): Promise<void>; end(): Promise<void> } {
  let last: Promise<void> = Promise.resolve();
  let isOver = false;
  return {
    next() {
      const next = last.then(() => (isOver ? undefined : work()));
      last = next.catch(() => undefined);
      return next;
    },
    end() {
      isOver = true;
      return last;
    },
  };
}

/** A reader that goes on where the database says. */
export function createPriorityReader(options: PriorityReaderOptions): PriorityReader {
  const { context, ledger, onAppended, onHead, onTakenBack } = options;
  const { config, chain, storage, clock, logger, measurements, halt } = context;
  const retrials = createRetrials();
  const watch = createReorgWatch(context);
  /** The last block that has its confirmations. */
  const confirmedOf = (newest: number): number => newest - config.confirmations + 1;

  /**
   * Reads the next blocks, of which `newest` is the last one.
   *
   * @throws RollupError L1_LOGS_INCOMPLETE, L1_INCONSISTENT, or L1_REORG when L1 changed meanwhile.
   */
  async function readSome(point: ReadingPoint, newest: number): Promise<SomeBlocks> {
    const { fromBlock: from, nextIndex } = point;
    const confirmed = confirmedOf(newest);
    const to = Math.min(confirmed, from + MAX_BLOCKS - 1);
    const { requests, last } = await readRequests(context, point, to);
    // Nodes forget the state of old blocks: those before the last ones are confirmed by what follows them.
    const hasCount = to === confirmed && newest - to < KEPT_STATES;
    const requestedCount = hasCount ? (await chain.queueState(last.hash)).requestedCount : undefined;
    const indices = requests.map(({ queueIndex }) => queueIndex);
    requireAll('priority operation', indices, { next: nextIndex, count: requestedCount }, { from, to });
    const readCount = Math.max(nextIndex, (indices.at(-1) ?? -1) + 1);
    const cursor = { blockNumber: to, blockHash: last.hash, requestedCount: readCount };
    const other = requests.findIndex((request) => isAnother(context, request));
    if (other >= 0) {
      // The blocks are read again until this is certain, or no longer so.
      await takeOn(context, ledger, requests.slice(0, other));
      const { queueIndex, blockNumber, blockHash } = requests[other]!;
      return { isMore: false, sight: { queueIndex, found: 'another', blockNumber, blockHash } };
    }
    const count = await takeOn(context, ledger, requests, isForgotten(context, point) ? undefined : cursor);
    if (count > 0) {
      logger.info('took priority operations on', { count, fromBlock: from, toBlock: to });
      onAppended();
    }
    return { isMore: to < confirmed, sight: seeNothing(storage) };
  }

  async function look(): Promise<void> {
    const trial = retrials.begin();
    for (let isMore = true; isMore; ) {
      const head = await chain.head();
      const point = await findReadingPoint(
        storage,
        config.deploymentBlock,
        async ({ blockNumber, blockHash }) => (await chain.block(blockNumber))?.hash === blockHash,
      );
      measurements.l1Block.set(head.number);
      measurements.l1LastLook.set(clock.nowMs() / 1_000);
      onHead(head);
      if (point.fromBlock > confirmedOf(head.number)) break;
      try {
        const { isMore: more, sight } = await readSome(point, head.number);
        isMore = more;
        const certain = more ? undefined : await watch.looked(sight, head.number);
        if (certain !== undefined) onTakenBack(certain);
      } catch (error) {
        const next = trial.after(error, point);
        if (next === 'giveUp') throw error;
        logger.warn('the answers of L1 do not fit together; it is read again', { error, from: next });
        if (next === 'lastOperation') forgetCursor(storage);
      }
    }
    retrials.succeeded();
  }

  // While an operation is on its way into the log, another look would not find it there.
  const looks = oneAfterTheOther(look);

  const loop: Loop = createLoop({
    clock,
    intervalMs: config.l1PollMs,
    run: looks.next,
    onError: (error) => {
      if (isLost(error)) return; // whoever owns the writer knows
      if (isPassing(error)) logger.warn('L1 cannot be read; trying again', { error });
      else halt(isRollupError(error) ? error : invariantBroken(`reading L1 failed: ${error}`, {}, error));
    },
  });

  return { start: loop.start, poll: looks.next, stop: () => loop.stop().then(looks.end) };
}
