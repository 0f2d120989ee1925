/** Answers bodies: JSON-RPC 2.0, one request or a batch of them, or a list of transfers as bytes. */

import { isRollupError, OPERATION_BYTES, RpcNumber } from '@quittance/protocol';
import type { RpcErrorJson } from '@quittance/rpc';
import type { Source } from '../mempool/turns.ts';
import type { Allowance } from './allowance.ts';
import { type Call, failure, invalidRequest, type RpcResponse, readCall } from './calls.ts';
import { bodyTooLarge, httpStatusOf, isRpcError, retryAfterOf, rpcError, toRpcError } from './errors.ts';
import { createExecution, type ExecutionOptions, type ExtraMethods } from './execution.ts';
import { createInOrder } from './in-order.ts';
import { type Parsed, parseJson } from './json.ts';
import { readingUnits, unitsOf } from './weights.ts';

/** The HTTP answer; without a body when all requests were notifications. */
export interface DispatchResult {
  readonly status: number;
  readonly body: RpcResponse | readonly RpcResponse[] | undefined;
  /** When it makes sense to try again, if the answer is that it is too early. */
  readonly retryAfterSeconds?: number;
}

/**
 * Answers request bodies, whose reading is paid for. What the bodies of one connection submit is submitted in the
 * order in which they came.
 */
export interface Dispatcher {
  /** Answers JSON. */
  dispatch(body: Uint8Array, source: Source, extra?: ExtraMethods): Promise<DispatchResult>;
  /** Answers a list of transfers as bytes (packages/rpc/binary.ts), as `rollup_sendTransfers` would. */
  dispatchList(body: Uint8Array, source: Source): Promise<DispatchResult>;
  /** Makes one call that was paid for, with parameters by name that were not checked. Only for methods that submit nothing. */
  call(method: string, params: unknown, source: Source): Promise<CallResult>;
}

/** What became of one call. */
export type CallResult =
  | { readonly result: unknown; readonly error?: undefined }
  | { readonly error: RpcErrorJson; readonly result?: undefined };

export interface DispatcherOptions extends ExecutionOptions {
  readonly callsPerBatch: number;
  readonly allowance: Allowance;
}

/** The answer to a whole body that is refused. */
function refusedBody(error: RpcErrorJson, cause?: unknown): DispatchResult {
  const retryAfter = isRollupError(cause, 'RATE_LIMITED') ? cause.data.retryAfterSeconds : retryAfterOf(error);
  const body = failure(null, error);
  return { status: httpStatusOf(error), body, ...(retryAfter === undefined ? {} : { retryAfterSeconds: retryAfter }) };
}

function tooManyCalls(expected: number, actual: number): RpcErrorJson {
  const message = `a batch may hold at most ${expected} requests`;
  return rpcError(RpcNumber.limit, message, 'TOO_MANY_CALLS', { expected, actual });
}

/** What is wrong with a body that could not be parsed. */
function unreadable(parsed: Exclude<Parsed, { readonly value: unknown }>): RpcErrorJson {
  if ('problem' in parsed) return rpcError(RpcNumber.parse, parsed.problem, 'PARSE_ERROR');
  const { limit, actual } = parsed.tooLarge;
  return toRpcError(bodyTooLarge('a call without a list', limit, actual));
}

/** What the calls of a body cost. */
function callUnits(calls: readonly (Call | RpcResponse)[]): number {
  return calls.reduce((sum, call) => sum + ('jsonrpc' in call ? 1 : unitsOf(call.method, call.params)), 0);
}

/** A dispatcher that calls `handlers`. */
export function createDispatcher(options: DispatcherOptions): Dispatcher {
  const { handlers, callsPerBatch, allowance, measurements, clock, logger } = options;
  const execution = createExecution(options);
  const inOrder = createInOrder<Source>();

  /** Spends units of a source. @returns the answer when there are not as many. */
  const spend = ({ address }: Source, units: number): DispatchResult | undefined => {
    try {
      allowance.spend(address, units);
      return undefined;
    } catch (error) {
      return refusedBody(toRpcError(error), error);
    }
  };

  return {
    async call(method, params, source) {
      const { answers } = await execution.begin([{ id: null, isNotification: false, method, params }], source, {});
      const response = (await answers[0])!;
      return 'error' in response ? { error: response.error } : { result: response.result };
    },
    async dispatch(body, source, extra = {}) {
      const parsed = parseJson(body);
      if (!('value' in parsed)) return refusedBody(unreadable(parsed));
      const { value } = parsed;
      const values: readonly unknown[] = Array.isArray(value) ? value : [value];
      if (values.length === 0) return refusedBody(invalidRequest('a batch must hold at least one request'));
      if (values.length > callsPerBatch) return refusedBody(tooManyCalls(callsPerBatch, values.length));
      const calls = values.map(readCall);
      const tooMuch = spend(source, Math.max(0, callUnits(calls) - readingUnits(body.length)));
      if (tooMuch !== undefined) return tooMuch;
      const { answers } = await inOrder.run(source, () => execution.begin(calls, source, extra));
      const responses = await Promise.all(answers);
      if (!Array.isArray(value)) {
        const [response] = responses;
        const error = response !== undefined && 'error' in response ? response.error : undefined;
        const retryAfter = error && retryAfterOf(error);
        const when = retryAfter === undefined ? {} : { retryAfterSeconds: retryAfter };
        return { status: httpStatusOf(error), body: response, ...when };
      }
      const present = responses.filter((response) => response !== undefined);
      return { status: 200, body: present.length === 0 ? undefined : present };
    },
    async dispatchList(body, source) {
      const method = 'rollup_sendTransfers';
      const begunMs = clock.nowMs();
      try {
        allowance.spend(source.address, Math.max(0, body.length / OPERATION_BYTES - readingUnits(body.length)));
        const { result } = await inOrder.run(source, () => ({ result: handlers.sendList(body, source) }));
        const answers = await result;
        measurements.requests.add(1, { method, result: 'ok' });
        return { status: 200, body: { jsonrpc: '2.0', id: null, result: answers } };
      } catch (thrown) {
        const error = isRpcError(thrown) ? thrown : toRpcError(thrown);
        if (error.code === RpcNumber.internal) logger.error('a list failed', { error: thrown });
        measurements.requests.add(1, { method, result: error.data?.reason ?? 'error' });
        return refusedBody(error, thrown);
      } finally {
        measurements.requestSeconds.observe(Math.max(0, clock.nowMs() - begunMs) / 1_000, { method });
      }
    },
  };
}
