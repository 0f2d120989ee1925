/**
 * Tells subscribers of what happens. Each event is encoded once, whoever hears of it, and told of in a later turn: taking
 * transfers in waits for no subscriber.
 */

import { invariantBroken } from '@quittance/protocol';
import { createDeliveries } from '../deliveries.ts';
import type { SequencerEvents } from '../events.ts';
import type { HistoryEvent } from '../history.ts';
import type { Sequencer } from '../sequencer.ts';
import { encodeSummary } from './encode.ts';
import { encodeHistoryEvent, encodeTransferStatus } from './encode-history.ts';

/** Something that happened. */
export interface News {
  /** Of the entry in the log, or of the batch. */
  readonly place: number;
  /** Its number among what happened. */
  readonly at: number;
  /** As JSON. */
  text(): string;
}

/** Who is told. */
export interface Listener {
  tell(news: News): void;
  /** Something cannot be told: this listener may have missed it. */
  fail(error: unknown): void;
}

/** Tells of what happens from now on. Each returns how to stop. */
export interface Broadcast {
  /** @param ids of the transfers; all if not given. */
  toTransfers(ids: ReadonlySet<bigint> | undefined, listener: Listener): () => void;
  toBatches(listener: Listener): () => void;
  toAccounts(accounts: ReadonlySet<number>, listener: Listener): () => void;
}

type TransferEvent = SequencerEvents['transfer'];
type BatchEvent = SequencerEvents['batch'];
/** With the number of what had happened when they began to listen. */
type Listeners = Map<Listener, number>;

/** Makes JSON of something when it is first asked for. */
function lazily(make: () => unknown): () => string {
  let text: string | undefined;
  return () => {
    text ??= JSON.stringify(make());
    return text;
  };
}

/** Listeners by what they listen for. */
function createListeners<Key>() {
  const byKey = new Map<Key, Listeners>();
  return {
    of: (key: Key): Listeners | undefined => byKey.get(key),
    all: (): Set<Listener> => new Set([...byKey.values()].flatMap((some) => [...some.keys()])),
    add(keys: Iterable<Key>, listener: Listener, since: number): () => void {
      const own = new Set(keys);
      for (const key of own) byKey.set(key, (byKey.get(key) ?? new Map()).set(listener, since));
      return () => {
        for (const key of own) {
          const some = byKey.get(key);
          some?.delete(listener);
          if (some?.size === 0) byKey.delete(key);
        }
      };
    },
  };
}

/** Tells those who listened before it happened, a step for each. */
function* tellAll(listeners: Listeners | undefined, news: News): Generator<void, void, void> {
  for (const [listener, since] of listeners ?? []) {
    if (news.at > since) listener.tell(news);
    yield;
  }
}

/** Transfers, by their ids. */
function createTransferNews({ events, queries }: Pick<Sequencer, 'events' | 'queries'>): Broadcast['toTransfers'] {
  const listeners = createListeners<bigint | 'all'>();
  let position = 0;
  const deliveries = createDeliveries<{ readonly event: TransferEvent; readonly at: number }>({
    *tell({ event, at }) {
      const text = lazily(() => encodeTransferStatus(event, queries.history));
      const news = { place: event.sequence, at, text };
      for (const key of ['all', event.id] as const) yield* tellAll(listeners.of(key), news);
    },
    fail(error) {
      for (const listener of listeners.all()) listener.fail(error);
    },
  });
  events.on('transfer', (event) => {
    position += 1;
    if (listeners.of('all') !== undefined || listeners.of(event.id) !== undefined) {
      deliveries.add({ event, at: position });
    }
  });
  return (ids, listener) => listeners.add(ids ?? ['all'], listener, position);
}

/** The states of batches. */
function createBatchNews({
  events,
  feed,
  queries,
}: Pick<Sequencer, 'events' | 'feed' | 'queries'>): Broadcast['toBatches'] {
  const listeners = createListeners<'all'>();
  const summaryOf = ({ number, state }: BatchEvent) => {
    const found = queries.overview(number);
    if (found === undefined) throw invariantBroken(`batch ${number} is ${state} and not in the database`);
    return encodeSummary(found, state);
  };
  const deliveries = createDeliveries<{ readonly event: BatchEvent; readonly at: number }>({
    *tell({ event, at }) {
      const news = { place: event.number, at, text: lazily(() => summaryOf(event)) };
      yield* tellAll(listeners.of('all'), news);
    },
    fail(error) {
      for (const listener of listeners.all()) listener.fail(error);
    },
  });
  events.on('batch', (event) => {
    if (listeners.of('all') !== undefined) deliveries.add({ event, at: feed.position });
  });
  return (listener) => listeners.add(['all'], listener, feed.position);
}

/** Tells of what `sequencer` does. */
export function createBroadcast(sequencer: Pick<Sequencer, 'events' | 'feed' | 'queries'>): Broadcast {
  const texts = new WeakMap<HistoryEvent, () => string>();
  const textOf = (event: HistoryEvent): (() => string) => {
    const text = texts.get(event) ?? lazily(() => encodeHistoryEvent(event));
    texts.set(event, text);
    return text;
  };
  return {
    toTransfers: createTransferNews(sequencer),
    toBatches: createBatchNews(sequencer),
    toAccounts: (accounts, listener) =>
      sequencer.feed.listen(accounts, {
        tell: ({ at, event }) => listener.tell({ place: event.logged.sequence, at, text: textOf(event) }),
        fail: (error) => listener.fail(error),
      }),
  };
}
