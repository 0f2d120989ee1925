/** The prover API: `/prover/v1` on a port of its own. TLS is the matter of a proxy. */

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { RollupError } from '@quittance/protocol';
import { FLEET_PATH } from '../../../prover/index.ts';
import { type Clock, type Listening, type Logger, listen } from '../../../runtime/index.ts';
import { type Allowance, createAllowance } from '../../api/allowance.ts';
import { limitConnections } from '../../api/connections.ts';
import { createProxies } from '../../api/proxies.ts';
import { countedAddress } from '../../api/source.ts';
import type { Fleet } from '../fleet.ts';
import type { Market } from '../market.ts';
import type { WorkerIdentity } from '../types.ts';
import { type FleetError, sendError, sendJson } from './answers.ts';
import type { Artifacts } from './artifacts.ts';
import { createHandlers, type Handlers } from './handlers.ts';
import { answerMarket } from './market.ts';
import { readFields } from './read.ts';

export interface FleetApiOptions {
  readonly fleet: Fleet;
  readonly artifacts: Artifacts;
  /** Undefined where the market is closed. */
  readonly market?: Market | undefined;
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Whoever leads, where this node does not. */
  readonly leaderUrl?: (() => string | undefined) | undefined;
  /** Whoever sends slower than that is cut off. */
  readonly requestTimeoutMs?: number;
  /** Addresses or networks of the proxies in front, whose word for the address of a client is taken. */
  readonly trustedProxies?: readonly string[];
  /** Most open connections of one address that is no such proxy; further ones are closed at once. */
  readonly connectionsPerAddress?: number;
}

const REQUEST_TIMEOUT_MS = 10_000;
const MAX_CONNECTIONS = 4_096;
/** A site of workers behind one address has some of each machine. */
const CONNECTIONS_PER_ADDRESS = 512;
/** Calls of one worker, or of one address without a token, in ten seconds. */
const ALLOWANCE = { max: 1_000, windowMs: 10_000 } as const;
/** What a call costs that shows no valid token: who guesses is slowed down. */
const WRONG_TOKEN_UNITS = 20;

/** One call. */
interface Call {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Method and the parts of the path behind `/prover/v1`. */
  readonly method: string;
  readonly path: readonly string[];
}

function nothingHere(): RollupError<'NOT_FOUND'> {
  return new RollupError('NOT_FOUND', `there is nothing here; see the reference of ${FLEET_PATH}`);
}

function callOf(request: IncomingMessage, response: ServerResponse): Call {
  const path = (request.url ?? '').split('?')[0]!;
  if (!path.startsWith(`${FLEET_PATH}/`)) throw nothingHere();
  return { request, response, method: request.method ?? '', path: path.slice(FLEET_PATH.length + 1).split('/') };
}

/** The token that a call shows. */
function tokenOf({ headers }: IncomingMessage): string {
  return /^Bearer ([\x21-\x7e]{1,200})$/.exec(headers.authorization ?? '')?.[1] ?? '';
}

/** Runs what a worker asks for. */
async function route(call: Call, who: () => WorkerIdentity, handlers: Handlers, leads: () => void): Promise<void> {
  const { request, response, method, path } = call;
  const worker = who();
  const [first, second = '', third] = path as [string, string?, string?];
  const name = `${method} ${first}`;
  if (name === 'GET status' && path.length === 1) return handlers.status(worker, response);
  if (name === 'GET artifacts' && path.length === 3) {
    if (third === 'manifest') return handlers.manifest(second, response);
    return handlers.file(worker, second, third!, request, response);
  }
  leads();
  if (name === 'GET inputs' && path.length === 2) return handlers.input(worker, second, response);
  if (name === 'POST pick' && path.length === 1) {
    // Whoever waits while another node takes over is told at once.
    const stillHere = (): WorkerIdentity => {
      leads();
      return who();
    };
    return handlers.pick(stillHere, await readFields(request), response);
  }
  if (name !== 'POST leases' || path.length !== 3) throw nothingHere();
  const fields = await readFields(request);
  // Its token may have been revoked while its body came, and another node may lead.
  leads();
  const now = who();
  if (third === 'heartbeat') return handlers.heartbeat(now, second, fields, response);
  if (third === 'proof') return handlers.proof(now, fields, response);
  if (third === 'fail') return handlers.fail(now, fields, response);
  throw nothingHere();
}

/** Charges whoever calls. @throws RollupError PROVER_TOKEN_REFUSED or RATE_LIMITED. */
function charge(who: () => WorkerIdentity, allowance: Allowance, address: string): void {
  let worker: WorkerIdentity;
  try {
    worker = who();
  } catch (error) {
    allowance.spend(address, WRONG_TOKEN_UNITS);
    throw error;
  }
  allowance.spend(worker.id, 1);
  // Payout keys cost nothing: many of them get no more from one address than one does.
  if (worker.kind === 'market') allowance.spend(address, 1);
}

/** Starts the server. @throws when the port is taken. */
export async function startFleetApi(options: FleetApiOptions): Promise<Listening> {
  const { fleet, market, logger, clock, host, port, requestTimeoutMs = REQUEST_TIMEOUT_MS } = options;
  const { trustedProxies = [], connectionsPerAddress = CONNECTIONS_PER_ADDRESS } = options;
  const handlers = createHandlers(options);
  const allowance = createAllowance(ALLOWANCE, clock);
  const proxies = createProxies(trustedProxies);

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const call = callOf(request, response);
    const address = countedAddress(proxies.clientOf(request));
    if (call.path[0] === 'market') {
      if (market === undefined || call.method !== 'POST' || call.path.length !== 2) throw nothingHere();
      allowance.spend(address, WRONG_TOKEN_UNITS);
      return answerMarket(market, call.path[1]!, await readFields(request), response);
    }
    const token = tokenOf(request);
    const who = () => fleet.authenticate(token);
    charge(who, allowance, address);
    await route(call, who, handlers, () => {
      if (fleet.desk !== undefined) return;
      const leader = options.leaderUrl?.();
      throw new NotLeading(leader);
    });
  };

  const server = createServer(
    { connectionsCheckingInterval: Math.min(1_000, requestTimeoutMs) },
    (request, response) => {
      answer(request, response).catch((error: unknown) => {
        if (error instanceof NotLeading) return sendJson(response, 503, error.body);
        if (!sendError(response, error)) logger.error('a call of the prover API failed', { error });
      });
    },
  );
  server.requestTimeout = requestTimeoutMs;
  server.headersTimeout = requestTimeoutMs;
  server.maxConnections = MAX_CONNECTIONS;
  limitConnections(server, connectionsPerAddress, proxies.has);
  const listening = await listen(server, host, port);
  logger.info('the prover API is up', { url: listening.url });
  return listening;
}

/** Another node leads, or none does. */
class NotLeading extends Error {
  readonly body: FleetError;

  constructor(leader: string | undefined) {
    super('this node does not lead');
    const where = leader === undefined ? '' : `: ${leader} does`;
    this.body = {
      code: 'NOT_LEADER',
      message: `this node hands out no work${where}`,
      retryAfterSeconds: 2,
      ...(leader === undefined ? {} : { leader }),
    };
  }
}
