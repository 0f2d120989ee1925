/** The HTTP and WebSocket server: JSON-RPC, the REST mirror, descriptions and health, everything bounded. */

import underPressure from '@fastify/under-pressure';
import websocket from '@fastify/websocket';
import { isRollupError } from '@quittance/protocol';
import { BINARY_TYPE, JSON_TYPE } from '@quittance/rpc';
import fastify, { type FastifyInstance, type FastifyRequest } from 'fastify';
import {
  type Clock,
  type Logger,
  type Metrics,
  type Readiness,
  silentLogger,
  startMetricsServer,
} from '../../runtime/index.ts';
import type { Cluster } from '../cluster/cluster.ts';
import type { Forwarder } from '../cluster/forwarder.ts';
import { forwardedFor } from '../cluster/identity.ts';
import type { FleetStats } from '../cluster/stats.ts';
import type { Source } from '../mempool/turns.ts';
import type { Sequencer } from '../sequencer.ts';
import { type Allowance, createAllowance } from './allowance.ts';
import { type ApiConfig, type ApiSettings, DEFAULT_API_CONFIG } from './config.ts';
import { FOREIGN_ORIGIN, installCors, mayConnect } from './cors.ts';
import { createOpenRpc } from './description/openrpc.ts';
import { addDocs } from './docs.ts';
import { createDoor, type Door } from './door.ts';
import { addExplorer, EXPLORER_PATH, readExplorer } from './explorer.ts';
import { addHealth, addMetrics, createMetricsPage } from './health.ts';
import { installErrorHandlers } from './http-errors.ts';
import { installLimits, type WithBody } from './limits.ts';
import { readinessOf } from './readiness.ts';
import { addSequenceHeaders } from './reading-sequence.ts';
import { addRest } from './rest.ts';
import { createSources } from './source.ts';
import { addStats } from './stats.ts';
import { POLICY_VIOLATION } from './websocket.ts';

/** Who a request comes from. */
type SourceOf = (request: FastifyRequest) => Source;

/** What the server of a node needs of the others. */
export interface ApiCluster {
  readonly cluster: Pick<Cluster, 'name' | 'secret' | 'leader' | 'nodes' | 'trouble'>;
  /** Passes on what is sent while this node follows. */
  readonly forwarder: Forwarder;
}

export interface ApiOptions {
  readonly sequencer: Sequencer;
  readonly clock: Clock;
  readonly logger?: Logger;
  readonly config?: ApiSettings;
  /** Folder of the built explorer; without it /explorer/ says how to build one. */
  readonly explorer?: string;
  /** Where there are other nodes. */
  readonly cluster?: ApiCluster;
  /** Printed beside those of the sequencer: what goes on while a node changes its role. */
  readonly metrics?: Pick<Metrics, 'print'>;
  /** How provers do, for /stats. */
  readonly fleet?: () => FleetStats | undefined;
}

/** A running server. */
export interface Api {
  /** Where it listens, for example http://127.0.0.1:8545. */
  readonly url: string;
  /** Where /metrics is: at a port of its own, unless the settings name the same. */
  readonly metricsUrl: string;
  /** For further routes, like the explorer's. */
  readonly server: FastifyInstance;
  /** Answers for this one from now on. WebSockets are closed: what they are told of goes on where they connect again. */
  serve(sequencer: Sequencer): void;
  stop(): Promise<void>;
}

