/**
 * Where reading L1 goes on. A reorg deeper than the confirmations shows in the cursor's block hash; logs that a node left
 * out show in the requests that follow. In both cases everything after the last operation that is known to stand where it
 * stood is read again.
 */

import type { PriorityRow, Storage } from '../../storage/index.ts';

/** A block as it was read. */
export type KnownBlock = Pick<Cursor, 'blockNumber' | 'blockHash'>;

/** A place to go on from. */
export interface ReadingPoint {
  /** It holds as long as L1 has this block; undefined where it always does. */
  readonly restsOn: KnownBlock | undefined;
  /** First block to read. */
  readonly fromBlock: number;
  /** Index of the first request that its logs must hold. */
  readonly nextIndex: number;
  /** Whether blocks that were read before are read again. */
  readonly isRereading: boolean;
}

/** How far L1 was read. */
export interface Cursor {
  readonly blockNumber: number;
  readonly blockHash: string;
  /** Requests up to this block. */
  readonly requestedCount: number;
}

const CURSOR = 'l1_cursor';

/** The cursor of a database; undefined when there is none, or none whose count the log can confirm. */
export function readCursor({ meta, priority }: Pick<Storage, 'meta' | 'priority'>): Cursor | undefined {
  const text = meta.get(CURSOR);
  if (text === undefined) return undefined;
  const cursor = JSON.parse(text) as Cursor;
  return cursor.requestedCount <= priority.count() ? cursor : undefined;
}

export function writeCursor({ meta }: Pick<Storage, 'meta'>, cursor: Cursor): void {
  meta.set(CURSOR, JSON.stringify(cursor));
}

/** Makes the next look read again from the last operation on. Call it inside a commit. */
export function removeCursor({ meta }: Pick<Storage, 'meta'>): void {
  meta.remove(CURSOR);
}

/** The same in a commit of its own. */
export function forgetCursor(storage: Storage): void {
  storage.commit(() => removeCursor(storage));
}

const PAGE = 100;

const knownBlock = ({ blockNumber, blockHash }: KnownBlock): KnownBlock => ({ blockNumber, blockHash });

/** Operations of the log, the last one first. */
function* lastFirst({ priority }: Pick<Storage, 'priority'>): Generator<PriorityRow> {
  for (let end = priority.count(); end > 0; end -= PAGE) {
    const first = Math.max(0, end - PAGE);
    yield* priority.from(first, end - first).reverse();
  }
}

/**
 * The point after the cursor, or at the last operation that stands where it stood, or at the deployment.
 *
 * @param isStillThere whether L1 still has this block.
 */
export async function findReadingPoint(
  storage: Pick<Storage, 'meta' | 'priority'>,
  deploymentBlock: number,
  isStillThere: (block: KnownBlock) => Promise<boolean>,
): Promise<ReadingPoint> {
  const cursor = readCursor(storage);
  if (cursor !== undefined && (await isStillThere(cursor))) {
    const { blockNumber, requestedCount: nextIndex } = cursor;
    return { restsOn: knownBlock(cursor), fromBlock: blockNumber + 1, nextIndex, isRereading: false };
  }
  for (const row of lastFirst(storage)) {
    if (await isStillThere(row)) {
      const { blockNumber: fromBlock, queueIndex: nextIndex } = row;
      return { restsOn: knownBlock(row), fromBlock, nextIndex, isRereading: true };
    }
  }
  return { restsOn: undefined, fromBlock: deploymentBlock, nextIndex: 0, isRereading: true };
}
