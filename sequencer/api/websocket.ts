/** Requests and subscriptions over WebSocket. A client that does not read is dropped before its buffer grows. */

import type { Socket } from 'node:net';
import type { WebSocket } from '@fastify/websocket';
import { isRollupError } from '@quittance/protocol';
import type { Clock, Logger } from '../../runtime/index.ts';
import type { Source } from '../mempool/turns.ts';
import type { Sequencer } from '../sequencer.ts';
import type { Allowance } from './allowance.ts';
import { failure } from './calls.ts';
import type { Dispatcher } from './dispatcher.ts';
import { toRpcError } from './errors.ts';
import { createGate, type Gate } from './gate.ts';
import { createSubscriptions } from './subscriptions.ts';
import { endUnfinished } from './unfinished.ts';
import { REQUEST_UNITS, readingUnits } from './weights.ts';

export interface WebSocketLimits {
  /** Most connections, of all addresses and of one. */
  readonly connections: number;
  readonly connectionsPerAddress: number;
  /** Largest message: the largest subscription has 80,000 bytes. */
  readonly messageBytes: number;
  /** A message must have arrived completely after this long. */
  readonly messageMs: number;
  readonly subscriptionsPerConnection: number;
  /** How many requests one connection may have in progress. */
  readonly requestsInProgress: number;
  /** How many bytes may wait for a slow client. */
  readonly bufferedBytes: number;
  /** A connection that does not answer a ping for this long is closed. */
  readonly pingMs: number;
}

export const DEFAULT_WEBSOCKET_LIMITS: WebSocketLimits = {
  connections: 1_000,
  connectionsPerAddress: 100,
  messageBytes: 1 << 17,
  messageMs: 15_000,
  subscriptionsPerConnection: 100,
  requestsInProgress: 32,
  bufferedBytes: 1 << 20,
  pingMs: 30_000,
};

export interface WebSocketOptions {
  readonly sequencer: Sequencer;
  readonly dispatcher: Dispatcher;
  readonly allowance: Allowance;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly limits: WebSocketLimits;
}

/** Close code of RFC 6455, section 7.4.1. */
export const POLICY_VIOLATION = 1008;
const TRY_AGAIN_LATER = 1013;

/** Ends a connection that does not answer a ping in time. @returns how to stop looking. */
function keepAlive(socket: WebSocket, clock: Clock, pingMs: number): () => void {
  let isAlive = true;
  socket.on('pong', () => {
    isAlive = true;
  });
  const ping = (): void => {
    if (!isAlive) {
      socket.terminate();
      return;
    }
    isAlive = false;
    socket.ping();
    timer = clock.schedule(pingMs, ping);
  };
  let timer = clock.schedule(pingMs, ping);
  return () => timer.cancel();
}

/** Waits until an address may ask for so much, and spends it. */
async function waitForUnits(allowance: Allowance, clock: Clock, address: string, units: number): Promise<void> {
  for (;;) {
    try {
      allowance.spend(address, units);
      return;
    } catch (error) {
      if (!isRollupError(error, 'RATE_LIMITED')) throw error;
      await clock.sleep(error.data.retryAfterSeconds * 1_000);
    }
  }
}

/** Serves one connection until it closes. */
function serve(
  socket: WebSocket,
  source: Source,
  { sequencer, dispatcher, allowance, clock, logger, limits }: WebSocketOptions,
  gate: Gate,
): void {
  let inProgress = 0;

  /** Resolves when the message went out, or nothing goes out any more. */
  const send = (message: unknown): Promise<void> => {
    if (socket.readyState !== socket.OPEN) return Promise.resolve();
    if (socket.bufferedAmount > limits.bufferedBytes) {
      logger.warn('a WebSocket client reads too slowly and is dropped', { bufferedBytes: socket.bufferedAmount });
      socket.terminate();
      return Promise.resolve();
    }
    return new Promise((resolve) => socket.send(JSON.stringify(message), () => resolve()));
  };
  const subscriptions = createSubscriptions(sequencer, {
    limit: limits.subscriptionsPerConnection,
    notify: (subscription, result) =>
      send({ jsonrpc: '2.0', method: 'rollup_subscription', params: { subscription, result } }),
    async turn(units, work) {
      await waitForUnits(allowance, clock, source.address, units);
      return await gate.pass(source, units, work);
    },
    fail(error) {
      logger.warn('a subscription cannot go on', { error });
      socket.close(TRY_AGAIN_LATER, 'a subscription cannot go on; subscribe again');
    },
  });

  socket.on('message', (data: Buffer, isBinary: boolean) => {
    if (isBinary || inProgress >= limits.requestsInProgress) {
      socket.close(POLICY_VIOLATION, isBinary ? 'text only' : 'too many requests in progress');
      return;
    }
    try {
      allowance.spend(source.address, REQUEST_UNITS + readingUnits(data.length));
    } catch (error) {
      void send(failure(null, toRpcError(error)));
      return;
    }
    inProgress += 1;
    dispatcher
      .dispatch(data, source, subscriptions.methods)
      .then(({ body }) => {
        if (body !== undefined) void send(body);
      })
      .catch((error: unknown) => logger.error('a WebSocket request failed', { error }))
      .finally(() => {
        inProgress -= 1;
      });
  });
  socket.on('error', () => socket.terminate());
  const stopPinging = keepAlive(socket, clock, limits.pingMs);
  socket.on('close', () => {
    stopPinging();
    subscriptions.clear();
  });
}

/** Serves a connection. @param tcp what is below it. */
export type ServeSocket = (socket: WebSocket, source: Source, tcp: Socket) => void;

/** Returns a function that serves each connection it is given. */
export function createWebSocketHandler(options: WebSocketOptions): ServeSocket {
  const { clock, limits } = options;
  const gate = createGate();
  const counts = new Map<string, number>();
  let connectionCount = 0;
  const add = (address: string, count: 1 | -1): void => {
    connectionCount += count;
    const own = (counts.get(address) ?? 0) + count;
    if (own === 0) counts.delete(address);
    else counts.set(address, own);
  };
  return (socket, source, tcp) => {
    const { address } = source;
    if (connectionCount >= limits.connections || (counts.get(address) ?? 0) >= limits.connectionsPerAddress) {
      socket.close(TRY_AGAIN_LATER, 'too many connections');
      return;
    }
    add(address, 1);
    socket.on('close', () => add(address, -1));
    endUnfinished(socket, tcp, clock, limits.messageMs);
    serve(socket, source, options, gate);
  };
}
