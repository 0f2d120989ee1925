/** The HTTP and WebSocket server: JSON-RPC, descriptions, health and metrics, everything bounded. */

import rateLimit from '@fastify/rate-limit';
import swagger from '@fastify/swagger';
import underPressure from '@fastify/under-pressure';
import websocket from '@fastify/websocket';
import { isRollupError, RpcNumber } from '@quittance/protocol';
import { METHODS } from '@quittance/rpc';
import fastify, { type FastifyInstance, type FastifyReply } from 'fastify';
import { type Clock, type Logger, silentLogger } from '../../runtime/index.ts';
import type { Sequencer } from '../sequencer.ts';
import { createDispatcher, type Dispatcher } from './dispatcher.ts';
import { rpcError } from './errors.ts';
import { createHandlers, VERSION } from './handlers.ts';
import { createDescription } from './openrpc.ts';
import { createWebSocketHandler, DEFAULT_WEBSOCKET_LIMITS, type WebSocketLimits } from './websocket.ts';

/** Settings of the server. */
export interface ApiConfig {
  readonly host: string;
  /** 0 picks a free port. */
  readonly port: number;
  /** Largest request body or WebSocket message. */
  readonly bodyBytes: number;
  /** Most requests of a JSON-RPC batch. */
  readonly callsPerBatch: number;
  /** A request must have arrived completely after this long. */
  readonly requestTimeoutMs: number;
  /** Most open connections; further ones are closed at once. */
  readonly connections: number;
  /** Requests of one address in one window. */
  readonly rateLimit: { readonly max: number; readonly windowMs: number };
  /** Requests are answered with 503 while the event loop lags by more than this. */
  readonly maxEventLoopDelayMs: number;
  /** Value of access-control-allow-origin: wallets in browsers come from other origins. */
  readonly allowOrigin: string;
  readonly webSocket: WebSocketLimits;
}

const DEFAULT_API_CONFIG: ApiConfig = {
  host: '127.0.0.1',
  port: 0,
  bodyBytes: 1 << 20,
  callsPerBatch: 100,
  requestTimeoutMs: 15_000,
  connections: 10_000,
  rateLimit: { max: 50_000, windowMs: 10_000 },
  maxEventLoopDelayMs: 5_000,
  allowOrigin: '*',
  webSocket: DEFAULT_WEBSOCKET_LIMITS,
};

export interface ApiOptions {
  readonly sequencer: Sequencer;
  readonly clock: Clock;
  readonly logger?: Logger;
  readonly config?: Partial<ApiConfig>;
}

/** A running server. */
export interface Api {
  /** Where it listens, for example http://127.0.0.1:8545. */
  readonly url: string;
  /** For further routes, like the explorer's. */
  readonly server: FastifyInstance;
  stop(): Promise<void>;
}

/** Bodies of errors that Fastify itself raises: too large, too slow, wrong type, too many. */
function installErrorHandler(server: FastifyInstance, logger: Logger): void {
  server.setErrorHandler((error: { statusCode?: number; code?: string; message: string }, _request, reply) => {
    const status = error.statusCode ?? 500;
    if (status >= 500 && status !== 503) logger.error('a request failed', { error });
    const isLimit = status === 413 || status === 429 || status === 503;
    const code = isLimit ? RpcNumber.limit : status >= 500 ? RpcNumber.internal : RpcNumber.invalidRequest;
    const message = status >= 500 && status !== 503 ? 'internal error' : error.message;
    if (status === 503) void reply.header('retry-after', '5');
    return reply
      .code(status)
      .send({ jsonrpc: '2.0', id: null, error: rpcError(code, message, error.code ?? `HTTP_${status}`) });
  });
  server.setNotFoundHandler((_request, reply) =>
    reply.code(404).send({
      jsonrpc: '2.0',
      id: null,
      error: rpcError(RpcNumber.methodNotFound, 'there is nothing here; JSON-RPC is POST /', 'HTTP_404'),
    }),
  );
}

function addHealth(server: FastifyInstance, sequencer: Sequencer): void {
  const notReady = (reply: FastifyReply, reason: string): FastifyReply =>
    reply.code(503).header('retry-after', '5').send({ ready: false, reason });
  server.get('/livez', { schema: { summary: 'The process answers.' }, config: { rateLimit: false } }, () => ({
    live: true,
  }));
  server.get(
    '/readyz',
    { schema: { summary: 'Transfers are accepted.' }, config: { rateLimit: false } },
    (_request, reply) => {
      const { halted } = sequencer.status();
      return halted === undefined ? { ready: true } : notReady(reply, halted.code);
    },
  );
  server.get(
    '/metrics',
    { schema: { summary: 'Prometheus metrics.' }, config: { rateLimit: false } },
    async (_request, reply) => {
      const { contentType, text } = await sequencer.metrics.print();
      return reply.type(contentType).send(text);
    },
  );
}

