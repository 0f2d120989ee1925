/** The port at which other parties connect: WebSockets at /channels/v1, with bounds on all that strangers can cause. */

import type { AddressInfo } from 'node:net';
import websocket, { type WebSocket } from '@fastify/websocket';
import { CHANNELS_PATH } from '@quittance/protocol';
import { type ChannelParty, CLOSE, WIRE_LIMITS, type WireEnd, type WireSocket } from '@quittance/sdk/channels';
import Fastify from 'fastify';
import { type Clock, endUnfinished, keepAlive, type Logger } from '../../runtime/index.ts';

/** Bounds of the server. */
export interface ChannelServerLimits {
  /** Connections, of all addresses and of one. */
  readonly connections: number;
  readonly connectionsPerAddress: number;
  /** Who does not answer a ping for this long is let go. */
  readonly pingMs: number;
  /** A text must have arrived completely after this long. */
  readonly messageMs: number;
}

const CHANNEL_SERVER_LIMITS: ChannelServerLimits = {
  connections: 10_000,
  connectionsPerAddress: 100,
  pingMs: 20_000,
  messageMs: 15_000,
};

export interface ChannelServerOptions {
  readonly party: Pick<ChannelParty, 'accept'>;
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Proxies whose word on a client's address is taken. */
  readonly trustedProxies?: readonly string[];
  readonly limits?: Partial<ChannelServerLimits>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** A server that listens. */
export interface ChannelServer {
  /** For example ws://127.0.0.1:9735/channels/v1. */
  readonly url: string;
  readonly connectionCount: number;
  stop(): Promise<void>;
}

/** A WebSocket as the wire protocol has it. */
function wireOf(socket: WebSocket): WireSocket {
  return {
    get waitingBytes() {
      return socket.bufferedAmount;
    },
    send: (text) => socket.readyState === socket.OPEN && socket.send(text),
    close: (code, reason) => socket.close(code, reason),
  };
}

/** Carries one connection. */
function carry(socket: WebSocket, end: WireEnd): void {
  socket.on('message', (data: Buffer, isBinary: boolean) => {
    if (isBinary) socket.close(CLOSE.policy, 'text only');
    else end.receive(data.toString('utf8'));
  });
  socket.on('error', () => socket.terminate());
  socket.on('close', () => end.ended());
}

/** Starts the server. @throws when the port is taken. */
export async function startChannelServer(options: ChannelServerOptions): Promise<ChannelServer> {
  const { party, host, port, clock, logger, trustedProxies = [] } = options;
  const limits = { ...CHANNEL_SERVER_LIMITS, ...options.limits };
  const server = Fastify({ logger: false, trustProxy: trustedProxies.length === 0 ? false : [...trustedProxies] });
  await server.register(websocket, {
    options: { maxPayload: WIRE_LIMITS.frameBytes, maxBufferedChunks: 1_024, maxFragments: 64 },
  });
  const perAddress = new Map<string, number>();
  let connectionCount = 0;
  server.get(CHANNELS_PATH, { websocket: true }, (socket, { ip, socket: tcp }) => {
    const ofAddress = perAddress.get(ip) ?? 0;
    if (connectionCount >= limits.connections || ofAddress >= limits.connectionsPerAddress) {
      socket.close(CLOSE.later, 'too many connections');
      return;
    }
    connectionCount += 1;
    perAddress.set(ip, ofAddress + 1);
    socket.on('close', () => {
      connectionCount -= 1;
      const left = perAddress.get(ip)! - 1;
      if (left === 0) perAddress.delete(ip);
      else perAddress.set(ip, left);
    });
    keepAlive(socket, clock, limits.pingMs);
    endUnfinished(socket, tcp, clock, limits.messageMs);
    const end = party.accept(wireOf(socket));
    carry(socket, end);
    void end.gone.then((error) => logger.debug('a connection has ended', { ip, error }));
  });
  server.get('/livez', async () => ({ status: 'ok' }));
  await server.listen({ host, port });
  const { address, family, port: actual } = server.server.address() as AddressInfo;
  return {
    url: `ws://${family === 'IPv6' ? `[${address}]` : address}:${actual}${CHANNELS_PATH}`,
    get connectionCount() {
      return connectionCount;
    },
    async stop() {
      for (const socket of server.websocketServer.clients) socket.close(CLOSE.away, 'this server is stopping');
      await server.close();
    },
  };
}
