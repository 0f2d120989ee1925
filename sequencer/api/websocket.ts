/** Subscriptions over WebSocket. A client that does not read is dropped before its buffer grows. */

import { randomUUID } from 'node:crypto';
import type { WebSocket } from '@fastify/websocket';
import { RpcNumber } from '@quittance/protocol';
import type { Clock, Logger } from '../../runtime/index.ts';
import type { Sequencer } from '../sequencer.ts';
import type { Dispatcher, ExtraMethods } from './dispatcher.ts';
import { rpcError } from './errors.ts';

export interface WebSocketLimits {
  readonly connections: number;
  readonly subscriptionsPerConnection: number;
  /** Requests that one connection may have in progress. */
  readonly requestsInProgress: number;
  /** Bytes that wait for a slow client at most. */
  readonly bufferedBytes: number;
  /** A connection that does not answer a ping for this long is closed. */
  readonly pingMs: number;
}

export const DEFAULT_WEBSOCKET_LIMITS: WebSocketLimits = {
  connections: 1_000,
  subscriptionsPerConnection: 100,
  requestsInProgress: 32,
  bufferedBytes: 1 << 20,
  pingMs: 30_000,
};

export interface WebSocketOptions {
  readonly sequencer: Sequencer;
  readonly dispatcher: Dispatcher;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly limits: WebSocketLimits;
}

const POLICY_VIOLATION = 1008;
const TRY_AGAIN_LATER = 1013;

type TransfersTopic = { readonly topic: 'transfers'; readonly ids?: readonly string[] };
type Topic = TransfersTopic | { readonly topic: 'batches' };

/** Serves connections; the returned function takes one on. */
export function createWebSocketHandler(options: WebSocketOptions): (socket: WebSocket) => void {
  const { sequencer, dispatcher, clock, logger, limits } = options;
  let connectionCount = 0;

  const serve = (socket: WebSocket): void => {
    const subscriptions = new Map<string, () => void>();
    let inProgress = 0;
    let isAlive = true;

    const send = (message: unknown): void => {
      if (socket.readyState !== socket.OPEN) return;
      if (socket.bufferedAmount > limits.bufferedBytes) {
        logger.warn('a WebSocket client reads too slowly and is dropped', { bufferedBytes: socket.bufferedAmount });
        socket.terminate();
        return;
      }
      socket.send(JSON.stringify(message));
    };
    const notify = (subscription: string, result: unknown): void =>
      send({ jsonrpc: '2.0', method: 'rollup_subscription', params: { subscription, result } });

    const listen = (topic: Topic, subscription: string): (() => void) => {
      if (topic.topic === 'batches') {
        return sequencer.events.on('batch', (event) => notify(subscription, event));
      }
      const ids = topic.ids === undefined ? undefined : new Set(topic.ids.map(BigInt));
      return sequencer.events.on('transfer', ({ id, ...event }) => {
        if (ids?.has(id) !== false) notify(subscription, { id: id.toString(), ...event });
      });
    };

    const extra: ExtraMethods = {
      rollup_subscribe(params) {
        if (subscriptions.size >= limits.subscriptionsPerConnection) {
          const message = `a connection has at most ${limits.subscriptionsPerConnection} subscriptions`;
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
    };

    socket.on('message', (data: Buffer, isBinary: boolean) => {
      if (isBinary || inProgress >= limits.requestsInProgress) {
        socket.close(POLICY_VIOLATION, isBinary ? 'text only' : 'too many requests in progress');
        return;
      }
      inProgress += 1;
      dispatcher
        .dispatch(data, extra)
        .then(({ body }) => {
          if (body !== undefined) send(body);
        })
        .catch((error: unknown) => logger.error('a WebSocket request failed', { error }))
        .finally(() => {
          inProgress -= 1;
        });
    });
    socket.on('pong', () => {
      isAlive = true;
    });
    socket.on('error', () => socket.terminate());

    const ping = (): void => {
      if (!isAlive) {
        socket.terminate();
        return;
      }
      isAlive = false;
      socket.ping();
      timer = clock.schedule(limits.pingMs, ping);
    };
    let timer = clock.schedule(limits.pingMs, ping);
    socket.on('close', () => {
      connectionCount -= 1;
      timer.cancel();
      for (const stop of subscriptions.values()) stop();
      subscriptions.clear();
    });
  };

  return (socket) => {
    if (connectionCount >= limits.connections) {
      socket.close(TRY_AGAIN_LATER, 'too many connections');
      return;
    }
    connectionCount += 1;
    serve(socket);
  };
}
