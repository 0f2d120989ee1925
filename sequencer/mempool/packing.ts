/**
 * How many operations fit a batch, by slots and by bytes. Each chunk keeps one slot for each fee token that its transfers
 * pay in, so what fits depends on the order: priority operations first, then transfers.
 */

import { type Profile, RecordKind } from '@quittance/protocol';
import { blockBytesOf, type DataLimits, extraBytesOf, NO_LIMITS } from './data-limits.ts';

/** The fee token of a transfer that pays a fee; undefined when it pays none. */
export type FeeTokenOf = number | undefined;

/** The room that an operation takes. */
interface Item {
  readonly token: FeeTokenOf;
  /** Bytes beyond its place in a block. */
  readonly bytes: number;
}

const PRIORITY_ITEM: Item = { token: undefined, bytes: extraBytesOf({ kind: RecordKind.deposit }) };
/** The smallest item that can follow. */
const PLAIN_ITEM: Item = { token: undefined, bytes: extraBytesOf({ kind: RecordKind.transfer }) };

/** Where the last operation stands. */
interface Position {
  readonly chunk: number;
  readonly used: number;
  readonly tokens: ReadonlySet<number>;
  /** Bytes of the chunk and of the whole batch, blocks not counted. */
  readonly chunkBytes: number;
  readonly batchBytes: number;
}

const START: Position = { chunk: 0, used: 0, tokens: new Set(), chunkBytes: 0, batchBytes: 0 };

/** The position after one more operation, in the next chunk when this one is full. */
function place(profile: Profile, limits: DataLimits, at: Position, { token, bytes }: Item): Position {
  const tokens = token === undefined || at.tokens.has(token) ? at.tokens : new Set([...at.tokens, token]);
  const chunkBytes = at.chunkBytes + bytes;
  const batchBytes = at.batchBytes + bytes;
  const hasSlots = at.used + 1 + tokens.size <= profile.slotsPerChunk;
  if (hasSlots && blockBytesOf(profile) + chunkBytes <= limits.chunkBytes) {
    return { chunk: at.chunk, used: at.used + 1, tokens, chunkBytes, batchBytes };
  }
  const own = new Set(token === undefined ? [] : [token]);
  return { chunk: at.chunk + 1, used: 1, tokens: own, chunkBytes: bytes, batchBytes };
}

/** The size of the batch under construction. */
export interface Packing {
  /** Adds a transfer, or says that it does not fit. @param bytes those of a plain transfer if not given. */
  addTransfer(token: FeeTokenOf, bytes?: number): boolean;
  /** Adds a priority operation before all transfers, or says that the batch has no room for it. */
  addPriority(): boolean;
  readonly transferCount: number;
  readonly priorityCount: number;
  /** Whether no transfer fits any more. */
  readonly isFull: boolean;
}

/** An empty batch of this profile. */
export function createPacking(profile: Profile, limits: DataLimits = NO_LIMITS): Packing {
  const transfers: Item[] = [];
  let priorityCount = 0;
  let position = START;
  const after = (at: Position, item: Item): Position => place(profile, limits, at, item);
  const fits = ({ chunk, batchBytes }: Position): boolean =>
    chunk < profile.maxChunks && (chunk + 1) * blockBytesOf(profile) + batchBytes <= limits.batchBytes;
  // Only a batch without a free slot may leave overdue operations behind, so priority operations must not begin a chunk that
  // they could not fill.
  const fullChunkBytes = blockBytesOf(profile) + profile.slotsPerChunk * PRIORITY_ITEM.bytes;
  const canBeFilled = ({ chunk }: Position): boolean =>
    chunk === 0 || (chunk + 1) * fullChunkBytes <= limits.batchBytes;
  return {
    addTransfer(token, bytes = PLAIN_ITEM.bytes) {
      const item = { token, bytes };
      const candidate = after(position, item);
      if (!fits(candidate)) return false;
      transfers.push(item);
      position = candidate;
      return true;
    },
    addPriority() {
      let candidate = START;
      for (let count = 0; count <= priorityCount; count++) candidate = after(candidate, PRIORITY_ITEM);
      if (!canBeFilled(candidate)) return false;
      for (const transfer of transfers) candidate = after(candidate, transfer);
      if (!fits(candidate)) return false;
      priorityCount += 1;
      position = candidate;
      return true;
    },
    get transferCount() {
      return transfers.length;
    },
    get priorityCount() {
      return priorityCount;
    },
    get isFull() {
      return !fits(after(position, PLAIN_ITEM));
    },
  };
}
