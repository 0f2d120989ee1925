/** Executes calls: checks all that came together, begins them in their order, and answers each for itself. */

import { RpcNumber } from '@quittance/protocol';
import type { MethodName, RpcErrorJson } from '@quittance/rpc';
import type { Clock, Logger } from '../../runtime/index.ts';
import type { SequencerMeasurements } from '../measurements.ts';
import type { Source } from '../mempool/turns.ts';
import { type Call, failure, type RpcResponse } from './calls.ts';
import { isRpcError, rpcError, toRpcError } from './errors.ts';
import { createGate, type Gate } from './gate.ts';
import type { Handlers } from './handlers.ts';
import { isKnownMethod, validateParams } from './validate.ts';
import { readUnitsOf } from './weights.ts';

/** Methods that only this connection offers. */
export type ExtraMethods = Readonly<Record<string, (params: unknown) => unknown>>;

/** Answers that come one by one. */
export interface Begun {
  /** In the order of the calls; undefined for notifications. */
  readonly answers: readonly Promise<RpcResponse | undefined>[];
}

/** Executes calls. */
export interface Execution {
  /** Begins calls that came together: when this resolves, what they submit is submitted, in their order. */
  begin(calls: readonly (Call | RpcResponse)[], source: Source, extra: ExtraMethods): Promise<Begun>;
}

export interface ExecutionOptions {
  readonly handlers: Handlers;
  /** As that of the sequencer. */
  readonly settled: () => Promise<void> | undefined;
  /** What rpc.discover answers. */
  readonly description: unknown;
  readonly measurements: SequencerMeasurements;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** A handler of whatever method. */
type AnyHandler = (params: unknown, source: Source) => unknown;

/** A call that was checked. It submits what it submits before it returns. */
type Prepared = () => unknown;

/** What costs more waits for its turn. */
const IMMEDIATE_UNITS = 2;

function methodNotFound(method: string): RpcErrorJson {
  const hint = isKnownMethod(method) ? 'subscribe over the WebSocket at /ws' : 'see /openrpc.json';
  return rpcError(RpcNumber.methodNotFound, `there is no method ${method}`, 'METHOD_NOT_FOUND', { hint });
}

/** Methods that read what may not be durable yet. */
const READS_PENDING: ReadonlySet<string> = new Set(['rollup_getAccount', 'rollup_getAccounts', 'rollup_getProof']);

/** What a handler answers, once all that it saw when it was called is durable; without a wait where all is. */
function hold(result: unknown, settled: ExecutionOptions['settled']): unknown {
  const settling = settled();
  return settling === undefined ? result : settling.then(() => result);
}

/** Checks a call. Rejects with the error of one that cannot be executed. */
async function prepare(
  { handlers: { methods }, description, settled }: ExecutionOptions,
  gate: Gate,
  { method, params }: Call,
  source: Source,
  extra: ExtraMethods,
): Promise<Prepared> {
  if (method === 'rpc.discover') return () => description;
  const isExtra = Object.hasOwn(extra, method);
  if (!isKnownMethod(method) || !(isExtra || Object.hasOwn(methods, method))) throw methodNotFound(method);
  const checked = await validateParams(method, params);
  if ('error' in checked) throw checked.error;
  if (isExtra) return () => extra[method]!(checked.params);
  const handler = methods[method as MethodName] as AnyHandler;
  const call = (): unknown => {
    const result = handler(checked.params, source);
    return READS_PENDING.has(method) ? hold(result, settled) : result;
  };
  const units = readUnitsOf(method, checked.params);
  return units > IMMEDIATE_UNITS ? () => gate.pass(source, units, call) : call;
}

/** Executes calls by `handlers`. */
export function createExecution(options: ExecutionOptions): Execution {
  const { measurements, clock, logger } = options;
  const gate = createGate();

  async function answer(call: Call, run: Prepared): Promise<RpcResponse | undefined> {
    const method = isKnownMethod(call.method) ? call.method : 'unknown';
    const begunMs = clock.nowMs();
    try {
      const result = await run();
      measurements.requests.add(1, { method, result: 'ok' });
      return call.isNotification ? undefined : { jsonrpc: '2.0', id: call.id, result };
    } catch (thrown) {
      const error = isRpcError(thrown) ? thrown : toRpcError(thrown);
      if (error.code === RpcNumber.internal) logger.error('a request failed', { method, error: thrown });
      measurements.requests.add(1, { method, result: error.data?.reason ?? 'error' });
      return call.isNotification ? undefined : failure(call.id, error);
    } finally {
      measurements.requestSeconds.observe(Math.max(0, clock.nowMs() - begunMs) / 1_000, { method });
    }
  }

  return {
    async begin(calls, source, extra) {
      const prepared: (() => Promise<RpcResponse | undefined>)[] = [];
      for (const call of calls) {
        if ('jsonrpc' in call) {
          prepared.push(() => Promise.resolve(call));
          continue;
        }
        const refuse =
          (error: unknown): Prepared =>
          () =>
            Promise.reject(error);
        const run = await prepare(options, gate, call, source, extra).catch(refuse);
        prepared.push(() => answer(call, run));
      }
      return { answers: prepared.map((begin) => begin()) };
    },
  };
}
