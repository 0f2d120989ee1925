/**
 * Brings confirmed priority operations of L1 into the log, in queue order, each once. A reorg deeper than the
 * confirmations is found by the block's hash: what was requested again is accepted, what differs stops the sequencer.
 */

import type { BlockReference, PriorityRequest } from '@quittance/chain';
import { isRollupError, type Operation, RecordKind, RollupError } from '@quittance/protocol';
import { createLoop, type Loop } from '../../runtime/index.ts';
import type { PriorityEntry, PriorityRow } from '../../storage/index.ts';
import { pendingContext, type SequencerContext } from '../context.ts';
import type { Ledger, OpenEntry } from './ledger.ts';

/** Follows L1. */
export interface PriorityReader {
  start(): void;
  /** Looks at L1 now. @throws RollupError L1_UNREACHABLE or STATE_MISMATCH. */
  poll(): Promise<void>;
  /** The latest block that was seen. */
  readonly head: BlockReference | undefined;
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
const CURSOR = 'l1_cursor';

interface Cursor {
  readonly blockNumber: number;
  readonly blockHash: string;
}

/** Whether a stored operation is the one requested; `to` and the amount paid are the producer's. */
function isSameRequest(request: PriorityRequest, { operation }: PriorityEntry): boolean {
  const isDeposit = request.fields.kind === RecordKind.deposit;
  return (
    request.fields.kind === operation.fields.kind &&
    request.fields.from === operation.fields.from &&
    request.words[0] === operation.words[0] &&
    request.words[1] === operation.words[1] &&
    (!isDeposit || request.words[2] === operation.words[2])
  );
}

/** A reader that continues where the database says. */
export function createPriorityReader({ context, ledger, onAppended, onHead }: PriorityReaderOptions): PriorityReader {
  const { config, chain, storage, clock, logger, measurements, halt } = context;
  let head: BlockReference | undefined;

  const readCursor = (): Cursor | undefined => {
    const text = storage.meta.get(CURSOR);
    return text === undefined ? undefined : (JSON.parse(text) as Cursor);
  };

  /** The first block to read: after the cursor, or after the last operation that a reorg left where it was. */
  async function firstBlock(): Promise<number> {
    const cursor = readCursor();
    if (cursor === undefined) return config.deploymentBlock;
    if ((await chain.block(cursor.blockNumber))?.hash === cursor.blockHash) return cursor.blockNumber + 1;
    logger.warn('L1 reorganised beyond our confirmations; requests are read again', { ...cursor });
    const page = 100;
    for (let next = storage.priority.count(); next > 0; next -= page) {
      const first = Math.max(0, next - page);
      for (const row of storage.priority.from(first, next - first).reverse()) {
        if ((await chain.block(row.blockNumber))?.hash === row.blockHash) return row.blockNumber;
      }
    }
    return config.deploymentBlock;
  }

  const operationOf = (request: PriorityRequest): Operation => {
    const { fields, words } = request;
    if (fields.kind !== RecordKind.deposit) return { fields, words: [words[0]!, words[1]!, 0n] };
    const owner = words[1]! & ((1n << 160n) - 1n);
    const to = ledger.directory.find(words[0]!, owner, Number(words[1]! >> 160n)) ?? ledger.leaves.peek();
    return { fields: { ...fields, to }, words };
  };

  const checkKnown = (request: PriorityRequest, row: PriorityRow): void => {
    const entry = storage.log.get(row.sequence)?.entry;
    if (entry?.type === 'priority' && isSameRequest(request, entry)) return;
    throw new RollupError(
      'STATE_MISMATCH',
      `priority operation ${request.queueIndex} on L1 is another one than we took on: L1 was reorganised by more than ` +
        `${config.confirmations} confirmations. Nothing more is accepted or posted; see docs/operations.md`,
      { queueIndex: request.queueIndex },
    );
  };

  /** Those that the log does not have yet. @throws RollupError STATE_MISMATCH, or L1_UNREACHABLE when one is missing. */
  const newOnes = (requests: readonly PriorityRequest[]): PriorityRequest[] => {
    let next = storage.priority.count();
    return requests.filter((request) => {
      const row = storage.priority.get(request.queueIndex);
      if (row !== undefined) {
        checkKnown(request, row);
        return false;
      }
      if (request.queueIndex !== next) {
        throw new RollupError(
          'L1_UNREACHABLE',
          `L1 left out priority operation ${next} and gave ${request.queueIndex}; is the node synced?`,
          { expected: next, actual: request.queueIndex },
        );
      }
      next += 1;
      return true;
    });
  };

  /** Appends what is new; no other work runs in between. */
  const take = (requests: readonly PriorityRequest[], cursor: Cursor): number => {
    const receivedMs = clock.nowMs();
    const fresh: { request: PriorityRequest; entry: OpenEntry }[] = [];
    for (const request of newOnes(requests)) {
      const entry = { type: 'priority', queueIndex: request.queueIndex, operation: operationOf(request) } as const;
      const open = { sequence: storage.log.head().sequence + 1 + fresh.length, receivedMs, entry };
      ledger.append(open, pendingContext(context));
      fresh.push({ request, entry: open });
    }
    storage.commit(() => {
      storage.log.append(
        fresh.map(({ entry }) => entry.entry),
        receivedMs,
      );
      for (const { request, entry } of fresh) {
        const { queueIndex, blockNumber, blockHash, transactionHash, deadline, fields } = request;
        const { sequence } = entry;
        storage.priority.insert({
          queueIndex,
          sequence,
          kind: fields.kind,
          blockNumber,
          blockHash,
          transactionHash,
          deadline,
        });
      }
      for (const { queueIndex, blockNumber, blockHash, transactionHash } of requests) {
        storage.priority.move(queueIndex, blockNumber, blockHash, transactionHash);
      }
      storage.meta.set(CURSOR, JSON.stringify(cursor));
    });
    return fresh.length;
  };

  /** Reads the next blocks. Returns whether there are more. */
  async function readSome(): Promise<boolean> {
    const latest = await chain.head();
    head = latest;
    measurements.l1Block.set(latest.number);
    onHead(latest);
    const confirmed = latest.number - config.confirmations + 1;
    const from = await firstBlock();
    if (from > confirmed) return false;
    const to = Math.min(confirmed, from + MAX_BLOCKS - 1);
    const requests = await chain.priorityRequests(from, to);
    const last = await chain.block(to);
    // The block may be gone since we asked for the head: the next look finds out.
    if (
      last === undefined ||
      requests.some(({ blockNumber, blockHash }) => blockNumber === to && blockHash !== last.hash)
    ) {
      return false;
    }
    const count = take(requests, { blockNumber: to, blockHash: last.hash });
    if (count > 0) {
      logger.info('took priority operations on', { count, fromBlock: from, toBlock: to });
      onAppended();
    }
    return to < confirmed;
  }

  const poll = async (): Promise<void> => {
    while (await readSome());
  };

  const loop: Loop = createLoop({
    clock,
    intervalMs: config.l1PollMs,
    run: poll,
    onError: (error) => {
      if (isRollupError(error, 'L1_UNREACHABLE')) logger.warn('L1 cannot be read; trying again', { error });
      else
        halt(
          isRollupError(error)
            ? error
            : new RollupError('STATE_MISMATCH', `reading L1 failed: ${error}`, {}, { cause: error }),
        );
    },
  });

  return {
    start: () => loop.start(),
    poll,
    get head() {
      return head;
    },
    stop: () => loop.stop(),
  };
}
