/**
 * Tells of what happens to accounts, each change of each entry once, in order. What happened is numbered: whoever reads the
 * database at some number has seen all up to it, and is told of what comes after it.
 */

import { accountKey, accountsOf, type LoggedEntry, type Placement, type Storage } from '../storage/index.ts';
import { createDeliveries } from './deliveries.ts';
import type { EventBus } from './events.ts';
import type { History, HistoryEvent } from './history.ts';
import type { TransferStatus } from './types.ts';

/** A change of an entry. */
export interface Change {
  /** Number of what happened. */
  readonly at: number;
  readonly event: HistoryEvent;
}

/** Who is told. */
export interface FeedListener {
  tell(change: Change): void;
  /** Something that happened could not be read, or too much did: this listener may not have been told of it. */
  fail(error: unknown): void;
}

/** Tells of changes. */
export interface Feed {
  /** Number of what happened last: the database has it. */
  readonly position: number;
  /** Tells of the changes of entries that name any of these accounts. @returns how to stop. */
  listen(accounts: ReadonlySet<number>, listener: FeedListener): () => void;
}

export interface FeedOptions {
  readonly events: EventBus;
  readonly history: History;
  readonly storage: Pick<Storage, 'log' | 'lookups' | 'outcomes'>;
}

/** Entries of an account that are looked up at a time. */
const LOOKUP_PAGE = 64;

/** An entry of which something is to be told, and where it was executed if that is known. */
interface Found {
  readonly logged: LoggedEntry | undefined;
  readonly placement?: Placement;
}

/** Entries of which one thing is to be told, and that. Undefined is a step that found none. */
interface Happened {
  readonly at: number;
  readonly status: TransferStatus;
  readonly entries: () => Iterable<Found | undefined>;
}

/** The range that these sequences lie in. */
function rangeOf(sequences: Iterable<number>): { readonly first: number; readonly last: number } {
  let [first, last] = [Number.POSITIVE_INFINITY, 0];
  for (const sequence of sequences) {
    first = Math.min(first, sequence);
    last = Math.max(last, sequence);
  }
  return { first, last };
}

/** Finds what of a batch somebody listens for. */
function createBatchSearch(
  { log, lookups, outcomes }: FeedOptions['storage'],
  listened: { readonly size: number; keys(): Iterable<number> },
) {
  /** Sequences among `placed` that name an account somebody listens for, ascending. */
  function* heardIn(placed: ReadonlyMap<number, Placement>): Generator<undefined, number[], void> {
    const { first, last } = rangeOf(placed.keys());
    const heard = new Set<number>();
    for (const account of [...listened.keys()]) {
      for (let from = first; from <= last; ) {
        const page = lookups.from(accountKey(account), from, LOOKUP_PAGE);
        for (const sequence of page) if (placed.has(sequence)) heard.add(sequence);
        from = page.length < LOOKUP_PAGE ? last + 1 : page.at(-1)! + 1;
        yield;
      }
    }
    return [...heard].sort((one, other) => one - other);
  }

  /** By the accounts, so that nothing else of the batch is read; by its entries where those are fewer. */
  return function* foundIn(batch: number): Generator<Found | undefined, void, void> {
    const placed = new Map(outcomes.placementsOf(batch).map((placement) => [placement.sequence, placement]));
    const sequences = listened.size < placed.size ? yield* heardIn(placed) : placed.keys();
    for (const sequence of sequences) yield { logged: log.get(sequence), placement: placed.get(sequence)! };
  };
}

/** A feed of what is emitted on `events`. */
export function createFeed({ events, history, storage }: FeedOptions): Feed {
  const listeners = new Map<number, Set<FeedListener>>();
  const foundIn = createBatchSearch(storage, listeners);
  let position = 0;

  /** A step for each who is told. */
  function* tell({ at, status }: Happened, { logged, placement }: Found): Generator<void, void, void> {
    if (logged === undefined) return;
    const told = new Set(accountsOf(logged.entry).flatMap((account) => [...(listeners.get(account) ?? [])]));
    const event = told.size === 0 ? undefined : history.eventOf(logged, status, placement);
    if (event === undefined) return;
    for (const listener of told) {
      listener.tell({ at, event });
      yield;
    }
  }

  const deliveries = createDeliveries<Happened>({
    *tell(happened) {
      for (const found of happened.entries()) {
        if (found !== undefined) yield* tell(happened, found);
        yield;
      }
    },
    fail(error) {
      for (const listener of new Set([...listeners.values()].flatMap((some) => [...some]))) listener.fail(error);
    },
  });

  /** @param weight how many entries wait in memory. */
  const happened = (status: TransferStatus, weight: number, entries: Happened['entries']): void => {
    if (weight > 0 && listeners.size > 0) deliveries.add({ at: position, status, entries }, weight);
  };

  const isHeard = ({ entry }: LoggedEntry): boolean => accountsOf(entry).some((account) => listeners.has(account));

  events.on('appended', ({ entries }) => {
    position += 1;
    const heard = listeners.size === 0 ? [] : entries.filter(isHeard);
    happened('pending', heard.length, () => heard.map((logged) => ({ logged })));
  });
  events.on('reopened', ({ sequences }) => {
    position += 1;
    happened('pending', sequences.length, function* () {
      for (const sequence of sequences) yield { logged: storage.log.get(sequence) };
    });
  });
  events.on('dropped', ({ sequences }) => {
    position += 1;
    happened('dropped', sequences.length, function* () {
      for (const sequence of sequences) yield { logged: storage.log.get(sequence) };
    });
  });
  events.on('batch', ({ number, state }) => {
    position += 1;
    happened(state, 1, () => foundIn(number));
  });

  return {
    get position() {
      return position;
    },
    listen(accounts, listener) {
      for (const account of accounts) listeners.set(account, (listeners.get(account) ?? new Set()).add(listener));
      return () => {
        for (const account of accounts) {
          const told = listeners.get(account);
          told?.delete(listener);
          if (told?.size === 0) listeners.delete(account);
        }
      };
    },
  };
}
