/** GET /metrics, /livez and /readyz, and nothing else. */

import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Metrics } from '../../runtime/index.ts';

export interface MetricsServerOptions {
  readonly host: string;
  /** 0 takes a free port. */
  readonly port: number;
  readonly metrics: Metrics;
  /** Whether everything up to a fresh head has been verified. */
  readonly isReady: () => boolean;
}

/** A running server. */
export interface MetricsServer {
  readonly url: string;
  stop(): Promise<void>;
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
export async function startMetricsServer({
  host,
  port,
  metrics,
  isReady,
}: MetricsServerOptions): Promise<MetricsServer> {
  const server = createServer((request, response) => {
    const path = request.url?.split('?')[0];
    if (request.method !== 'GET') return json(response, 405, { error: 'only GET' });
    if (path === '/livez') return json(response, 200, { live: true });
    if (path === '/readyz') return json(response, isReady() ? 200 : 503, { ready: isReady() });
    if (path !== '/metrics') return json(response, 404, { error: 'there are /metrics, /livez and /readyz' });
    metrics.print().then(
      ({ contentType, text }) => answer(response, 200, contentType, text),
      () => json(response, 500, { error: 'internal error' }),
    );
  });
  server.requestTimeout = REQUEST_TIMEOUT_MS;
  server.headersTimeout = REQUEST_TIMEOUT_MS;
  server.maxConnections = MAX_CONNECTIONS;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  const { address, family, port: actual } = server.address() as AddressInfo;
  return {
    url: `http://${family === 'IPv6' ? `[${address}]` : address}:${actual}`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
