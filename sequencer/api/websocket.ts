/** Requests and subscriptions over WebSocket. A client that does not read is dropped before its buffer grows. */

import type { Socket } from 'node:net';
import type { WebSocket } from '@fastify/websocket';
import { isRollupError } from '@quittance/protocol';
import { type Clock, endUnfinished, keepAlive, type Logger } from '../../runtime/index.ts';
import type { Source } from '../mempool/turns.ts';
import type { Sequencer } from '../sequencer.ts';
import type { Allowance } from './allowance.ts';
import { type Broadcast, createBroadcast } from './broadcast.ts';
import { failure } from './calls.ts';
import type { Dispatcher } from './dispatcher.ts';
import { toRpcError } from './errors.ts';
import { createGate, type Gate } from './gate.ts';
import { createShares, type Shares } from './shares.ts';
import { type Connection, createSubscriptions } from './subscriptions.ts';
import { NOTIFICATIONS_PER_UNIT, REQUEST_UNITS, readingUnits } from './weights.ts';

export interface WebSocketLimits {
  /** Most connections, of all addresses and of one. */
  readonly connections: number;
  readonly connectionsPerAddress: number;
  /** Largest message: the largest subscription has 80,000 bytes. */
  readonly messageBytes: number;
  /** A message must have arrived completely after this long. */
  readonly messageMs: number;
  readonly subscriptionsPerConnection: number;
  /** Most subscriptions of one address, and ids and accounts of all of them. */
  readonly subscriptionsPerAddress: number;
  readonly namesPerAddress: number;
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
  subscriptionsPerAddress: 1_000,
  namesPerAddress: 100_000,
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
const HEARS_TOO_MUCH = 'this address hears of more than it may ask for; subscribe to less, or later';

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

/** What all connections share. */
interface Shared {
  readonly gate: Gate;
  readonly broadcast: Broadcast;
  readonly subscriptions: Shares;
  readonly names: Shares;
}

/** Keeps room for a subscription of an address. */
function reserveFor(address: string, shared: Shared, limits: WebSocketLimits): Connection['reserve'] {
  return (count) => {
    const subscription = shared.subscriptions.take(address, 1);
    if (subscription === undefined) {
      return { refusal: `an address may have at most ${limits.subscriptionsPerAddress} subscriptions` };
    }
    const names = shared.names.take(address, count);
    if (names === undefined) {
      subscription();
      return { refusal: `an address may subscribe to at most ${limits.namesPerAddress} ids and accounts` };
    }
    return () => {
      subscription();
      names();
    };
  };
}

/** Sends texts to a client that reads them. */
function createSend(socket: WebSocket, logger: Logger, bufferedBytes: number): (text: string) => Promise<void> {
  return (text) => {
    if (socket.readyState !== socket.OPEN) return Promise.resolve();
    if (socket.bufferedAmount > bufferedBytes) {
      logger.warn('a WebSocket client reads too slowly and is dropped', { bufferedBytes: socket.bufferedAmount });
      socket.terminate();
      return Promise.resolve();
    }
    return new Promise((resolve) => socket.send(text, () => resolve()));
  };
}

/** A notification. @param text JSON of what is told, which is the same for all who are. */
const notification = (subscription: string, text: string): string =>
  `{"jsonrpc":"2.0","method":"rollup_subscription","params":{"subscription":"${subscription}","result":${text}}}`;

/** Serves one connection until it closes. */
function serve(socket: WebSocket, source: Source, options: WebSocketOptions, shared: Shared): void {
  const { sequencer, dispatcher, allowance, clock, logger, limits } = options;
  let inProgress = 0;
  const sendText = createSend(socket, logger, limits.bufferedBytes);
  const send = (message: unknown): Promise<void> => sendText(JSON.stringify(message));
  /** Nothing more is told of: what goes on would cost, and be for nobody. */
  const end = (reason: string): void => {
    subscriptions.clear();
    socket.close(TRY_AGAIN_LATER, reason);
  };
  const subscriptions = createSubscriptions(sequencer, shared.broadcast, {
    limit: limits.subscriptionsPerConnection,
    reserve: reserveFor(source.address, shared, limits),
    notify(subscription, text) {
      if (!allowance.charge(source.address, 1 / NOTIFICATIONS_PER_UNIT)) end(HEARS_TOO_MUCH);
      else void sendText(notification(subscription, text));
    },
    replay: (subscription, text) => sendText(notification(subscription, text)),
    async turn(units, work) {
      await waitForUnits(allowance, clock, source.address, units);
      return await shared.gate.pass(source, units, work);
    },
    fail(error) {
      logger.warn('a subscription cannot go on', { error });
      end('a subscription cannot go on; subscribe again');
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
  keepAlive(socket, clock, limits.pingMs);
  socket.on('close', () => subscriptions.clear());
}

/** Serves a connection. @param tcp what is below it. */
export type ServeSocket = (socket: WebSocket, source: Source, tcp: Socket) => void;

/** Returns a function that serves each connection it is given. */
export function createWebSocketHandler(options: WebSocketOptions): ServeSocket {
  const { clock, limits } = options;
  const connections = createShares(limits.connectionsPerAddress);
  const shared: Shared = {
    gate: createGate(),
    broadcast: createBroadcast(options.sequencer),
    subscriptions: createShares(limits.subscriptionsPerAddress),
    names: createShares(limits.namesPerAddress),
  };
  return (socket, source, tcp) => {
    const close = connections.total < limits.connections ? connections.take(source.address, 1) : undefined;
    if (close === undefined) {
      socket.close(TRY_AGAIN_LATER, 'too many connections');
      return;
    }
    socket.on('close', close);
    endUnfinished(socket, tcp, clock, limits.messageMs);
    serve(socket, source, options, shared);
  };
}
