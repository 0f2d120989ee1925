/** The load of one run: prepared calls, sent when they are due, their answers checked. */

import { setTimeout as sleep } from 'node:timers/promises';
import { type PreparedCall, readCalls, readIds } from './calls-file.ts';
import { type Connection, type ConnectionTarget, openConnection } from './connection.ts';
import { Latencies, type LatencyReport } from './latencies.ts';

/** What to send. */
export interface LoadPlan {
  readonly target: Omit<ConnectionTarget, 'localAddress'>;
  /** For each connection the name of its files, and the address that it comes from. */
  readonly connections: readonly { readonly name: string; readonly localAddress: string | undefined }[];
  readonly seconds: number;
  /** Calls a second of all connections together; undefined: each as soon as the one before is answered. */
  readonly callsPerSecond: number | undefined;
}

/** What came of it. */
export interface LoadReport extends LatencyReport {
  /** For each connection: its first so many transfers were acknowledged. */
  readonly acknowledged: readonly number[];
  readonly calls: number;
  /** Transfers acknowledged within the time, and the time. */
  readonly transfers: number;
  readonly seconds: number;
  /** Calls that were sent again since the sequencer had no room, by reason. */
  readonly retries: Readonly<Record<string, number>>;
  /** Whether the prepared calls ended before the time. */
  readonly ranDry: boolean;
}

/** Refusals that say: later. */
const PASSING: ReadonlySet<string> = new Set(['MEMPOOL_FULL', 'RATE_LIMITED']);
const RETRY_MS = 50;

interface RpcError {
  readonly message: string;
  readonly data?: { readonly reason?: string };
}
interface Result {
  readonly id: string;
  readonly error?: RpcError;
}
interface RpcAnswer {
  readonly result?: Result | readonly Result[];
  readonly error?: RpcError;
}

/** Why a call has to be sent again; undefined when all its transfers are acknowledged under their ids. */
export function refusalOf(status: number, body: string, ids: readonly bigint[]): string | undefined {
  if (status === 429 || status === 503) return `HTTP_${status}`;
  const { result, error } = JSON.parse(body) as RpcAnswer;
  const results = result === undefined ? [] : 'length' in result ? result : [result];
  const failure = error ?? results.find((each) => each.error !== undefined)?.error;
  if (failure !== undefined) {
    const reason = failure.data?.reason ?? 'unknown';
    if (PASSING.has(reason)) return reason;
    throw new Error(`the sequencer refused a transfer: ${reason}: ${failure.message}`);
  }
  if (results.length !== ids.length || results.some(({ id }, position) => id !== String(ids[position]))) {
    throw new Error(`other transfers were acknowledged than sent: ${body.slice(0, 200)}`);
  }
  return undefined;
}

/** One connection's part of a run. */
class Sender {
  acknowledged = 0;
  inTime = 0;
  calls = 0;
  ranDry = false;
  readonly retries: Record<string, number> = {};
  readonly #plan: LoadPlan;
  readonly #number: number;
  readonly #latencies: Latencies;

  constructor(plan: LoadPlan, number: number, latencies: Latencies) {
    [this.#plan, this.#number, this.#latencies] = [plan, number, latencies];
  }

  /** Sends a call until it is acknowledged. */
  async #send(connection: Connection, { body }: PreparedCall, ids: readonly bigint[]): Promise<void> {
    for (;;) {
      const answer = await connection.call(body);
      const refusal = refusalOf(answer.status, answer.body.toString(), ids);
      if (refusal === undefined) return;
      this.retries[refusal] = (this.retries[refusal] ?? 0) + 1;
      await sleep(RETRY_MS);
    }
  }

  /** @param startMs by `performance.now()`. */
  async run(startMs: number): Promise<void> {
    const { target, connections, seconds, callsPerSecond } = this.#plan;
    const { name, localAddress } = connections[this.#number]!;
    const connection = await openConnection({ ...target, localAddress });
    const intervalMs = callsPerSecond === undefined ? 0 : (1_000 * connections.length) / callsPerSecond;
    const lengthMs = 1_000 * seconds;
    const ids = readIds(name);
    let due = (intervalMs * this.#number) / connections.length;
    this.ranDry = true;
    for (const call of readCalls(name)) {
      const now = performance.now() - startMs;
      if (due > now) await sleep(due - now);
      // A call that had to wait for the one before counts from when it was due.
      const begun = intervalMs > 0 && now > due ? due : performance.now() - startMs;
      if (performance.now() - startMs >= lengthMs) {
        this.ranDry = false;
        break;
      }
      const expected = Array.from({ length: call.transfers }, () => ids.next().value as bigint);
      await this.#send(connection, call, expected);
      const ended = performance.now() - startMs;
      this.#latencies.add(begun, ended - begun);
      this.calls += 1;
      this.acknowledged += call.transfers;
      if (ended <= lengthMs) this.inTime += call.transfers;
      due += intervalMs;
    }
    ids.return(undefined);
    connection.close();
  }
}

/** Runs a plan in this process. @throws Error when a transfer is refused for good, or a connection breaks. */
export async function runLoad(plan: LoadPlan): Promise<LoadReport> {
  const latencies = new Latencies();
  const senders = plan.connections.map((_, number) => new Sender(plan, number, latencies));
  const startMs = performance.now();
  await Promise.all(senders.map((sender) => sender.run(startMs)));
  const seconds = Math.min(plan.seconds, (performance.now() - startMs) / 1_000);
  const sum = (of: (sender: Sender) => number) => senders.reduce((total, sender) => total + of(sender), 0);
  const retries: Record<string, number> = {};
  for (const { retries: own } of senders) {
    for (const [reason, count] of Object.entries(own)) retries[reason] = (retries[reason] ?? 0) + count;
  }
  return {
    ...latencies.report(1_000 * plan.seconds),
    acknowledged: senders.map(({ acknowledged }) => acknowledged),
    calls: sum(({ calls }) => calls),
    transfers: sum(({ inTime }) => inTime),
    seconds,
    retries,
    ranDry: senders.some(({ ranDry }) => ranDry),
  };
}
