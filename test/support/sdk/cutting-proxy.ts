/** A proxy in front of a sequencer that cuts connections: before a request arrives, or before its answer does. */

import { createServer, request as forward, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';

/** What happens to a request. */
export type Cut = 'none' | 'before' | 'after';

export interface CuttingProxy {
  readonly url: string;
  /** How many requests came for each method; lists as bytes count as `bytes`. */
  readonly counts: Map<string, number>;
  /** Cuts all connections, and refuses new ones until `open`. */
  close(): void;
  open(): void;
  stop(): Promise<void>;
}

/** The method of a body. */
function methodOf(body: Buffer, { headers }: IncomingMessage): string {
  if (headers['content-type'] !== 'application/json') return 'bytes';
  return (JSON.parse(body.toString()) as { method: string }).method;
}

/** Hands a request on. @returns the answer. */
function ask(target: URL, { headers }: IncomingMessage, body: Buffer) {
  return new Promise<{ status: number; body: Buffer; type: string }>((resolve, reject) => {
    const options = {
      method: 'POST',
      headers: { 'content-type': headers['content-type'], 'content-length': body.length },
    };
    forward(target, options, async (response) => {
      const answer = await buffer(response);
      resolve({ status: response.statusCode!, body: answer, type: response.headers['content-type'] ?? '' });
    })
      .once('error', reject)
      .end(body);
  });
}

/** Starts it. @param cutOf decides about each request, by its method and how many of this method came before. */
export async function startCuttingProxy(
  targetUrl: string,
  cutOf: (method: string, earlier: number) => Cut = () => 'none',
): Promise<CuttingProxy> {
  const target = new URL(targetUrl);
  const counts = new Map<string, number>();
  const sockets = new Set<Socket>();
  let isOpen = true;

  const serve = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await buffer(incoming);
    const method = methodOf(body, incoming);
    const earlier = counts.get(method) ?? 0;
    counts.set(method, earlier + 1);
    const cut = cutOf(method, earlier);
    if (cut === 'before') return void incoming.socket.destroy();
    const answer = await ask(target, incoming, body);
    if (cut === 'after') return void incoming.socket.destroy();
    response.writeHead(answer.status, { 'content-type': answer.type }).end(answer.body);
  };
  const server = createServer((incoming, response) => {
    serve(incoming, response).catch(() => incoming.socket.destroy());
  });
  server.on('connection', (socket) => {
    if (!isOpen) socket.destroy();
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  // WebSockets pass through as bytes.
  server.on('upgrade', (incoming, socket: Socket, head) => {
    const upstream = connect(Number(target.port), target.hostname, () => {
      const lines = Object.entries(incoming.headers).map(([name, value]) => `${name}: ${value}`);
      upstream.write(`${incoming.method} ${incoming.url} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`);
      upstream.write(head);
      socket.pipe(upstream).pipe(socket);
    });
    for (const [one, other] of [
      [socket, upstream],
      [upstream, socket],
    ] as const) {
      one.on('error', () => other.destroy());
      one.on('close', () => other.destroy());
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    counts,
    close() {
      isOpen = false;
      for (const socket of sockets) socket.destroy();
    },
    open() {
      isOpen = true;
    },
    stop: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}
