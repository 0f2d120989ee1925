/** A reverse proxy that does what the page Run behind a proxy has nginx do: it says whose requests it passes on. */

import { createServer, type IncomingHttpHeaders, request as send } from 'node:http';
import type { AddressInfo } from 'node:net';

/** An answer to a client. */
export interface Answer {
  readonly status: number;
  readonly body: string;
}

/** A proxy before `target`. */
export async function startProxy(target: string): Promise<{ readonly url: string; stop(): Promise<void> }> {
  const { hostname, port } = new URL(target);
  const server = createServer((incoming, outgoing) => {
    const headers: IncomingHttpHeaders = { ...incoming.headers, 'x-forwarded-for': incoming.socket.remoteAddress };
    const { method, url: path } = incoming;
    const passed = send({ hostname, port, method, path, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode!, answer.headers);
      answer.pipe(outgoing);
    });
    passed.once('error', () => outgoing.destroy());
    incoming.pipe(passed);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** A call of JSON-RPC by a client of this address of the machine. @param headers what it claims besides. */
export function callFrom(
  address: string,
  url: string,
  method: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params: {} });
  return new Promise((resolve, reject) => {
    const options = {
      method: 'POST',
      localAddress: address,
      headers: { 'content-type': 'application/json', ...headers },
    };
    const call = send(url, options, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (piece: string) => {
        text += piece;
      });
      answer.once('end', () => resolve({ status: answer.statusCode!, body: text }));
    });
    call.once('error', reject).end(body);
  });
}