/** An HTTP server with its limits but without routes. */
async function createServer(
  config: ApiConfig,
  allowance: Allowance,
  logger: Logger,
  addressOf: (request: FastifyRequest) => string,
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
  const withBody = installLimits(server, config, allowance, addressOf);
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

function addRpc(server: FastifyInstance, withBody: WithBody, door: () => Door, sourceOf: SourceOf): void {
  server.post('/', async (request, reply) => {
    const source = sourceOf(request);
    const { dispatcher } = door();
    const isList = request.headers['content-type']?.startsWith(BINARY_TYPE) === true;
    const { status, body, retryAfterSeconds } = await withBody(request, (bytes) =>
      isList ? dispatcher.dispatchList(bytes, source) : dispatcher.dispatch(bytes, source),
    );
    if (status === 503) void reply.header('retry-after', String(retryAfterSeconds ?? 5));
    if (status === 429) void reply.header('retry-after', String(retryAfterSeconds ?? 1));
    return body === undefined ? reply.code(204).send() : reply.code(status).type(JSON_TYPE).send(JSON.stringify(body));
  });
}

/** Opens the ports: that of the API, and that of the metrics where it is another. @throws when one is taken. */
async function listen(
  server: FastifyInstance,
  { host, port, metrics }: ApiConfig,
  parts: { readonly page: Pick<Metrics, 'print'>; readonly readiness: () => Readiness },
): Promise<Pick<Api, 'url' | 'metricsUrl' | 'stop'>> {
  const { page, readiness } = parts;
  const url = await server.listen({ host, port });
  if (metrics === undefined) return { url, metricsUrl: url, stop: () => server.close() };
  try {
    const own = await startMetricsServer({ ...metrics, metrics: page, readiness });
    return { url, metricsUrl: own.url, stop: async () => void (await Promise.all([server.close(), own.stop()])) };
  } catch (error) {
    await server.close();
    throw error;
  }
}

/** The metrics of the present sequencer, and those of the process. */
function printBoth(present: () => Pick<Metrics, 'print'>, more: Pick<Metrics, 'print'> | undefined) {
  if (more === undefined) return { print: () => present().print() };
  return {
    async print() {
      const [own, others] = [await present().print(), await more.print()];
      return { contentType: own.contentType, text: `${own.text}${others.text}` };
    },
  };
}

/** Closes WebSockets when this node gets another role: RFC 6455's registry has it as "service restart". */
const ANOTHER_ROLE = { code: 1012, reason: 'this node has another role now; connect again' } as const;

/** Who a request comes from: for what another node passes on, whoever sent it there. */
function createAddresses(secret: string | undefined): {
  addressOf(request: FastifyRequest): string;
  sourceOf: SourceOf;
} {
  const sources = createSources();
  const forwarded = ({ headers }: FastifyRequest): string | undefined => forwardedFor(secret, headers);
  return {
    addressOf: (request) => forwarded(request) ?? request.ip,
    sourceOf(request) {
      const address = forwarded(request);
      return sources(address ?? request.ip, request.socket, address !== undefined);
    },
  };
}

/** Adds all that is answered. */
async function addRoutes(
  server: FastifyInstance,
  options: ApiOptions,
  parts: {
    readonly config: ApiConfig;
    readonly withBody: WithBody;
    readonly door: () => Door;
    readonly addresses: ReturnType<typeof createAddresses>;
    readonly description: ReturnType<typeof createOpenRpc>;
    readonly files: ReturnType<typeof readExplorer> | undefined;
    readonly page: Pick<Metrics, 'print'>;
    readonly readiness: () => Readiness;
  },
): Promise<void> {
  const { config, withBody, door, addresses, description, files, page, readiness } = parts;
  const { clock, cluster, fleet, sequencer } = options;
  const { sourceOf, addressOf } = addresses;
  await server.register(async (scope) => {
    addSequenceHeaders(scope, { clock, addressOf, head: () => door().sequencer.node().head });
    addRpc(scope, withBody, door, sourceOf);
    scope.get('/ws', { websocket: true }, (socket, request) => {
      if (mayConnect(config.allowOrigins, request)) door().serveSocket(socket, sourceOf(request), request.socket);
      else socket.close(POLICY_VIOLATION, FOREIGN_ORIGIN);
    });
    addRest(scope, { dispatcher: () => door().dispatcher, sourceOf, chainId: sequencer.chainId });
    await addDocs(scope, description);
    addHealth(scope, readiness);
    addStats(scope, { sequencer: () => door().sequencer, cluster: cluster?.cluster, readiness, fleet });
    if (config.metrics === undefined) addMetrics(scope, page);
    addExplorer(scope, files);
  });
}

/** Starts the server. @throws when the port is taken. */
export async function startApi(options: ApiOptions): Promise<Api> {
  const { clock, cluster, logger = silentLogger } = options;
  const config = { ...DEFAULT_API_CONFIG, ...options.config };
  const description = createOpenRpc();
  const allowance = createAllowance(config.allowance, clock);
  const files = options.explorer === undefined ? undefined : readExplorer(options.explorer);
  const explorer = files === undefined ? null : EXPLORER_PATH;
  const forwarder = cluster?.forwarder;
  const open = (sequencer: Sequencer): Door =>
    createDoor(sequencer, { config, allowance, description, explorer, forwarder, clock, logger });
  let door = open(options.sequencer);
  const addresses = createAddresses(cluster?.cluster.secret);
  const { server, withBody } = await createServer(config, allowance, logger, addresses.addressOf);
  const page = createMetricsPage(
    printBoth(() => door.sequencer.metrics, options.metrics),
    clock,
  );
  const readiness = (): Readiness => readinessOf(door.sequencer.status(), cluster?.cluster.trouble());
  await addRoutes(server, options, {
    ...{ config, withBody, addresses, description, files, page, readiness },
    door: () => door,
  });
  const { url, metricsUrl, stop } = await listen(server, config, { page, readiness });
  logger.info('the JSON-RPC interface is up', { url, metricsUrl });
  return {
    url,
    metricsUrl,
    server,
    serve(sequencer) {
      door = open(sequencer);
      for (const socket of server.websocketServer.clients) socket.close(ANOTHER_ROLE.code, ANOTHER_ROLE.reason);
    },
    async stop() {
      try {
        await stop();
      } catch (error) {
        if (!isRollupError(error)) logger.warn('closing the server failed', { error });
      }
    },
  };
}
