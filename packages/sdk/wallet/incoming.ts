/** Payments to some accounts, each told once and in the order of the log, when it has reached a stage. Pure. */

import type { HistoryEntryJson } from '@quittance/rpc';
import { hasReached } from './stages.ts';
import type { Stage } from './types.ts';

/** Entries on their way. */
export interface Incoming {
  /** Every entry behind this place may still be told of; those up to it were, or never will be. */
  readonly cursor: number;
  /** From here on entries have to be read again after an interruption: the first that is not decided, or behind the last known. */
  readonly resumeAt: number;
  /** Takes an entry, or what it has become. */
  take(entry: HistoryEntryJson): void;
  /** Whether an entry can be told of. */
  readonly isReady: boolean;
  /** Takes out what can be told of, in order. */
  release(): HistoryEntryJson[];
}

/**
 * @param from place in the log of the first entry that counts.
 * @param isOwn whether an account, by its index, is one of those that are watched.
 */
export function createIncoming(from: number, stage: Stage, isOwn: (index: number) => boolean): Incoming {
  /** What is not decided, by its place in the log. */
  const open = new Map<number, HistoryEntryJson>();
  let cursor = from - 1;
  let last = from - 1;

  const isPayment = ({ kind, to, amount, reason }: HistoryEntryJson): boolean =>
    (kind === 'transfer' || kind === 'transferToNew' || kind === 'deposit') &&
    to !== null &&
    isOwn(to.index) &&
    amount !== null &&
    reason === null;
  /** Those that are told of or dropped, from the first on: one that is slow keeps those behind it, so that places only grow. */
  const decided = (): HistoryEntryJson[] => {
    const found: HistoryEntryJson[] = [];
    for (const sequence of [...open.keys()].sort((one, other) => one - other)) {
      const entry = open.get(sequence)!;
      if (entry.status !== 'dropped' && isPayment(entry) && !hasReached(entry.status, stage)) break;
      found.push(entry);
    }
    return found;
  };

  return {
    get cursor() {
      return cursor;
    },
    get resumeAt() {
      return open.size === 0 ? last + 1 : Math.min(...open.keys());
    },
    take(entry) {
      if (entry.sequence <= cursor) return;
      open.set(entry.sequence, entry);
      last = Math.max(last, entry.sequence);
    },
    get isReady() {
      return decided().length > 0;
    },
    release() {
      const found = decided();
      for (const { sequence } of found) {
        open.delete(sequence);
        cursor = sequence;
      }
      return found.filter((entry) => entry.status !== 'dropped' && isPayment(entry));
    },
  };
}
