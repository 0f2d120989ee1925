/** The subscriptions of one WebSocket connection. */

import { randomUUID } from 'node:crypto';
import { RpcNumber } from '@quittance/protocol';
import type { RpcErrorJson } from '@quittance/rpc';
import type { Sequencer } from '../sequencer.ts';
import type { Broadcast, Listener } from './broadcast.ts';
import { encodeSummary } from './encode.ts';
import { encodeHistoryEvent } from './encode-history.ts';
import { rpcError } from './errors.ts';
import type { ExtraMethods } from './execution.ts';
import { type Join, startReplay } from './replay.ts';
import { pastOfAccountsUnits, pastOfBatchesUnits } from './weights.ts';

type Topic =
  | { readonly topic: 'transfers'; readonly ids?: readonly string[] }
  | { readonly topic: 'batches'; readonly fromBatch?: number }
  | { readonly topic: 'accounts'; readonly accounts: readonly number[]; readonly fromSequence?: number };

/** Subscriptions of one connection. */
export interface Subscriptions {
  readonly methods: ExtraMethods;
  /** Ends all of them, and makes none any more: a call that comes through later would begin one that nobody ends. */
  clear(): void;
}

/** What subscriptions need of the connection that they are of. */
export interface Connection {
  /** Most that it may have. */
  readonly limit: number;
  /** Keeps room for one with so many names, of its address's. @returns how to give it back, or why there is none. */
  reserve(names: number): (() => void) | { readonly refusal: string };
  /** Tells the client of what happened, at the price of that. @param text JSON. */
  notify(subscription: string, text: string): void;
  /** Tells the client of the past, which is paid for by its page; resolves when it went out. @param text JSON. */
  replay(subscription: string, text: string): Promise<void>;
  /** Runs a read of so many units when it is this client's turn, and paid for. */
  turn<R>(units: number, work: () => R): Promise<R>;
  /** A subscription cannot go on. */
  fail(error: unknown): void;
}

/** A running subscription. */
interface Subscription {
  /** What there can be one of in a connection. */
  readonly stream: string | undefined;
  stop(): void;
}

/** Entries or batches of which the past is read at a time. */
const REPLAY_PAGE = 32;

/** A page of the past, and what one costs. */
interface Past {
  readonly units: number;
  readonly read: (from: number) => { readonly place: number; readonly value: unknown }[];
}

function pastOfBatches({ queries }: Pick<Sequencer, 'queries'>): Past {
  const read: Past['read'] = (from) =>
    queries
      .overviewsFrom(from, REPLAY_PAGE)
      .map((overview) => ({ place: overview.batch.number, value: encodeSummary(overview) }));
  return { units: pastOfBatchesUnits(REPLAY_PAGE), read };
}

function pastOfAccounts({ queries }: Pick<Sequencer, 'queries'>, accounts: readonly number[]): Past {
  const read: Past['read'] = (from) =>
    queries.history
      .from(accounts, from, REPLAY_PAGE)
      .map((event) => ({ place: event.logged.sequence, value: encodeHistoryEvent(event) }));
  return { units: pastOfAccountsUnits(REPLAY_PAGE, accounts.length), read };
}

function tooMany(message: string): RpcErrorJson {
  return rpcError(RpcNumber.limit, message, 'TOO_MANY_SUBSCRIPTIONS');
}

/** What a topic tells everybody the same of. One subscription hears all of it, so a second one would only cost. */
const streamOf = (topic: Topic): string | undefined =>
  topic.topic === 'batches' || (topic.topic === 'transfers' && topic.ids === undefined) ? topic.topic : undefined;

/** How many names a topic keeps in memory. */
function namesOf(topic: Topic): number {
  if (topic.topic === 'accounts') return topic.accounts.length;
  return topic.topic === 'transfers' ? (topic.ids?.length ?? 1) : 1;
}

/** A connection without subscriptions. */
export function createSubscriptions(
  sequencer: Pick<Sequencer, 'feed' | 'queries'>,
  broadcast: Broadcast,
  connection: Connection,
): Subscriptions {
  const subscriptions = new Map<string, Subscription>();
  let isEnded = false;

  /** Joins the past with what comes, for as long as the subscription is there. */
  const replay = (subscription: string, first: number | undefined, { units, read }: Past): Join => {
    const { join, done } = startReplay({
      ...{ first, read },
      position: () => sequencer.feed.position,
      send: (value) => connection.replay(subscription, JSON.stringify(value)),
      turn: (work) => connection.turn(units, work),
      isEnded: () => !subscriptions.has(subscription),
    });
    done.catch(connection.fail);
    return join;
  };

  /** Tells, or ends the connection: a client that hears nothing of a failure would believe that nothing happened. */
  const listenerOf = (subscription: string, join?: Join): Listener => ({
    tell(news) {
      try {
        if (join?.isNew(news.place, news.at) !== false) connection.notify(subscription, news.text());
      } catch (error) {
        connection.fail(error);
      }
    },
    fail: connection.fail,
  });

  const listen = (topic: Topic, subscription: string): (() => void) => {
    if (topic.topic === 'transfers') {
      const ids = topic.ids === undefined ? undefined : new Set(topic.ids.map(BigInt));
      return broadcast.toTransfers(ids, listenerOf(subscription));
    }
    if (topic.topic === 'batches') {
      const join = replay(subscription, topic.fromBatch, pastOfBatches(sequencer));
      return broadcast.toBatches(listenerOf(subscription, join));
    }
    const join = replay(subscription, topic.fromSequence, pastOfAccounts(sequencer, topic.accounts));
    return broadcast.toAccounts(new Set(topic.accounts), listenerOf(subscription, join));
  };

  /** Room for one more. @throws RpcErrorJson TOO_MANY_SUBSCRIPTIONS. */
  const reserve = (topic: Topic): (() => void) => {
    const { limit } = connection;
    if (isEnded) throw tooMany('this connection has ended');
    if (subscriptions.size >= limit) throw tooMany(`a connection may have at most ${limit} subscriptions`);
    const stream = streamOf(topic);
    if (stream !== undefined && [...subscriptions.values()].some((other) => other.stream === stream)) {
      throw tooMany(`this connection hears of all ${stream} already`);
    }
    const reserved = connection.reserve(namesOf(topic));
    if (typeof reserved === 'function') return reserved;
    throw tooMany(reserved.refusal);
  };

  return {
    methods: {
      rollup_subscribe(params) {
        const topic = params as Topic;
        const release = reserve(topic);
        const subscription = randomUUID();
        const stream = streamOf(topic);
        // The past is read in a later turn of the event loop, when this is there.
        subscriptions.set(subscription, { stream, stop: release });
        const stop = listen(topic, subscription);
        subscriptions.set(subscription, {
          stream,
          stop() {
            stop();
            release();
          },
        });
        return subscription;
      },
      rollup_unsubscribe(params) {
        const { subscription } = params as { subscription: string };
        subscriptions.get(subscription)?.stop();
        return subscriptions.delete(subscription);
      },
    },
    clear() {
      isEnded = true;
      for (const { stop } of subscriptions.values()) stop();
      subscriptions.clear();
    },
  };
}
