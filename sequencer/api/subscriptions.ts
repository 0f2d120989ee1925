/** The subscriptions of one WebSocket connection. */

import { randomUUID } from 'node:crypto';
import { RpcNumber } from '@quittance/protocol';
import type { EventBus } from '../events.ts';
import { rpcError } from './errors.ts';
import type { ExtraMethods } from './execution.ts';

type TransfersTopic = { readonly topic: 'transfers'; readonly ids?: readonly string[] };
type Topic = TransfersTopic | { readonly topic: 'batches' };

/** Subscriptions of one connection. */
export interface Subscriptions {
  readonly methods: ExtraMethods;
  /** Ends all of them. */
  clear(): void;
}

/**
 * A connection without subscriptions.
 *
 * @param limit Most that one connection may have.
 * @param notify Told of each event, with the id of the subscription that wants it.
 */
export function createSubscriptions(
  events: EventBus,
  limit: number,
  notify: (subscription: string, result: unknown) => void,
): Subscriptions {
  const subscriptions = new Map<string, () => void>();

  const listen = (topic: Topic, subscription: string): (() => void) => {
    if (topic.topic === 'batches') return events.on('batch', (event) => notify(subscription, event));
    const ids = topic.ids === undefined ? undefined : new Set(topic.ids.map(BigInt));
    return events.on('transfer', ({ id, ...event }) => {
      if (ids?.has(id) !== false) notify(subscription, { id: id.toString(), ...event });
    });
  };

  return {
    methods: {
      rollup_subscribe(params) {
        if (subscriptions.size >= limit) {
          const message = `a connection may have at most ${limit} subscriptions`;
          throw rpcError(RpcNumber.limit, message, 'TOO_MANY_SUBSCRIPTIONS');
        }
        const subscription = randomUUID();
        subscriptions.set(subscription, listen(params as Topic, subscription));
        return subscription;
      },
      rollup_unsubscribe(params) {
        const { subscription } = params as { subscription: string };
        subscriptions.get(subscription)?.();
        return subscriptions.delete(subscription);
      },
    },
    clear() {
      for (const stop of subscriptions.values()) stop();
      subscriptions.clear();
    },
  };
}
