/** Errors as JSON-RPC clients see them: a number for programs, a reason to branch on, a hint for people. */

import { ERRORS, type ErrorData, isRollupError, RollupError, RpcNumber } from '@quittance/protocol';
import type { RpcErrorJson } from '@quittance/rpc';
import { isObject } from './json.ts';

const optional = (name: 'expected' | 'actual' | 'hint' | 'leader', value: unknown): object =>
  value === undefined || value === null ? {} : { [name]: String(value).slice(0, 200) };

/** An error object of our own making. */
export function rpcError(
  code: number,
  message: string,
  reason: string,
  details: { expected?: unknown; actual?: unknown; hint?: unknown; leader?: unknown } = {},
): RpcErrorJson {
  const { expected, actual, hint, leader } = details;
  return {
    code,
    message,
    data: {
      reason,
      ...{ ...optional('expected', expected), ...optional('actual', actual) },
      ...{ ...optional('hint', hint), ...optional('leader', leader) },
    },
  };
}

/** The refusal of something that is longer than it may be. @param actual undefined where nobody counted to the end. */
export function bodyTooLarge(what: string, limit: number, actual?: number): RollupError<'BODY_TOO_LARGE'> {
  return new RollupError('BODY_TOO_LARGE', `${what} may have at most ${limit} bytes`, { expected: limit, actual });
}

/** The error object for anything that was thrown. Unexpected errors reveal nothing of our internals. */
export function toRpcError(error: unknown): RpcErrorJson {
  if (!isRollupError(error)) return rpcError(RpcNumber.internal, 'internal error', 'INTERNAL');
  const { code, message, data } = error;
  const { rpc, hint } = ERRORS[code];
  if (rpc === RpcNumber.internal) {
    const text = `the sequencer cannot do this at present (${code})`;
    return rpcError(rpc, text, code, { hint: 'see rollup_syncStatus; the operator has to act' });
  }
  const { expected, actual, leader } = data as ErrorData;
  return rpcError(rpc, message, code, { expected, actual, hint, leader });
}

/** Whether it is an error object already: one of ours, or the answer of another node. */
export function isRpcError(thrown: unknown): thrown is RpcErrorJson {
  return isObject(thrown) && !(thrown instanceof Error) && typeof thrown['code'] === 'number';
}

/** Seconds after which it makes sense to try again: a new leader is there within some, a follower catches up at once. */
const RETRY_SECONDS: Readonly<Record<string, number>> = { NOT_LEADER: 1, JOURNAL_UNAVAILABLE: 2, REPLICA_BEHIND: 1 };

/** Seconds after which it makes sense to try again, where the error says that. */
export function retryAfterOf({ data }: Pick<RpcErrorJson, 'data'>): number | undefined {
  return RETRY_SECONDS[data?.reason ?? ''];
}

/** Statuses of limits that one caller has reached; all others are those of the service. */
const LIMIT_STATUS: Readonly<Record<string, number>> = { TOO_MANY_CALLS: 200, RATE_LIMITED: 429, BODY_TOO_LARGE: 413 };

/** HTTP status of a single answer: a load balancer must see problems of the service; a refused request is not one. */
export function httpStatusOf(error: RpcErrorJson | undefined): number {
  const reason = error?.data?.reason;
  switch (error?.code) {
    case RpcNumber.parse:
    case RpcNumber.invalidRequest:
      return 400;
    case RpcNumber.limit:
      return LIMIT_STATUS[reason ?? ''] ?? 503;
    case RpcNumber.unavailable:
      return 503;
    case RpcNumber.internal:
      return reason === 'INTERNAL' ? 500 : 503;
    default:
      return 200;
  }
}
