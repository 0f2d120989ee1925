/** A JSON-RPC server that answers what a test wants and remembers what it was asked. */

import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** A JSON-RPC request. */
export interface StubCall {
  readonly id: number;
  readonly method: string;
  readonly params: readonly unknown[];
}

export interface RpcStub {
  readonly url: string;
  /** Methods in the order in which they were called. */
  readonly methods: readonly string[];
  stop(): Promise<void>;
}

/** Starts it. `answer` returns the result of a call; what it throws becomes the error, with its `data` if it has some. */
export async function startRpcStub(answer: (call: StubCall) => unknown): Promise<RpcStub> {
  const methods: string[] = [];
  const respond = async (call: StubCall): Promise<unknown> => {
    methods.push(call.method);
    try {
      return { jsonrpc: '2.0', id: call.id, result: await answer(call) };
    } catch (error) {
      const { message, data } = error as Error & { readonly data?: string };
      return { jsonrpc: '2.0', id: call.id, error: { code: -32000, message, ...(data === undefined ? {} : { data }) } };
    }
  };
  const read = async (request: IncomingMessage): Promise<unknown> => {
    const body = JSON.parse(await text(request)) as StubCall | StubCall[];
    return Array.isArray(body) ? Promise.all(body.map(respond)) : respond(body);
  };
  const server = createServer((request, response) => {
    void read(request).then((body) => {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    methods,
    stop: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

/** Answers of another node. */
export async function forward(url: string, call: StubCall): Promise<unknown> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', ...call }),
  });
  const { result, error } = (await response.json()) as { result?: unknown; error?: { message: string } };
  if (error !== undefined) throw new Error(error.message);
  return result;
}
