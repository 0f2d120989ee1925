/**
 * Tells of what happens to accounts, each change of each entry once, in order. What happened is numbered: whoever reads the
 * database at some number has seen all up to it, and is told of what comes after it.
 */

import { createSlices } from '../runtime/index.ts';
import { accountsOf, type LoggedEntry, type Storage } from '../storage/index.ts';
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
  /** Something that happened could not be read: this listener may not have been told of it. */
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
  readonly storage: Pick<Storage, 'log' | 'outcomes'>;
}

/** How long others wait for this. */
const SLICE_MS = 2;

/** Entries of which one thing is to be told, and that. */
interface Happened {
  readonly at: number;
  readonly status: TransferStatus;
  readonly entries: () => Iterable<LoggedEntry | undefined>;
}

/** A feed of what is emitted on `events`. */
export function createFeed({ events, history, storage }: FeedOptions): Feed {
  const listeners = new Map<number, Set<FeedListener>>();
  const waiting: Happened[] = [];
  let position = 0;
  let isRunning = false;

  const tell = ({ at, status }: Happened, logged: LoggedEntry): void => {
    const told = new Set(accountsOf(logged.entry).flatMap((account) => [...(listeners.get(account) ?? [])]));
    const event = told.size === 0 ? undefined : history.eventOf(logged, status);
    if (event === undefined) return;
    for (const listener of told) listener.tell({ at, event });
  };

  const drain = async (): Promise<void> => {
    const pause = createSlices(SLICE_MS);
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      try {
        for (const logged of next.entries()) {
          if (logged !== undefined) tell(next, logged);
          const paused = pause();
          if (paused !== undefined) await paused;
        }
      } catch (error) {
        for (const listener of new Set([...listeners.values()].flatMap((some) => [...some]))) listener.fail(error);
      }
    }
    isRunning = false;
  };

  const happened = (status: TransferStatus, entries: Happened['entries']): void => {
    position += 1;
    if (listeners.size === 0) return;
    waiting.push({ at: position, status, entries });
    if (isRunning) return;
    isRunning = true;
    void drain();
  };

  const logged = function* (sequences: Iterable<number>): Generator<LoggedEntry | undefined> {
    for (const sequence of sequences) yield storage.log.get(sequence);
  };
  const sequencesOf = (batch: number): number[] => storage.outcomes.placementsOf(batch).map(({ sequence }) => sequence);

  events.on('appended', ({ entries }) => happened('pending', () => entries));
  events.on('dropped', ({ sequences }) => happened('dropped', () => logged(sequences)));
  events.on('batch', ({ number, state }) => happened(state, () => logged(sequencesOf(number))));

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
