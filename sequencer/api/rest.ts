/** The REST mirror `/v1`: every reading method at a path of its own, checked and weighed as over JSON-RPC. */

import { createHash } from 'node:crypto';
import { LOCAL_CHAIN_IDS } from '@quittance/protocol';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Source } from '../mempool/turns.ts';
import type { Schema } from './description/forms.ts';
import { isSettled, REST_ROUTES, type RestRoute } from './description/rest-routes.ts';
import type { Dispatcher } from './dispatcher.ts';
import { nothingAt, sendProblem } from './problem.ts';
import { REQUEST_UNITS, unitsOf } from './weights.ts';

/** How long an answer that never changes may be kept: a day, since an L1 that loses its past would have us start over. */
const SETTLED_SECONDS = 86_400;

/** Whether a schema takes whole numbers, alone or among others. */
function takesInteger({ type, anyOf = [] }: { readonly type?: unknown; readonly anyOf?: readonly Schema[] }): boolean {
  return type === 'integer' || anyOf.some(takesInteger);
}

/** Text of a path or query as the schema wants it; what is no number stays a text, which the schema refuses. */
function readValue(schema: Schema, value: unknown): unknown {
  return typeof value === 'string' && /^\d{1,16}$/.test(value) && takesInteger(schema) ? Number(value) : value;
}

/** The parameters of a request by name: those of the path, and whatever the query has. */
function readParams({ params }: RestRoute, request: FastifyRequest): Record<string, unknown> {
  const texts = { ...(request.query as Record<string, unknown>), ...(request.params as Record<string, unknown>) };
  const schemas = new Map(params.map(({ name, schema }) => [name, schema]));
  return Object.fromEntries(
    Object.entries(texts).map(([name, text]) => [name, readValue(schemas.get(name) ?? {}, text)]),
  );
}

/** An answer's name: the same as long as the answer is. */
function etagOf(body: string): string {
  return `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`;
}

/** Whether the client has this answer already (RFC 9110, section 13.1.2). */
function isKnown({ headers }: FastifyRequest, etag: string): boolean {
  const known = headers['if-none-match'];
  if (known === undefined) return false;
  return known.split(',').some((tag) => ['*', etag].includes(tag.trim().replace(/^W\//, '')));
}

function sendResult(request: FastifyRequest, reply: FastifyReply, result: unknown, settled: boolean): FastifyReply {
  const body = JSON.stringify(result);
  const etag = etagOf(body);
  const cache = settled ? `public, max-age=${SETTLED_SECONDS}, immutable` : 'no-cache';
  void reply.headers({ etag, 'cache-control': cache });
  return isKnown(request, etag) ? reply.code(304).send() : reply.type('application/json; charset=utf-8').send(body);
}

/** What the mirror answers by. */
export interface RestOptions {
  /** The present one. */
  readonly dispatcher: () => Pick<Dispatcher, 'call'>;
  readonly sourceOf: (request: FastifyRequest) => Source;
  /** Of L1. A local chain starts over whenever its developer likes, with other batches of the same numbers. */
  readonly chainId: bigint;
}

/** Answers one route. */
function handle(route: RestRoute, { dispatcher, sourceOf, chainId }: RestOptions) {
  const isLocal = LOCAL_CHAIN_IDS.includes(chainId);
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const params = readParams(route, request);
    const { result, error } = await dispatcher().call(route.method, params, sourceOf(request));
    if (error !== undefined) return sendProblem(reply, error);
    // An account that does not exist is no error of rollup_getAccount, but nothing has this path.
    if (result === null) return sendProblem(reply, nothingAt(request.url));
    const isNamed = typeof params['batch'] !== 'string';
    return sendResult(request, reply, result, !isLocal && isSettled(route.method, result, isNamed));
  };
}

/** `/v1/accounts/{index}` → `/v1/accounts/:index`. */
const fastifyPath = (path: string): string => path.replaceAll(/\{(\w+)\}/g, ':$1');

/** Adds all routes of the mirror. */
export function addRest(server: FastifyInstance, options: RestOptions): void {
  for (const route of REST_ROUTES) {
    const units = (request: FastifyRequest) => REQUEST_UNITS + unitsOf(route.method, readParams(route, request));
    const config = { units };
    server.get(fastifyPath(route.path), { config }, handle(route, options));
  }
}
