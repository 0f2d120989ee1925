/**
 * How many operations fit a batch. Each chunk keeps one slot for each fee token that its transfers pay in, so what
 * fits depends on the order: priority operations first, then transfers.
 */

import type { Profile } from '../../protocol/index.ts';

/** The fee token of a transfer that pays a fee; undefined when it pays none. */
export type FeeTokenOf = number | undefined;

/** Where the last operation stands. */
interface Position {
  readonly chunk: number;
  readonly used: number;
  readonly tokens: ReadonlySet<number>;
}

const START: Position = { chunk: 0, used: 0, tokens: new Set() };

/** The position after one more operation, in the next chunk when this one is full. */
function place({ slotsPerChunk }: Profile, at: Position, token: FeeTokenOf): Position {
  const tokens = token === undefined || at.tokens.has(token) ? at.tokens : new Set([...at.tokens, token]);
  if (at.used + 1 + tokens.size <= slotsPerChunk) return { chunk: at.chunk, used: at.used + 1, tokens };
  return { chunk: at.chunk + 1, used: 1, tokens: new Set(token === undefined ? [] : [token]) };
}

/** The content of the batch under construction, as far as its size goes. */
export interface Packing {
  /** Adds a transfer, or says that it does not fit. */
  addTransfer(token: FeeTokenOf): boolean;
  /** Adds a priority operation before all transfers, or says that the batch has no room for it. */
  addPriority(): boolean;
  readonly transferCount: number;
  readonly priorityCount: number;
  /** Whether no transfer fits any more. */
  readonly isFull: boolean;
}

/** An empty batch of this profile. */
export function createPacking(profile: Profile): Packing {
  const transfers: FeeTokenOf[] = [];
  let priorityCount = 0;
  let position = START;
  const fits = (candidate: Position): boolean => candidate.chunk < profile.maxChunks;
  return {
    addTransfer(token) {
      const candidate = place(profile, position, token);
      if (!fits(candidate)) return false;
      transfers.push(token);
      position = candidate;
      return true;
    },
    addPriority() {
      let candidate = START;
      for (let count = 0; count <= priorityCount; count++) candidate = place(profile, candidate, undefined);
      for (const token of transfers) candidate = place(profile, candidate, token);
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
      return !fits(place(profile, position, undefined));
    },
  };
}
