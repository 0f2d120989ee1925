/**
 * Brings confirmed priority operations of L1 into the log, in queue order, each once, and only from blocks whose logs add
 * up to the contract's own count. What a reorg deeper than the confirmations requested again is accepted; what differs
 * stops the sequencer.
 */

import { type BlockReference, type PriorityRequest, requireAll } from '@quittance/chain';
import { invariantBroken, isPassing, isRollupError, RollupError } from '@quittance/protocol';
import { createLoop, type Loop } from '../../runtime/index.ts';
import type { PriorityRow } from '../../storage/index.ts';
import { pendingContext, type SequencerContext } from '../context.ts';
import type { Ledger } from './ledger.ts';
import type { OpenEntry } from './open-entry.ts';
import { type Cursor, findReadingPoint, forgetCursor, type ReadingPoint, writeCursor } from './reading-point.ts';
import { groupOf, isSameRequest, operationOf, placeOf } from './requests.ts';
import { createRetrials } from './retrials.ts';

/** Follows L1. */
export interface PriorityReader {
  start(): void;
  /** Looks at L1 now. @throws RollupError L1_UNREACHABLE, L1_LOGS_INCOMPLETE, L1_REORG or L1_REORG_TOO_DEEP. */
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
}

/** Most blocks that one look reads, so that a long catching-up is committed in steps. */
const MAX_BLOCKS = 5_000;
/** Blocks whose state every node still has: most keep that of the last 128. */
const KEPT_STATES = 100;

/** @throws RollupError L1_REORG_TOO_DEEP unless the request is the operation that the log has in its place. */
function requireKnown({ storage, config }: SequencerContext, request: PriorityRequest, row: PriorityRow): void {
  const entry = storage.log.get(row.sequence)?.entry;
  const isSame = entry?.type === 'priority' && isSameRequest(request, entry.operation);
  if (isSame && entry.groupEnd === groupOf(request).groupEnd) return;
  throw new RollupError(
    'L1_REORG_TOO_DEEP',
    `priority operation ${request.queueIndex} on L1 is another one than we took on: L1 was reorganized by more than ` +
      `${config.confirmations} confirmations. Nothing more is accepted or posted; see docs/how-to/halt-and-recover.md`,
    { queueIndex: request.queueIndex, confirmations: config.confirmations },
  );
}

/** Appends requests that the log does not have yet, and moves the cursor; no other work runs in between. */
async function takeOn(
  context: SequencerContext,
  ledger: Ledger,
  requests: readonly PriorityRequest[],
  cursor: Cursor,
): Promise<number> {
  const { storage, writer, clock, events } = context;
  const receivedMs = clock.nowMs();
  const fresh: { readonly request: PriorityRequest; readonly open: OpenEntry }[] = [];
  const leafOf = (keyY: bigint, owner: bigint, tokenId: number): number =>
    ledger.directory.find(keyY, owner, tokenId) ?? ledger.leaves.peek();
  for (const request of requests) {
    const row = storage.priority.get(request.queueIndex);
    if (row !== undefined) {
      requireKnown(context, request, row);
      continue;
    }
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
      writeCursor(storage, cursor);
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

/** A reader that goes on where the database says. */
export function createPriorityReader({ context, ledger, onAppended, onHead }: PriorityReaderOptions): PriorityReader {
  const { config, chain, storage, clock, logger, measurements, halt } = context;
  const retrials = createRetrials();
  /** The last block that has its confirmations. */
  const confirmedOf = (newest: number): number => newest - config.confirmations + 1;

  /**
   * Reads the next blocks, of which `newest` is the last one. Returns whether there are more.
   *
   * @throws RollupError L1_LOGS_INCOMPLETE, L1_INCONSISTENT, or L1_REORG when L1 changed meanwhile.
   */
  async function readSome({ fromBlock: from, nextIndex }: ReadingPoint, newest: number): Promise<boolean> {
    const confirmed = confirmedOf(newest);
    const to = Math.min(confirmed, from + MAX_BLOCKS - 1);
    const requests = (await chain.priorityRequests(from, to)).sort((one, other) => one.queueIndex - other.queueIndex);
    const last = await chain.block(to);
    if (last === undefined || requests.some((request) => isElsewhere(request, last))) throw changed(to);
    // Nodes forget the state of old blocks: those before the last ones are confirmed by what follows them.
    const hasCount = to === confirmed && newest - to < KEPT_STATES;
    const requestedCount = hasCount ? (await chain.queueState(last.hash)).requestedCount : undefined;
    const indices = requests.map(({ queueIndex }) => queueIndex);
    requireAll('priority operation', indices, { next: nextIndex, count: requestedCount }, { from, to });
    const readCount = Math.max(nextIndex, (indices.at(-1) ?? -1) + 1);
    const cursor = { blockNumber: to, blockHash: last.hash, requestedCount: readCount };
    const count = await takeOn(context, ledger, requests, cursor);
    if (count > 0) {
      logger.info('took priority operations on', { count, fromBlock: from, toBlock: to });
      onAppended();
    }
    return to < confirmed;
  }

  async function poll(): Promise<void> {
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
        isMore = await readSome(point, head.number);
      } catch (error) {
        const next = trial.after(error, point);
        if (next === 'giveUp') throw error;
        logger.warn('the answers of L1 do not fit together; it is read again', { error, from: next });
        if (next === 'lastOperation') forgetCursor(storage);
      }
    }
    retrials.succeeded();
  }

  const loop: Loop = createLoop({
    clock,
    intervalMs: config.l1PollMs,
    run: poll,
    onError: (error) => {
      if (isPassing(error)) logger.warn('L1 cannot be read; trying again', { error });
      else halt(isRollupError(error) ? error : invariantBroken(`reading L1 failed: ${error}`, {}, error));
    },
  });

  return { start: () => loop.start(), poll, stop: () => loop.stop() };
}
