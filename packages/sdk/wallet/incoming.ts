/** Payments to a key, each told once and in the order of the log, when it has reached a stage. Pure. */

import type { HistoryEntryJson } from '@quittance/rpc';
import type { ReceiverKey } from './receiver.ts';
import { hasReached } from './stages.ts';
import type { Stage } from './types.ts';

/** An entry that nothing has to be waited for any more. */
export interface Decided {
  readonly entry: HistoryEntryJson;
  /** Whether it is told of: the others only had their place in the order. */
  readonly isPayment: boolean;
}

/** Entries on their way. */
export interface Incoming {
  /** Every entry behind this place may still be told of; those up to it were, or never will be. */
  readonly cursor: number;
  /** The last place that is known of. Entries before it may not be known yet: accounts are read one after the other. */
  readonly last: number;
  /** How many times something was taken. */
  readonly takenCount: number;
  /**
   * Takes an entry, or what it has become.
   *
   * @param asked what `takenCount` was when the entry was asked for: an answer on its way is older than what came meanwhile.
   * @returns whether that was new.
   */
  take(entry: HistoryEntryJson, asked?: number): boolean;
  /** Whether the first of the entries is decided. */
  readonly isReady: boolean;
  /** What is decided, in order; it stays until it is settled. @param through place up to which all entries are known. */
  decided(through: number): readonly Decided[];
  /** Moves the cursor: an entry was told of, or never will be. */
  settle(sequence: number): void;
}

/**
 * @param from place in the log of the first entry that counts.
 * @param own who is paid. An index does not say it: the account of another can get the index of one that was dropped.
 */
export function createIncoming(from: number, stage: Stage, own: ReceiverKey): Incoming {
  /** What is not settled, by its place in the log. */
  const open = new Map<number, { readonly entry: HistoryEntryJson; readonly takenAt: number }>();
  let takenCount = 0;
  let cursor = from - 1;
  let last = from - 1;

  const isPayment = ({ kind, status, to, amount, reason }: HistoryEntryJson): boolean =>
    (kind === 'transfer' || kind === 'transferToNew' || kind === 'deposit') &&
    to !== null &&
    BigInt(to.owner) === own.owner &&
    BigInt(to.keyY) === own.keyY &&
    amount !== null &&
    reason === null &&
    status !== 'dropped';
  /** Those that are told of or left out, from the first on: one that is slow keeps those behind it, so that places only grow. */
  const decided: Incoming['decided'] = (through) => {
    const found: Decided[] = [];
    const known = [...open.keys()].filter((sequence) => sequence <= through);
    for (const sequence of known.sort((one, other) => one - other)) {
      const { entry } = open.get(sequence)!;
      const pays = isPayment(entry);
      if (pays && !hasReached(entry.status, stage)) break;
      found.push({ entry, isPayment: pays });
    }
    return found;
  };

  return {
    get cursor() {
      return cursor;
    },
    get last() {
      return last;
    },
    get takenCount() {
      return takenCount;
    },
    take(entry, asked = takenCount) {
      const { sequence, status } = entry;
      const known = open.get(sequence);
      if (sequence <= cursor || (known !== undefined && known.takenAt > asked)) return false;
      takenCount += 1;
      open.set(sequence, { entry, takenAt: takenCount });
      last = Math.max(last, sequence);
      return known?.entry.status !== status;
    },
    get isReady() {
      return decided(last).length > 0;
    },
    decided,
    settle(sequence) {
      open.delete(sequence);
      cursor = Math.max(cursor, sequence);
    },
  };
}
