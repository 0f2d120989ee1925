/** The OpenAPI description of all that HTTP serves: the REST mirror, JSON-RPC, and what machines ask. */

import { METHODS } from '@quittance/rpc';
import { statusOfProblem, titleOf } from '../problem.ts';
import { VERSION } from '../version.ts';
import { EXAMPLES } from './examples.ts';
import { describeReason, errorsOf, type MethodError } from './method-errors.ts';
import { rpcPath } from './openapi-rpc.ts';
import { isSettled, REST_ROUTES, type RestParam, type RestRoute } from './rest-routes.ts';
import { componentSchemas, describeSchema } from './schema.ts';

const json = (schema: unknown, example?: unknown) => ({
  'application/json': { schema, ...(example === undefined ? {} : { example }) },
});

const RETRY_AFTER = { 'Retry-After': { schema: { type: 'integer' }, description: 'seconds to wait' } };
const ETAG = {
  ETag: { schema: { type: 'string' }, description: 'send it as If-None-Match, and an unchanged answer is a 304' },
};

/** Statuses with `Retry-After`. */
const PASSING: ReadonlySet<number> = new Set([429, 503]);

const PROBLEM_REFERENCE = { $ref: '#/components/schemas/Problem' };

function exampleOf({ reason, number, hint }: MethodError, status: number): object {
  return {
    type: `urn:quittance:error:${reason}`,
    title: titleOf(number),
    status,
    detail: 'what happened, with the values',
    code: reason,
    ...(hint === undefined ? {} : { hint }),
  };
}

function describeProblem(errors: readonly MethodError[], status: number): object {
  const lines = errors.map(({ reason, hint }) => (hint === undefined ? reason : `${reason}: ${hint}`));
  return {
    description: lines.join('\n\n'),
    ...(PASSING.has(status) ? { headers: RETRY_AFTER } : {}),
    content: { 'application/problem+json': { schema: PROBLEM_REFERENCE, example: exampleOf(errors[0]!, status) } },
  };
}

/** Of the mirror's requests there is one call, which has no list. */
const NEVER: ReadonlySet<string> = new Set(['TOO_MANY_CALLS', 'BODY_TOO_LARGE']);

/** The refusals of a path, by status. */
function problemsOf({ method, params }: RestRoute): Record<string, object> {
  const own = errorsOf(method).filter(({ reason }) => !NEVER.has(reason));
  // That there is no account is an answer over JSON-RPC; a path without one is none.
  const missing = method === 'rollup_getAccount' ? [describeReason('NOT_FOUND')] : [];
  const errors = [...own, ...missing].filter(({ reason }) => reason !== 'INVALID_PARAMS' || params.length > 0);
  const byStatus = Map.groupBy(errors, ({ reason, number: code }) => statusOfProblem({ code, data: { reason } }));
  return Object.fromEntries([...byStatus].map(([status, list]) => [String(status), describeProblem(list, status)]));
}

function describeParam({ name, in: place, required, schema }: RestParam, example: unknown): object {
  return {
    ...{ name, in: place, required, schema: describeSchema(schema) },
    ...(example === undefined ? {} : { example }),
  };
}

/** `/v1/batches/{batch}/withdrawals/{index}` → `getBatchesBatchWithdrawalsIndex`. */
function operationIdOf(path: string): string {
  const words = path.match(/\w+/g)!.slice(1);
  return `get${words.map((word) => word[0]!.toUpperCase() + word.slice(1)).join('')}`;
}

/** Paths that are about the sequencer as a whole. */
const OWN_TAGS: ReadonlySet<string> = new Set(['config', 'status', 'statistics', 'fees', 'assertions']);

/** What a path stands under: its first word. */
function tagOf(path: string): string {
  const word = path.split('/')[2]!;
  return OWN_TAGS.has(word) ? 'sequencer' : word;
}

function describeRoute(route: RestRoute): object {
  const { path, method, params } = route;
  const { params: values, result } = EXAMPLES[method];
  const { summary, result: schema } = METHODS[method];
  const mayBeSettled = isSettled(method, result, true);
  return {
    get: {
      operationId: operationIdOf(path),
      summary,
      description: `As ${method}.${mayBeSettled ? ' An answer that is final may be kept.' : ''}`,
      tags: [tagOf(path)],
      parameters: params.map((param) => describeParam(param, (values as Record<string, unknown>)[param.name])),
      responses: {
        '200': { description: 'the answer', headers: ETAG, content: json(describeSchema(schema), result) },
        '304': { description: 'unchanged since the answer whose ETag came with If-None-Match' },
        ...problemsOf(route),
      },
    },
  };
}

const PROBLEM = {
  type: 'object',
  description: 'problem details (RFC 9457)',
  required: ['type', 'title', 'status', 'detail', 'code'],
  properties: {
    type: { type: 'string', description: 'urn:quittance:error: and the code' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string', description: 'what happened, with the values' },
    code: { type: 'string', description: 'to branch on; docs/rpc.md, Errors' },
    expected: { type: 'string' },
    actual: { type: 'string' },
    hint: { type: 'string', description: 'what to do about it' },
  },
};

const document = (summary: string) => ({
  get: {
    summary,
    tags: ['descriptions'],
    responses: { '200': { description: 'the document', content: json({ type: 'object' }) } },
  },
});

const health = (summary: string, field: string) => ({
  get: {
    summary,
    tags: ['health'],
    responses: {
      '200': { description: 'yes', content: json({ type: 'object', properties: { [field]: { const: true } } }) },
      ...(field === 'ready' ? { '503': { description: 'no; the body says why', headers: RETRY_AFTER } } : {}),
    },
  },
});

/** The OpenAPI document. */
export function createOpenApi(): object {
  return {
    openapi: '3.1.0',
    info: {
      title: 'Quittance sequencer',
      version: VERSION,
      license: { name: 'GPL-3.0-or-later', identifier: 'GPL-3.0-or-later' },
      description:
        'The reading methods of the JSON-RPC at paths of their own, and the JSON-RPC itself. Amounts are base units of their ' +
        'token as decimal texts. Only what is final is the receiver’s; everything before is the producer’s promise.',
    },
    paths: {
      ...Object.fromEntries(REST_ROUTES.map((route) => [route.path, describeRoute(route)])),
      '/': rpcPath(),
      '/openrpc.json': document('OpenRPC description.'),
      '/openapi.json': document('This description.'),
      '/livez': health('The process answers.', 'live'),
      '/readyz': health('Transfers are accepted.', 'ready'),
    },
    components: { schemas: { ...componentSchemas(), Problem: PROBLEM } },
  };
}
