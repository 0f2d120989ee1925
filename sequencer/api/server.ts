/** The HTTP and WebSocket server: JSON-RPC, the REST mirror, descriptions and health, everything bounded. */

import underPressure from '@fastify/under-pressure';
import websocket from '@fastify/websocket';
import { isRollupError } from '@quittance/protocol';
import { BINARY_TYPE, JSON_TYPE } from '@quittance/rpc';
import fastify, { type FastifyInstance, type FastifyRequest } from 'fastify';
import { type Clock, type Logger, type Metrics, silentLogger, startMetricsServer } from '../../runtime/index.ts';
import type { Source } from '../mempool/turns.ts';
import type { Sequencer } from '../sequencer.ts';
import { type Allowance, createAllowance } from './allowance.ts';
import { type ApiConfig, type ApiSettings, DEFAULT_API_CONFIG } from './config.ts';
import { FOREIGN_ORIGIN, installCors, mayConnect } from './cors.ts';
import { createOpenRpc } from './description/openrpc.ts';
import { createDispatcher, type Dispatcher } from './dispatcher.ts';
import { addDocs } from './docs.ts';
import { addExplorer, EXPLORER_PATH, readExplorer } from './explorer.ts';
import { createHandlers } from './handlers.ts';
import { addHealth, addMetrics, createMetricsPage } from './health.ts';
import { installErrorHandlers } from './http-errors.ts';
import { installLimits, type WithBody } from './limits.ts';
import { readinessOf } from './readiness.ts';
import { addRest } from './rest.ts';
import { createSources } from './source.ts';
import { createWebSocketHandler, POLICY_VIOLATION } from './websocket.ts';

/** Who a request comes from. */
type SourceOf = (request: FastifyRequest) => Source;

export interface ApiOptions {
  readonly sequencer: Sequencer;
  readonly clock: Clock;
  readonly logger?: Logger;
  readonly config?: ApiSettings;
  /** Folder of the built explorer; without it /explorer/ says how to build one. */
  readonly explorer?: string;
}

/** A running server. */
export interface Api {
  /** Where it listens, for example http://127.0.0.1:8545. */
  readonly url: string;
  /** Where /metrics is: at a port of its own, unless the settings name the same. */
  readonly metricsUrl: string;
  /** For further routes, like the explorer's. */
  readonly server: FastifyInstance;
  stop(): Promise<void>;
}

/** An HTTP server with its limits but without routes. */
async function createServer(
  config: ApiConfig,
  allowance: Allowance,
  logger: Logger,
): Promise<{ readonly server: FastifyInstance; readonly withBody: WithBody }> {
  const { requestTimeoutMs, trustedProxies } = config;
  const server = fastify({
    requestTimeout: requestTimeoutMs,
    connectionTimeout: config.idleMs,
    keepAliveTimeout: Math.min(config.idleMs, 30_000),
    forceCloseConnections: true,
    // How often Node looks for requests that are overdue.
    http: { connectionsCheckingInterval: Math.min(requestTimeoutMs, 5_000) },
    logger: false,
    // As long as Node lets a request's head be: the schemas say what is too long, as everywhere.
    routerOptions: { maxParamLength: 16_384 },
    trustProxy: trustedProxies.length === 0 ? false : [...trustedProxies],
  });
  server.server.headersTimeout = requestTimeoutMs;
  server.server.maxConnections = config.connections;
  installErrorHandlers(server, logger);
  await installCors(server, config.allowOrigins);
  server.addHook('onRequest', async (_request, reply) => {
    reply.header('x-content-type-options', 'nosniff');
  });
  const withBody = installLimits(server, config, allowance);
  await server.register(underPressure, {
    maxEventLoopDelay: config.maxEventLoopDelayMs,
    retryAfter: 5,
    message: 'the sequencer is overloaded; send it again later',
  });
  // Pieces have a price in memory beside their bytes.
  const pieces = { maxBufferedChunks: 1_024, maxFragments: 256 };
  await server.register(websocket, { options: { maxPayload: config.webSocket.messageBytes, ...pieces } });
  return { server, withBody };
}

