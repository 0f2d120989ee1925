/**
 * A pooler in transaction mode, as pgbouncer's: any number of connections share a few of the server, each for as long as a
 * transaction takes. It answers the start of a connection itself.
 */

import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import pg from 'pg';

/** Messages of the frontend protocol that a connection begins with, without a type. */
const START_TYPES = { ssl: 80_877_103, version3: 196_608 } as const;

interface Backend {
  readonly socket: Socket;
  client: Socket | undefined;
}

const frame = (type: string, body: Buffer): Buffer => {
  const head = Buffer.alloc(5);
  head.write(type);
  head.writeUInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
};
const WELCOME = Buffer.concat([
  frame('R', Buffer.alloc(4)),
  frame('K', Buffer.from([0, 0, 0, 1, 0, 0, 0, 2])),
  frame('Z', Buffer.from('I')),
]);

/** Calls back with each message of the server: type, first byte of its body, bytes. */
function eachMessage(socket: Socket, onMessage: (type: string, first: number, bytes: Buffer) => void): void {
  let rest = Buffer.alloc(0);
  socket.on('data', (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    while (rest.length >= 5 && rest.length >= 1 + rest.readUInt32BE(1)) {
      const bytes = rest.subarray(0, 1 + rest.readUInt32BE(1));
      rest = rest.subarray(bytes.length);
      onMessage(String.fromCharCode(bytes[0]!), bytes[5] ?? 0, bytes);
    }
  });
}

/** Connects to the server as pg does, and takes its socket. */
async function createBackend(url: string, onIdle: (backend: Backend) => void): Promise<Backend> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  const { stream } = (client as unknown as { connection: { stream: Socket } }).connection;
  stream.removeAllListeners('data');
  const backend: Backend = { socket: stream, client: undefined };
  stream.on('error', () => undefined);
  eachMessage(stream, (type, status, bytes) => {
    backend.client?.write(bytes);
    if (type === 'Z' && status === 'I'.charCodeAt(0)) onIdle(backend);
  });
  return backend;
}

/** Starts it before the server at `url`, with `size` connections to that. */
export async function startPooler(url: string, size: number) {
  const idle: Backend[] = [];
  const waiting: ((backend: Backend) => void)[] = [];
  const release = (backend: Backend): void => {
    backend.client = undefined;
    const next = waiting.shift();
    // The last that became free is the first that is taken: it is the warmest.
    if (next === undefined) idle.push(backend);
    else next(backend);
  };
  const backends = await Promise.all(Array.from({ length: size }, () => createBackend(url, release)));
  idle.push(...backends);
  const clients = new Set<Socket>();
  const serve = (client: Socket): void => {
    clients.add(client);
    client.on('error', () => undefined);
    let isStarted = false;
    let backend: Backend | undefined;
    const send = (bytes: Buffer, target: Backend): void => {
      backend = target;
      target.client = client;
      target.socket.write(bytes);
    };
    client.on('data', (bytes) => {
      if (!isStarted) {
        if (bytes.readUInt32BE(4) === START_TYPES.ssl) return void client.write('N');
        isStarted = bytes.readUInt32BE(4) === START_TYPES.version3;
        return void client.write(WELCOME);
      }
      if (String.fromCharCode(bytes[0]!) === 'X') return void client.end();
      if (backend?.client === client) return send(bytes, backend);
      const free = idle.pop();
      if (free === undefined) waiting.push((next) => send(bytes, next));
      else send(bytes, free);
    });
  };
  const server = createServer(serve).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: url.replace(/@[^/]+/, `@127.0.0.1:${port}`),
    async stop(): Promise<void> {
      for (const socket of [...clients, ...backends.map(({ socket }) => socket)]) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
