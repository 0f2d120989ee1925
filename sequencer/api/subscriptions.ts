/** The subscriptions of one WebSocket connection. */

import { randomUUID } from 'node:crypto';
import { invariantBroken, RpcNumber } from '@quittance/protocol';
import type { BatchSummaryJson } from '@quittance/rpc';
import type { SequencerEvents } from '../events.ts';
import type { Sequencer } from '../sequencer.ts';
import { encodeSummary } from './encode.ts';
import { encodeHistoryEvent, encodeTransferStatus } from './encode-history.ts';
import { rpcError } from './errors.ts';
import type { ExtraMethods } from './execution.ts';
import { startReplay } from './replay.ts';
import { pastOfAccountsUnits, pastOfBatchesUnits } from './weights.ts';

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
const REPLAY_PAGE = 32;

type BatchEvent = SequencerEvents['batch'];

/** What a subscription to batches tells of one in this state. */
function summaryOf({ overview }: Sequencer['queries'], number: number, state: BatchEvent['state']): BatchSummaryJson {
  const found = overview(number);
  if (found === undefined) throw invariantBroken(`batch ${number} is ${state} and not in the database`);
  return encodeSummary(found, state);
}

/** Reads of the past, with the places of what they give. */
function pastOf({ queries }: Pick<Sequencer, 'queries'>) {
  return {
    batches: {
      units: pastOfBatchesUnits(REPLAY_PAGE),
      read: (from: number) =>
        queries.overviewsFrom(from, REPLAY_PAGE).map((overview) => ({
          place: overview.batch.number,
          value: encodeSummary(overview),
        })),
    },
    entries: (accounts: readonly number[]) => ({
      units: pastOfAccountsUnits(REPLAY_PAGE, accounts.length),
      read: (from: number) =>
        queries.history.from(accounts, from, REPLAY_PAGE).map((event) => ({
          place: event.logged.sequence,
          value: encodeHistoryEvent(event),
        })),
    }),
  };
}

/** A connection without subscriptions. */
export function createSubscriptions(
  { events, feed, queries }: Pick<Sequencer, 'events' | 'feed' | 'queries'>,
  connection: Connection,
): Subscriptions {
  const subscriptions = new Map<string, Subscription>();
  const past = pastOf({ queries });

  /** Joins the past with what comes, for as long as the subscription is there. */
  const replay = <T>(
    subscription: string,
    first: number | undefined,
    { units, read }: { readonly units: number; readonly read: (from: number) => { place: number; value: T }[] },
  ) => {
    const { join, done } = startReplay({
      ...{ first, read },
      position: () => feed.position,
      send: (value: T) => connection.notify(subscription, value),
      turn: (work) => connection.turn(units, work),
      isEnded: () => !subscriptions.has(subscription),
    });
    done.catch(connection.fail);
    return join;
  };

  /** Tells, or ends the connection: a client that hears nothing of a failure would believe that nothing happened. */
  const tell = (subscription: string, make: () => unknown): void => {
    try {
      void connection.notify(subscription, make());
    } catch (error) {
      connection.fail(error);
    }
  };

  const listenToTransfers = (ids: readonly string[] | undefined, subscription: string): (() => void) => {
    const wanted = ids === undefined ? undefined : new Set(ids.map(BigInt));
    return events.on('transfer', (event) => {
      if (wanted?.has(event.id) === false) return;
      tell(subscription, () => encodeTransferStatus(event, queries.history));
    });
  };

  const listenToBatches = (fromBatch: number | undefined, subscription: string): (() => void) => {
    const join = replay(subscription, fromBatch, past.batches);
    return events.on('batch', ({ number, state }: BatchEvent) => {
      if (join.isNew(number, feed.position)) tell(subscription, () => summaryOf(queries, number, state));
    });
  };

  const listenToAccounts = (
    accounts: readonly number[],
    fromSequence: number | undefined,
    subscription: string,
  ): (() => void) => {
    const join = replay(subscription, fromSequence, past.entries(accounts));
    return feed.listen(new Set(accounts), {
      tell({ at, event }) {
        if (join.isNew(event.logged.sequence, at)) tell(subscription, () => encodeHistoryEvent(event));
      },
      fail: connection.fail,
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
