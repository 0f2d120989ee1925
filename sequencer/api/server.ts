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
import { createBodies } from './bodies.ts';
import { type ApiConfig, type ApiSettings, DEFAULT_API_CONFIG } from './config.ts';
import { limitConnections } from './connections.ts';
import { createDispatcher, type Dispatcher } from './dispatcher.ts';
import { bodyTooLarge, httpStatusOf, rpcError, toRpcError } from './errors.ts';
import { createHandlers, VERSION } from './handlers.ts';
import { addHealth } from './health.ts';
import { createDescription } from './openrpc.ts';
import { countedAddress, createSources } from './source.ts';
import { createWebSocketHandler } from './websocket.ts';
import { DOCUMENT_UNITS, REQUEST_UNITS } from './weights.ts';

/** Who a request comes from. */
type SourceOf = (request: FastifyRequest) => Source;

export interface ApiOptions {
  readonly sequencer: Sequencer;
  readonly clock: Clock;
  readonly logger?: Logger;
  readonly config?: ApiSettings;
}

/** A running server. */
export interface Api {
  /** Where it listens, for example http://127.0.0.1:8545. */
  readonly url: string;
  /** For further routes, like the explorer's. */
  readonly server: FastifyInstance;
  stop(): Promise<void>;
}

/** What Fastify itself says of a request that is too large, too slow or of the wrong type; or what a limit of ours does. */
function installErrorHandler(server: FastifyInstance, bodyBytes: number, logger: Logger): void {
  server.setErrorHandler((error: Error & { statusCode?: number; code?: string }, _request, reply) => {
    const known =
      error.statusCode === 413 ? bodyTooLarge('a body', bodyBytes) : isRollupError(error) ? error : undefined;
    if (known !== undefined) {
      const body = toRpcError(known);
      if (known.code === 'RATE_LIMITED') void reply.header('retry-after', String(known.data['retryAfterSeconds']));
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

/** Bytes that a request may have: as many as it says, or as many as are read at all. */
function announcedBytes({ headers }: FastifyRequest, bodyBytes: number): number {
  if (headers['transfer-encoding'] !== undefined) return bodyBytes;
  return Math.min(Number(headers['content-length'] ?? 0), bodyBytes);
}

/** Refuses, before it is read, what an address may not ask for now. */
function installLimits(server: FastifyInstance, config: ApiConfig, allowance: Allowance): void {
  const { bodyBytes, connectionsPerAddress, largeBodies } = config;
  const bodies = createBodies(largeBodies);
  limitConnections(server.server, connectionsPerAddress);
  server.addHook('onRequest', async (request, reply) => {
    const { units = REQUEST_UNITS } = request.routeOptions.config ?? {};
    if (units === 0) return;
    const address = countedAddress(request.ip);
    allowance.requireSome(address);
    // The dispatcher knows what a body costs.
    if (request.method !== 'POST') allowance.spend(address, units);
    const release = bodies.reserve(address, announcedBytes(request, bodyBytes));
    reply.raw.once('close', release);
  });
}

/** An HTTP server with its limits but without routes. */
async function createServer(config: ApiConfig, allowance: Allowance, logger: Logger): Promise<FastifyInstance> {
  const { bodyBytes, requestTimeoutMs, trustedProxies } = config;
  const server = fastify({
    bodyLimit: bodyBytes,
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
  installErrorHandler(server, bodyBytes, logger);
  server.addHook('onRequest', async (_request, reply) => {
    reply.headers({ 'access-control-allow-origin': config.allowOrigin, 'x-content-type-options': 'nosniff' });
  });
  installLimits(server, config, allowance);
  await server.register(underPressure, {
    maxEventLoopDelay: config.maxEventLoopDelayMs,
    retryAfter: 5,
    message: 'the sequencer is overloaded; send it again later',
  });
  await server.register(websocket, { options: { maxPayload: bodyBytes } });
  await server.register(swagger, {
    openapi: { openapi: '3.1.0', info: { title: 'Rollup sequencer', version: VERSION } },
  });
  server.removeAllContentTypeParsers();
  const asBytes = { parseAs: 'buffer' } as const;
  server.addContentTypeParser(JSON_TYPE, asBytes, (_request, body, done) => done(null, body));
  server.addContentTypeParser(BINARY_TYPE, asBytes, (_request, body, done) => done(null, body));
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

const LIST_SCHEMA = {
  type: 'string',
  format: 'binary',
  description: `A list of up to ${MAX_TRANSFERS} signed transfers as bytes, in the places that docs/rpc.md lists; answered as rollup_sendTransfers.`,
};

function addRpc(server: FastifyInstance, dispatcher: Dispatcher, sourceOf: SourceOf): void {
  server.setValidatorCompiler(() => () => true);
  const schema = {
    summary: 'JSON-RPC 2.0, one request or an array of them, or a list of transfers as bytes. Methods: /openrpc.json',
    body: { content: { [JSON_TYPE]: { schema: BODY_SCHEMA }, [BINARY_TYPE]: { schema: LIST_SCHEMA } } },
  };
  server.post('/', { schema }, async (request, reply) => {
    const bytes = (request.body as Buffer | null) ?? Buffer.alloc(0);
    const source = sourceOf(request);
    const isList = request.headers['content-type']?.startsWith(BINARY_TYPE) === true;
    const result = await (isList ? dispatcher.dispatchList(bytes, source) : dispatcher.dispatch(bytes, source));
    const { status, body, retryAfterSeconds } = result;
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
  const serveSocket = createWebSocketHandler({ sequencer, dispatcher, clock, logger, limits: config.webSocket });
  const server = await createServer(config, allowance, logger);
  const sources = createSources();
  const sourceOf: SourceOf = (request) => sources(request.ip, request.socket);
  const document = { config: { units: DOCUMENT_UNITS } };
  await server.register(async (scope) => {
    addRpc(scope, dispatcher, sourceOf);
    scope.get('/ws', { websocket: true, schema: { hide: true } }, (socket, request) =>
      serveSocket(socket, sourceOf(request)),
    );
    scope.get('/openrpc.json', { schema: { summary: 'OpenRPC description.' }, ...document }, () => description);
    scope.get('/openapi.json', { schema: { summary: 'OpenAPI description.' }, ...document }, () => server.swagger());
    addHealth(scope, sequencer, clock);
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