function addRpc(server: FastifyInstance, withBody: WithBody, dispatcher: Dispatcher, sourceOf: SourceOf): void {
  server.post('/', async (request, reply) => {
    const source = sourceOf(request);
    const isList = request.headers['content-type']?.startsWith(BINARY_TYPE) === true;
    const { status, body, retryAfterSeconds } = await withBody(request, (bytes) =>
      isList ? dispatcher.dispatchList(bytes, source) : dispatcher.dispatch(bytes, source),
    );
    if (status === 503) void reply.header('retry-after', '5');
    if (status === 429) void reply.header('retry-after', String(retryAfterSeconds ?? 1));
    return body === undefined ? reply.code(204).send() : reply.code(status).type(JSON_TYPE).send(JSON.stringify(body));
  });
}

/** Opens the ports: that of the API, and that of the metrics where it is another. @throws when one is taken. */
async function listen(
  server: FastifyInstance,
  { host, port, metrics }: ApiConfig,
  parts: { readonly page: Pick<Metrics, 'print'>; readonly sequencer: Sequencer },
): Promise<Pick<Api, 'url' | 'metricsUrl' | 'stop'>> {
  const { page, sequencer } = parts;
  const url = await server.listen({ host, port });
  if (metrics === undefined) return { url, metricsUrl: url, stop: () => server.close() };
  try {
    const own = await startMetricsServer({
      ...metrics,
      metrics: page,
      readiness: () => readinessOf(sequencer.status()),
    });
    return { url, metricsUrl: own.url, stop: async () => void (await Promise.all([server.close(), own.stop()])) };
  } catch (error) {
    await server.close();
    throw error;
  }
}

/** Starts the server. @throws when the port is taken. */
export async function startApi(options: ApiOptions): Promise<Api> {
  const { sequencer, clock, logger = silentLogger } = options;
  const config = { ...DEFAULT_API_CONFIG, ...options.config };
  const { bodyBytes, callsPerBatch } = config;
  const { measurements } = sequencer;
  const description = createOpenRpc();
  const allowance = createAllowance(config.allowance, clock);
  const files = options.explorer === undefined ? undefined : readExplorer(options.explorer);
  const explorer = files === undefined ? null : EXPLORER_PATH;
  const handlers = createHandlers({ sequencer, allowance, bodyBytes, callsPerBatch, explorer });
  const settled = (): Promise<void> | undefined => sequencer.settled();
  const dispatcher = createDispatcher({
    ...{ handlers, settled, description, callsPerBatch, allowance, measurements, clock, logger },
  });
  const serveSocket = createWebSocketHandler({
    sequencer,
    dispatcher,
    allowance,
    clock,
    logger,
    limits: config.webSocket,
  });
  const { server, withBody } = await createServer(config, allowance, logger);
  const sources = createSources();
  const sourceOf: SourceOf = (request) => sources(request.ip, request.socket);
  const page = createMetricsPage(sequencer.metrics, clock);
  await server.register(async (scope) => {
    addRpc(scope, withBody, dispatcher, sourceOf);
    scope.get('/ws', { websocket: true }, (socket, request) => {
      if (mayConnect(config.allowOrigins, request)) serveSocket(socket, sourceOf(request), request.socket);
      else socket.close(POLICY_VIOLATION, FOREIGN_ORIGIN);
    });
    addRest(scope, { dispatcher, sourceOf, chainId: sequencer.chainId });
    await addDocs(scope, description);
    addHealth(scope, sequencer);
    if (config.metrics === undefined) addMetrics(scope, page);
    addExplorer(scope, files);
  });
  const { url, metricsUrl, stop } = await listen(server, config, { page, sequencer });
  logger.info('the JSON-RPC interface is up', { url, metricsUrl });
  return {
    url,
    metricsUrl,
    server,
    async stop() {
      try {
        await stop();
      } catch (error) {
        if (!isRollupError(error)) logger.warn('closing the server failed', { error });
      }
    },
  };
}
