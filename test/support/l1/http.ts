/** A local HTTP server that answers as a test tells it. */

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface TestServer {
  readonly url: string;
  readonly requestCount: number;
  stop(): Promise<void>;
}

/** Serves until stopped; `answer` gets the parsed JSON body. */
export async function startServer(
  answer: (body: unknown, response: ServerResponse, request: IncomingMessage) => void,
): Promise<TestServer> {
  let requestCount = 0;
  const server = createServer(async (request, response) => {
    requestCount += 1;
    let text = '';
    for await (const part of request) text += String(part);
    answer(text === '' ? undefined : JSON.parse(text), response, request);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/secret-api-key-0123456789abcdef`,
    get requestCount() {
      return requestCount;
    },
    stop: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
