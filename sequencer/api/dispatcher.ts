/** JSON-RPC 2.0: one request or a batch of them, each with its own answer. */

import { RpcNumber } from '@quittance/protocol';
import type { MethodName, RpcErrorJson } from '@quittance/rpc';
import type { Logger } from '../../runtime/index.ts';
import type { SequencerMeasurements } from '../measurements.ts';
import { httpStatusOf, rpcError, toRpcError } from './errors.ts';
import type { Handlers } from './handlers.ts';
import { parseJson } from './json.ts';
import { isKnownMethod, validateParams } from './validate.ts';

/** The id that a client gives to a request, to find its answer by. */
export type RpcId = string | number | null;

/** One answer. */
export type RpcResponse =
  | { readonly jsonrpc: '2.0'; readonly id: RpcId; readonly result: unknown }
  | { readonly jsonrpc: '2.0'; readonly id: RpcId; readonly error: RpcErrorJson };

/** The HTTP answer; without a body when all requests were notifications. */
export interface DispatchResult {
  readonly status: number;
  readonly body: RpcResponse | readonly RpcResponse[] | undefined;
}

/** Methods that only this connection offers. */
export type ExtraMethods = Readonly<Record<string, (params: unknown) => unknown>>;

/** Answers request bodies. */
export interface Dispatcher {
  dispatch(body: Uint8Array, extra?: ExtraMethods): Promise<DispatchResult>;
}

export interface DispatcherOptions {
  readonly handlers: Handlers;
  /** What rpc.discover answers. */
  readonly description: unknown;
  readonly callsPerBatch: number;
  readonly measurements: SequencerMeasurements;
  readonly logger: Logger;
}

interface Call {
  readonly id: RpcId;
  readonly isNotification: boolean;
  readonly method: string;
  readonly params: unknown;
}

const failure = (id: RpcId, error: RpcErrorJson): RpcResponse => ({ jsonrpc: '2.0', id, error });

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isId = (id: unknown): id is RpcId =>
  id === null || (typeof id === 'string' && id.length <= 200) || (typeof id === 'number' && Number.isFinite(id));

function invalidRequest(message: string): RpcErrorJson {
  return rpcError(RpcNumber.invalidRequest, message, 'INVALID_REQUEST');
}

/** Reads one request; returns the error response when it is not a valid one. */
function readCall(value: unknown): Call | RpcResponse {
  if (!isObject(value)) return failure(null, invalidRequest('a request must be an object'));
  const { jsonrpc, id, method, params } = value;
  if (id !== undefined && !isId(id)) return failure(null, invalidRequest('id must be a string, a number or null'));
  if (jsonrpc !== '2.0') return failure(id ?? null, invalidRequest('jsonrpc must be "2.0"'));
  if (typeof method !== 'string' || method.length > 100)
    return failure(id ?? null, invalidRequest('method must be a string'));
  if (params !== undefined && (typeof params !== 'object' || params === null)) {
    return failure(id ?? null, invalidRequest('params must be an object or an array'));
  }
  return { id: id ?? null, isNotification: id === undefined, method, params };
}

/** A dispatcher that calls `handlers`. */
export function createDispatcher(options: DispatcherOptions): Dispatcher {
  const { handlers, description, callsPerBatch, measurements, logger } = options;

  async function execute({ method, params }: Call, extra: ExtraMethods): Promise<unknown> {
    if (method === 'rpc.discover') return description;
    const isExtra = Object.hasOwn(extra, method);
    if (!isKnownMethod(method) || !(isExtra || Object.hasOwn(handlers, method))) {
      const hint = isKnownMethod(method) ? 'subscribe over the WebSocket at /ws' : 'see /openrpc.json';
      throw rpcError(RpcNumber.methodNotFound, `there is no method ${method}`, 'METHOD_NOT_FOUND', { hint });
    }
    const checked = validateParams(method, params);
    if ('error' in checked) throw checked.error;
    if (isExtra) return extra[method]!(checked.params);
    return (handlers[method as MethodName] as (params: unknown) => unknown)(checked.params);
  }

  async function answer(value: unknown, extra: ExtraMethods): Promise<RpcResponse | undefined> {
    const call = readCall(value);
    if ('jsonrpc' in call) return call;
    const method = isKnownMethod(call.method) ? call.method : 'unknown';
    try {
      const result = await execute(call, extra);
      measurements.requests.add(1, { method, result: 'ok' });
      return call.isNotification ? undefined : { jsonrpc: '2.0', id: call.id, result };
    } catch (thrown) {
      const error = isRpcError(thrown) ? thrown : toRpcError(thrown);
      if (error.code === RpcNumber.internal) logger.error('a request failed', { method, error: thrown });
      measurements.requests.add(1, { method, result: error.data?.reason ?? 'error' });
      return call.isNotification ? undefined : failure(call.id, error);
    }
  }

  return {
    async dispatch(body, extra = {}) {
      const parsed = parseJson(body);
      if ('problem' in parsed) {
        return { status: 400, body: failure(null, rpcError(RpcNumber.parse, parsed.problem, 'PARSE_ERROR')) };
      }
      if (!Array.isArray(parsed.value)) {
        const response = await answer(parsed.value, extra);
        const error = response !== undefined && 'error' in response ? response.error : undefined;
        return { status: httpStatusOf(error), body: response };
      }
      const { length } = parsed.value;
      if (length === 0)
        return { status: 400, body: failure(null, invalidRequest('a batch must hold at least one request')) };
      if (length > callsPerBatch) {
        const details = { expected: callsPerBatch, actual: length };
        const error = rpcError(
          RpcNumber.limit,
          `a batch may hold at most ${callsPerBatch} requests`,
          'TOO_MANY_CALLS',
          details,
        );
        return { status: 200, body: failure(null, error) };
      }
      const responses = await Promise.all(parsed.value.map((value) => answer(value, extra)));
      const present = responses.filter((response) => response !== undefined);
      return { status: 200, body: present.length === 0 ? undefined : present };
    },
  };
}

function isRpcError(thrown: unknown): thrown is RpcErrorJson {
  return isObject(thrown) && !(thrown instanceof Error) && typeof thrown['code'] === 'number';
}
