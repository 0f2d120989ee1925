/** One run of `./dev bench accept`: calls of one kind at a rate, for some time, on a rollup of its own. */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ProfileName } from '@quittance/protocol';
import { BINARY_TYPE, JSON_TYPE } from '@quittance/rpc';
import { openStorage } from '../../../../storage/index.ts';
import { runChild } from '../children.ts';
import { readIds } from './calls-file.ts';
import { callerAddress } from './connection.ts';
import type { LatencyReport } from './latencies.ts';
import type { LoadPlan, LoadReport } from './load.ts';
import type { SequencerSample } from './messages.ts';
import { type CallFormat, presign } from './presign.ts';
import { type AcceptRollup, FEE, openAcceptRollup } from './rollup.ts';

/** How one kind of calls is sent. */
export interface AcceptMode {
  readonly format: CallFormat;
  readonly transfersPerCall: number;
  readonly connections: number;
  /** Transfers a second; undefined: as many as are acknowledged. */
  readonly rate: number | undefined;
  /** Most transfers a second that calls are prepared for. */
  readonly preparedRate: number;
}

export interface AcceptRunOptions {
  readonly mode: AcceptMode;
  readonly seconds: number;
  readonly wallets: number;
  readonly profile: ProfileName;
}

/** What a run showed. */
export interface AcceptReport extends LatencyReport {
  /** Transfers acknowledged. */
  readonly perSecond: number;
  readonly calls: number;
  readonly transfers: number;
  readonly retries: Readonly<Record<string, number>>;
  readonly ranDry: boolean;
  /** Transfers sealed, in batches of so many on the average, during the run. */
  readonly sealedPerSecond: number;
  readonly transfersPerBatch: number;
  /** Acknowledged and in no batch at the end. */
  readonly unsealed: number;
  /** Resident memory of the sequencer at the end against that after a fifth of the run, less 1. */
  readonly memoryGrowth: number;
  readonly peakBytes: number;
  /** Of the sequencer's main thread. */
  readonly longestBlockMs: number;
  readonly blockP99Ms: number;
  /** CPU seconds of the sequencer a second. */
  readonly cores: number;
  /** CPU microseconds of the sequencer for each transfer, accepted and sealed. */
  readonly cpuMicroseconds: number;
  /** Acknowledged transfers that are not in its log after it was killed. */
  readonly lost: number;
  /** How long its database took to open after that, its hash chain verified. */
  readonly reopenSeconds: number;
}

const rounded = (value: number, digits = 1): number => Number(value.toFixed(digits));

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}

/** Growth over the last four fifths; what a process takes while it warms up is not growth. */
export function growthOf(memory: readonly number[]): number {
  const tenth = Math.max(1, Math.floor(memory.length / 10));
  const early = mean(memory.slice(2 * tenth, 3 * tenth));
  return early === 0 ? 0 : rounded(mean(memory.slice(-tenth)) / early - 1, 3);
}

/** Signs what the connections will send. @returns the plan of the load. */
async function prepare({ sequencer, wallets, folder }: AcceptRollup, options: AcceptRunOptions): Promise<LoadPlan> {
  const { seconds, mode } = options;
  const { connections: count, transfersPerCall, format, rate, preparedRate } = mode;
  const transfers = (rate ?? preparedRate) * seconds;
  const calls = Math.ceil(transfers / transfersPerCall / count) + 2;
  const connections = [];
  for (let number = 0; number < count; number++) {
    const name = join(folder, `connection-${number}`);
    const own = wallets.filter((_, position) => position % count === number);
    await presign(name, { domain: sequencer.domain, wallets: own, fee: FEE, transfersPerCall, format, calls });
    connections.push({ name, localAddress: callerAddress(number % 16) });
  }
  const { host, port } = sequencer;
  const callsPerSecond = rate === undefined ? undefined : rate / transfersPerCall;
  const contentType = format === 'binary' ? BINARY_TYPE : JSON_TYPE;
  return { target: { host, port, contentType }, connections, seconds, callsPerSecond };
}

/** Acknowledged transfers that the log of the killed sequencer does not have, and how long its database took to open. */
export function countLost(
  database: string,
  { connections }: Pick<LoadPlan, 'connections'>,
  { acknowledged }: Pick<LoadReport, 'acknowledged'>,
): { readonly lost: number; readonly reopenSeconds: number } {
  const begun = performance.now();
  const storage = openStorage({ file: database });
  const reopenSeconds = rounded((performance.now() - begun) / 1_000);
  let lost = 0;
  for (const [position, { name }] of connections.entries()) {
    let left = acknowledged[position]!;
    for (const id of readIds(name)) {
      if (left === 0) break;
      left -= 1;
      if (storage.log.findTransfer(id) === undefined) lost += 1;
    }
    lost += left;
  }
  storage.close();
  return { lost, reopenSeconds };
}

function report(load: LoadReport, before: SequencerSample, after: SequencerSample) {
  const { transfers, calls, retries, ranDry, seconds, acknowledged: each, ...latencies } = load;
  const elapsed = (after.atMs - before.atMs) / 1_000;
  const batches = after.sealedBatches - before.sealedBatches;
  const sealed = after.sealedTransfers - before.sealedTransfers;
  const cpuSeconds = after.cpuSeconds - before.cpuSeconds;
  const acknowledged = each.reduce((sum, count) => sum + count, 0);
  return {
    perSecond: rounded(transfers / seconds),
    ...latencies,
    ...{ calls, transfers, retries, ranDry },
    sealedPerSecond: rounded(sealed / elapsed),
    transfersPerBatch: rounded(sealed / Math.max(1, batches)),
    unsealed: after.openTransfers,
    memoryGrowth: growthOf(after.memory),
    peakBytes: Math.max(0, ...after.memory),
    longestBlockMs: rounded(after.longestBlockMs),
    blockP99Ms: rounded(after.blockP99Ms),
    cores: rounded(cpuSeconds / elapsed, 2),
    cpuMicroseconds: rounded((1e6 * cpuSeconds) / Math.max(1, acknowledged)),
  };
}

/** Runs one mode on a fresh rollup. */
export async function runAccept(options: AcceptRunOptions): Promise<AcceptReport> {
  const rollup = await openAcceptRollup(options);
  try {
    const plan = await prepare(rollup, options);
    const file = join(rollup.folder, 'load.json');
    writeFileSync(file, JSON.stringify(plan));
    const before = await rollup.sequencer.ask('begin');
    const load = await runChild<LoadReport>('./accept-load-child.ts', [file]);
    const after = await rollup.sequencer.ask('measure');
    await rollup.sequencer.kill();
    return { ...report(load, before, after), ...countLost(rollup.database, plan, load) };
  } finally {
    await rollup.stop();
  }
}
