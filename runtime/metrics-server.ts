/** GET /metrics, /livez and /readyz, and nothing else, on a port of their own. */

import { createServer, type ServerResponse } from 'node:http';
import { type Listening, listen } from './listening.ts';
import type { Metrics } from './metrics.ts';

/** What /readyz answers: whether the process does its work, and why not. */
export type Readiness =
  | { readonly ready: true }
  | {
      readonly ready: false;
      /** Code of what is in the way, in capitals. */
      readonly reason: string;
      readonly message: string;
    };

export interface MetricsServerOptions {
  readonly host: string;
  /** 0 takes a free port. */
  readonly port: number;
  readonly metrics: Pick<Metrics, 'print'>;
  readonly readiness: () => Readiness;
}

const REQUEST_TIMEOUT_MS = 5_000;
const MAX_CONNECTIONS = 64;

function answer(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, { 'content-type': type, 'x-content-type-options': 'nosniff', connection: 'close' });
  response.end(body);
}

const json = (response: ServerResponse, status: number, value: unknown): void =>
  answer(response, status, 'application/json', JSON.stringify(value));

/** Starts the server. @throws when the port is taken. */
export async function startMetricsServer({ host, port, metrics, readiness }: MetricsServerOptions): Promise<Listening> {
  const server = createServer((request, response) => {
    const path = request.url?.split('?')[0];
    if (request.method !== 'GET') return json(response, 405, { error: 'only GET' });
    if (path === '/livez') return json(response, 200, { live: true });
    if (path === '/readyz') {
      const state = readiness();
      return json(response, state.ready ? 200 : 503, state);
    }
    if (path !== '/metrics') return json(response, 404, { error: 'there are /metrics, /livez and /readyz' });
    metrics.print().then(
      ({ contentType, text }) => answer(response, 200, contentType, text),
      () => json(response, 500, { error: 'internal error' }),
    );
  });
  server.requestTimeout = REQUEST_TIMEOUT_MS;
  server.headersTimeout = REQUEST_TIMEOUT_MS;
  server.maxConnections = MAX_CONNECTIONS;
  return listen(server, host, port);
}