/** An HTTP server with its limits but without routes. */
async function createServer(config: ApiConfig, logger: Logger): Promise<FastifyInstance> {
  const server = fastify({
    bodyLimit: config.bodyBytes,
    requestTimeout: config.requestTimeoutMs,
    connectionTimeout: 4 * config.requestTimeoutMs,
    keepAliveTimeout: 30_000,
    forceCloseConnections: true,
    // How often Node looks for requests that are overdue.
    http: { connectionsCheckingInterval: Math.min(config.requestTimeoutMs, 5_000) },
    logger: false,
    routerOptions: { maxParamLength: 100 },
  });
  server.server.headersTimeout = config.requestTimeoutMs;
  server.server.maxConnections = config.connections;
  installErrorHandler(server, logger);
  server.addHook('onRequest', async (_request, reply) => {
    reply.headers({ 'access-control-allow-origin': config.allowOrigin, 'x-content-type-options': 'nosniff' });
  });
  await server.register(underPressure, {
    maxEventLoopDelay: config.maxEventLoopDelayMs,
    retryAfter: 5,
    message: 'the sequencer is overloaded; send it again later',
  });
  const { max, windowMs } = config.rateLimit;
  await server.register(rateLimit, { max, timeWindow: windowMs, cache: 10_000 });
  await server.register(websocket, { options: { maxPayload: config.bodyBytes } });
  await server.register(swagger, {
    openapi: { openapi: '3.1.0', info: { title: 'Rollup sequencer', version: VERSION } },
  });
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  return server;
}

/** Describes a body. The dispatcher validates bodies itself, to answer with JSON-RPC errors. */
const BODY_SCHEMA = {
  type: 'object',
  required: ['jsonrpc', 'method'],
  properties: {
    jsonrpc: { const: '2.0' },
    id: { type: ['string', 'number', 'null'] },
    method: { enum: Object.keys(METHODS) },
    params: { anyOf: Object.values(METHODS).map(({ params }) => params) },
  },
};

function addRpc(server: FastifyInstance, dispatcher: Dispatcher): void {
  server.setValidatorCompiler(() => () => true);
  const summary = 'JSON-RPC 2.0, one request or an array of them. Methods: /openrpc.json';
  server.post('/', { schema: { summary, body: BODY_SCHEMA } }, async (request, reply) => {
    const { status, body } = await dispatcher.dispatch((request.body as Buffer | null) ?? Buffer.alloc(0));
    if (status === 503) void reply.header('retry-after', '5');
    return body === undefined
      ? reply.code(204).send()
      : reply.code(status).type('application/json').send(JSON.stringify(body));
  });
  const preflight = {
    'access-control-allow-methods': 'POST',
    'access-control-allow-headers': 'content-type',
    'access-control-max-age': '86400',
  };
  server.options('/', { schema: { hide: true } }, (_request, reply) => reply.code(204).headers(preflight).send());
}

/** Starts the server. @throws when the port is taken. */
export async function startApi(options: ApiOptions): Promise<Api> {
  const { sequencer, clock, logger = silentLogger } = options;
  const config = { ...DEFAULT_API_CONFIG, ...options.config };
  const { bodyBytes, callsPerBatch } = config;
  const { measurements } = sequencer;
  const description = createDescription();
  const handlers = createHandlers({ sequencer, bodyBytes, callsPerBatch });
  const dispatcher = createDispatcher({ handlers, description, callsPerBatch, measurements, logger });
  const serveSocket = createWebSocketHandler({ sequencer, dispatcher, clock, logger, limits: config.webSocket });
  const server = await createServer(config, logger);
  await server.register(async (scope) => {
    addRpc(scope, dispatcher);
    scope.get('/ws', { websocket: true, schema: { hide: true } }, (socket) => serveSocket(socket));
    scope.get('/openrpc.json', { schema: { summary: 'OpenRPC description.' } }, () => description);
    scope.get('/openapi.json', { schema: { summary: 'OpenAPI description.' } }, () => server.swagger());
    addHealth(scope, sequencer);
  });
  const url = await server.listen({ host: config.host, port: config.port });
  logger.info('the JSON-RPC interface is up', { url });
  return {
    url,
    server,
    async stop() {
      try {
        await server.close();
      } catch (error) {
        if (!isRollupError(error)) logger.warn('closing the server failed', { error });
      }
    },
  };
}
