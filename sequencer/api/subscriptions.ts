/** The subscriptions of one WebSocket connection. */

import { randomUUID } from 'node:crypto';
import { RpcNumber } from '@quittance/protocol';
import type { SequencerEvents } from '../events.ts';
import type { Sequencer } from '../sequencer.ts';
import { encodeSummary } from './encode.ts';
import { encodeHistoryEvent, encodeTransferStatus } from './encode-history.ts';
import { rpcError } from './errors.ts';
import type { ExtraMethods } from './execution.ts';
import { startReplay } from './replay.ts';

type Topic =
  | { readonly topic: 'transfers'; readonly ids?: readonly string[] }
  | { readonly topic: 'batches'; readonly fromBatch?: number }
  | { readonly topic: 'accounts'; readonly accounts: readonly number[]; readonly fromSequence?: number };

/** Subscriptions of one connection. */
export interface Subscriptions {
  readonly methods: ExtraMethods;
  /** Ends all of them. */
  clear(): void;
}

/** What subscriptions need of the connection that they are of. */
export interface Connection {
  /** Most that it may have. */
  readonly limit: number;
  /** Tells the client; resolves when it went out. */
  notify(subscription: string, result: unknown): Promise<void>;
  /** Runs a read of so many units when it is this client's turn, and paid for. */
  turn<R>(units: number, work: () => R): Promise<R>;
  /** A subscription cannot go on. */
  fail(error: unknown): void;
}

/** A running subscription. */
interface Subscription {
  stop(): void;
}

/** Entries or batches of which the past is read at a time. */
export const REPLAY_PAGE = 32;

/** A connection without subscriptions. */
export function createSubscriptions(
  { events, feed, queries }: Pick<Sequencer, 'events' | 'feed' | 'queries'>,
  connection: Connection,
): Subscriptions {
  const subscriptions = new Map<string, Subscription>();

  /** Joins the past with what comes, for as long as the subscription is there. */
  const replay = <T>(
    subscription: string,
    first: number | undefined,
    read: (from: number) => { place: number; value: T }[],
  ) => {
    const { join, done } = startReplay({
      ...{ first, read },
      position: () => feed.position,
      send: (value: T) => connection.notify(subscription, value),
      turn: (work) => connection.turn(REPLAY_PAGE, work),
      isEnded: () => !subscriptions.has(subscription),
    });
    done.catch(connection.fail);
    return join;
  };

  const listenToTransfers = (ids: readonly string[] | undefined, subscription: string): (() => void) => {
    const wanted = ids === undefined ? undefined : new Set(ids.map(BigInt));
    return events.on('transfer', (event) => {
      if (wanted?.has(event.id) === false) return;
      void connection.notify(subscription, encodeTransferStatus(event, queries.history));
    });
  };

  const listenToBatches = (fromBatch: number | undefined, subscription: string): (() => void) => {
    const join = replay(subscription, fromBatch, (from) =>
      queries.overviewsFrom(from, REPLAY_PAGE).map((overview) => ({
        place: overview.batch.number,
        value: encodeSummary(overview),
      })),
    );
    return events.on('batch', ({ number, state }: SequencerEvents['batch']) => {
      const overview = join.isNew(number, feed.position) ? queries.overview(number) : undefined;
      if (overview !== undefined) void connection.notify(subscription, encodeSummary(overview, state));
    });
  };

  const listenToAccounts = (
    accounts: readonly number[],
    fromSequence: number | undefined,
    subscription: string,
  ): (() => void) => {
    const join = replay(subscription, fromSequence, (from) =>
      queries.history.from(accounts, from, REPLAY_PAGE).map((event) => ({
        place: event.logged.sequence,
        value: encodeHistoryEvent(event),
      })),
    );
    return feed.listen(new Set(accounts), ({ at, event }) => {
      if (join.isNew(event.logged.sequence, at)) void connection.notify(subscription, encodeHistoryEvent(event));
    });
  };

  const listen = (topic: Topic, subscription: string): (() => void) => {
    if (topic.topic === 'transfers') return listenToTransfers(topic.ids, subscription);
    if (topic.topic === 'batches') return listenToBatches(topic.fromBatch, subscription);
    return listenToAccounts(topic.accounts, topic.fromSequence, subscription);
  };

  return {
    methods: {
      rollup_subscribe(params) {
        const { limit } = connection;
        if (subscriptions.size >= limit) {
          const message = `a connection may have at most ${limit} subscriptions`;
          throw rpcError(RpcNumber.limit, message, 'TOO_MANY_SUBSCRIPTIONS');
        }
        const subscription = randomUUID();
        // The past is read in a later turn of the event loop, when this is there.
        subscriptions.set(subscription, { stop: () => undefined });
        subscriptions.set(subscription, { stop: listen(params as Topic, subscription) });
        return subscription;
      },
      rollup_unsubscribe(params) {
        const { subscription } = params as { subscription: string };
        subscriptions.get(subscription)?.stop();
        return subscriptions.delete(subscription);
      },
    },
    clear() {
      for (const { stop } of subscriptions.values()) stop();
      subscriptions.clear();
    },
  };
}
