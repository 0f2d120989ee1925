/**
 * How many operations fit a batch, by slots and by what L1 takes. Each chunk keeps one slot for each fee token that its transfers
 * pay in, so what fits depends on the order: priority operations first, then transfers.
 */

import { type Profile, RecordKind } from '@quittance/protocol';
import { addLoads, type DataLimits, isWithin, type Load, loadOf, NO_LIMITS } from './data-limits.ts';

/** The fee token of a transfer that pays a fee; undefined when it pays none. */
export type FeeTokenOf = number | undefined;

/** The room that an operation takes. */
export interface Item {
  readonly token: FeeTokenOf;
  readonly load: Load;
}

const PRIORITY_ITEM: Item = { token: undefined, load: loadOf({ kind: RecordKind.deposit }) };
/** The smallest item that can follow. */
const PLAIN_ITEM: Item = { token: undefined, load: loadOf({ kind: RecordKind.transfer }) };
/** A chunk on its own. */
const CHUNK: Load = { chunks: 1, visible: 0, signed: 0 };

/** Where the last operation stands. */
export interface Position {
  /** Slots of its chunk that are taken, */
  readonly used: number;
  /** besides one for each of these tokens, in which fees are paid there. */
  readonly tokens: ReadonlySet<number>;
  readonly chunk: Load;
  readonly batch: Load;
}

/** Before the first operation of a batch. */
export const START: Position = { used: 0, tokens: new Set(), chunk: CHUNK, batch: CHUNK };

/** The position after one more operation, in the next chunk (of which `batch` counts one more) when this one is full. */
export function place(profile: Profile, limits: DataLimits, at: Position, { token, load }: Item): Position {
  const tokens = token === undefined || at.tokens.has(token) ? at.tokens : new Set([...at.tokens, token]);
  const chunk = addLoads(at.chunk, load);
  const batch = addLoads(at.batch, load);
  const hasSlots = at.used + 1 + tokens.size <= profile.slotsPerChunk;
  if (hasSlots && limits.chunk.every((budget) => isWithin(budget, chunk))) {
    return { used: at.used + 1, tokens, chunk, batch };
  }
  const own = new Set(token === undefined ? [] : [token]);
  return { used: 1, tokens: own, chunk: addLoads(CHUNK, load), batch: addLoads(batch, CHUNK) };
}

/** The size of the batch under construction. */
export interface Packing {
  /** Adds a transfer, or says that it does not fit. @param load that of a plain transfer if not given. */
  addTransfer(token: FeeTokenOf, load?: Load): boolean;
  /**
   * Adds `count` priority operations before all transfers (a group of the queue goes into one batch), or says that the batch
   * has no room for them.
   */
  addPriority(count?: number): boolean;
  readonly transferCount: number;
  readonly priorityCount: number;
  /** Whether no transfer fits any more. */
  readonly isFull: boolean;
}

/** An empty batch of this profile. */
export function createPacking(profile: Profile, limits: DataLimits = NO_LIMITS): Packing {
  const transfers: Item[] = [];
  let priorityCount = 0;
  let priorityEnd = START;
  let position = START;
  const after = (at: Position, item: Item): Position => place(profile, limits, at, item);
  const holds = (load: Load): boolean => limits.batch.every((budget) => isWithin(budget, load));
  const fits = ({ batch }: Position): boolean => batch.chunks <= profile.maxChunks && holds(batch);
  return {
    addTransfer(token, load = PLAIN_ITEM.load) {
      const item = { token, load };
      const candidate = after(position, item);
      if (!fits(candidate)) return false;
      transfers.push(item);
      position = candidate;
      return true;
    },
    addPriority(count = 1) {
      let end = priorityEnd;
      for (let added = 0; added < count; added++) end = after(end, PRIORITY_ITEM);
      let candidate = end;
      for (const transfer of transfers) candidate = after(candidate, transfer);
      if (!fits(candidate)) return false;
      priorityCount += count;
      priorityEnd = end;
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
