/** The HTTP and WebSocket server: JSON-RPC, descriptions, health and metrics, everything bounded. */

import swagger from '@fastify/swagger';
import underPressure from '@fastify/under-pressure';
import websocket from '@fastify/websocket';
import { isRollupError, RpcNumber } from '@quittance/protocol';
import { BINARY_TYPE, JSON_TYPE, MAX_TRANSFERS, METHODS } from '@quittance/rpc';
import fastify, { type FastifyInstance, type FastifyRequest } from 'fastify';
import { type Clock, type Logger, silentLogger } from '../../runtime/index.ts';
import type { Source } from '../mempool/turns.ts';
import type { Sequencer } from '../sequencer.ts';
import { type Allowance, createAllowance } from './allowance.ts';
import { type ApiConfig, type ApiSettings, DEFAULT_API_CONFIG } from './config.ts';
import { createDispatcher, type Dispatcher } from './dispatcher.ts';
import { httpStatusOf, rpcError, toRpcError } from './errors.ts';
import { addExplorer, readExplorer } from './explorer.ts';
import { createHandlers, VERSION } from './handlers.ts';
import { addHealth } from './health.ts';
import { installLimits, type WithBody } from './limits.ts';
import { createDescription } from './openrpc.ts';
import { createSources } from './source.ts';
import { createWebSocketHandler } from './websocket.ts';
import { DOCUMENT_UNITS } from './weights.ts';

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
  /** For further routes, like the explorer's. */
  readonly server: FastifyInstance;
  stop(): Promise<void>;
}

/** What Fastify itself says of a request that is too slow or of the wrong type; or what a limit of ours does. */
function installErrorHandler(server: FastifyInstance, logger: Logger): void {
  server.setErrorHandler((error: Error & { statusCode?: number; code?: string }, _request, reply) => {
    if (isRollupError(error)) {
      const body = toRpcError(error);
      if (error.code === 'RATE_LIMITED') void reply.header('retry-after', String(error.data['retryAfterSeconds']));
      return reply.code(httpStatusOf(body)).send({ jsonrpc: '2.0', id: null, error: body });
    }
    const status = error.statusCode ?? 500;
    if (status >= 500 && status !== 503) logger.error('a request failed', { error });
    const code = status === 503 ? RpcNumber.limit : status >= 500 ? RpcNumber.internal : RpcNumber.invalidRequest;
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
    routerOptions: { maxParamLength: 100 },
    trustProxy: trustedProxies.length === 0 ? false : [...trustedProxies],
  });
  server.server.headersTimeout = requestTimeoutMs;
  server.server.maxConnections = config.connections;
  installErrorHandler(server, logger);
  server.addHook('onRequest', async (_request, reply) => {
    reply.headers({ 'access-control-allow-origin': config.allowOrigin, 'x-content-type-options': 'nosniff' });
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
  await server.register(swagger, {
    openapi: { openapi: '3.1.0', info: { title: 'Rollup sequencer', version: VERSION } },
  });
  return { server, withBody };
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

const LIST_SCHEMA = {
  type: 'string',
  format: 'binary',
  description: `A list of up to ${MAX_TRANSFERS} signed transfers as bytes, in the places that docs/rpc.md lists; answered as rollup_sendTransfers.`,
};

function addRpc(server: FastifyInstance, withBody: WithBody, dispatcher: Dispatcher, sourceOf: SourceOf): void {
  server.setValidatorCompiler(() => () => true);
  const schema = {
    summary: 'JSON-RPC 2.0, one request or an array of them, or a list of transfers as bytes. Methods: /openrpc.json',
    body: { content: { [JSON_TYPE]: { schema: BODY_SCHEMA }, [BINARY_TYPE]: { schema: LIST_SCHEMA } } },
  };
  server.post('/', { schema }, async (request, reply) => {
    const source = sourceOf(request);
    const isList = request.headers['content-type']?.startsWith(BINARY_TYPE) === true;
    const { status, body, retryAfterSeconds } = await withBody(request, (bytes) =>
      isList ? dispatcher.dispatchList(bytes, source) : dispatcher.dispatch(bytes, source),
    );
    if (status === 503) void reply.header('retry-after', '5');
    if (status === 429) void reply.header('retry-after', String(retryAfterSeconds ?? 1));
    return body === undefined ? reply.code(204).send() : reply.code(status).type(JSON_TYPE).send(JSON.stringify(body));
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
  const allowance = createAllowance(config.allowance, clock);
  const handlers = createHandlers({ sequencer, allowance, bodyBytes, callsPerBatch });
  const dispatcher = createDispatcher({ handlers, description, callsPerBatch, allowance, measurements, logger });
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
  const document = { config: { units: DOCUMENT_UNITS } };
  await server.register(async (scope) => {
    addRpc(scope, withBody, dispatcher, sourceOf);
    scope.get('/ws', { websocket: true, schema: { hide: true } }, (socket, request) =>
      serveSocket(socket, sourceOf(request), request.socket),
    );
    scope.get('/openrpc.json', { schema: { summary: 'OpenRPC description.' }, ...document }, () => description);
    scope.get('/openapi.json', { schema: { summary: 'OpenAPI description.' }, ...document }, () => server.swagger());
    addHealth(scope, sequencer, clock);
    addExplorer(scope, options.explorer === undefined ? undefined : readExplorer(options.explorer));
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
