/** The requests and answers of JSON-RPC 2.0. */

import { RpcNumber } from '@quittance/protocol';
import type { RpcErrorJson } from '@quittance/rpc';
import { rpcError } from './errors.ts';
import { isObject } from './json.ts';
import { byName } from './positional.ts';

/** The id that a client gives to a request, to find its answer by. */
export type RpcId = string | number | null;

/** One answer. */
export type RpcResponse =
  | { readonly jsonrpc: '2.0'; readonly id: RpcId; readonly result: unknown }
  | { readonly jsonrpc: '2.0'; readonly id: RpcId; readonly error: RpcErrorJson };

/** One request. */
export interface Call {
  readonly id: RpcId;
  readonly isNotification: boolean;
  readonly method: string;
  /** By name if they can be, not checked. */
  readonly params: unknown;
}

const isId = (id: unknown): id is RpcId =>
  id === null || (typeof id === 'string' && id.length <= 200) || (typeof id === 'number' && Number.isFinite(id));

/** The answer to a request that failed. */
export const failure = (id: RpcId, error: RpcErrorJson): RpcResponse => ({ jsonrpc: '2.0', id, error });

/** The error of what is no request. */
export function invalidRequest(message: string): RpcErrorJson {
  return rpcError(RpcNumber.invalidRequest, message, 'INVALID_REQUEST');
}

/** Reads one request; returns the error response when it is not a valid one. */
export function readCall(value: unknown): Call | RpcResponse {
  if (!isObject(value)) return failure(null, invalidRequest('a request must be an object'));
  const { jsonrpc, id, method, params } = value;
  if (id !== undefined && !isId(id)) return failure(null, invalidRequest('id must be a string, a number or null'));
  if (jsonrpc !== '2.0') return failure(id ?? null, invalidRequest('jsonrpc must be "2.0"'));
  if (typeof method !== 'string' || method.length > 100)
    return failure(id ?? null, invalidRequest('method must be a string'));
  if (params !== undefined && (typeof params !== 'object' || params === null)) {
    return failure(id ?? null, invalidRequest('params must be an object or an array'));
  }
  return { id: id ?? null, isNotification: id === undefined, method, params: byName(method, params) };
}
