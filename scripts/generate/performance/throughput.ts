/** The sections of docs/performance.md about what a sequencer and a watcher execute, and what a sequencer accepts. */

import type { HonestReport, HostileReport } from '../../bench/parts/accept/hostile.ts';
import type { AcceptRunName } from '../../bench/parts/accept/options.ts';
import type { AcceptReport } from '../../bench/parts/accept/run.ts';
import type { ExecuteResult } from '../../bench/parts/execute/result.ts';
import type { EngineTiming } from '../../bench/parts/execute/timing.ts';
import { type FleetResult, failuresOf } from '../../bench/parts/fleet/result.ts';
import type { AppendTimes, JournalResult } from '../../bench/parts/journal/result.ts';
import type { RebuildResult } from '../../bench/parts/rebuild/result.ts';
import { failuresOf as failuresOfRecovery, type RecoverResult, type WentOn } from '../../bench/parts/recover/result.ts';
import { type Measured, machineLine, table, thousands } from './table.ts';

/** Engines against each other, and the native one as accounts become more. */
export function executeSection(measured: Measured<ExecuteResult> | undefined): string {
  if (measured === undefined) return '';
  const { native, scalar, before, ratio, cpuRatio, threads, growth, records, differences } = measured.result;
  const row = (name: string, { traces, roots }: EngineTiming) => [
    name,
    thousands(traces.transfersPerSecond),
    traces.cpuMs.toFixed(1),
    thousands(roots.transfersPerSecond),
    roots.cpuMs.toFixed(1),
  ];
  const heads = ['', 'transfers a second with traces', 'CPU ms a batch', 'with final roots only', 'CPU ms a batch'];
  const grown = growth.map(({ accounts, traces, roots, bytesPerMillion }) => [
    thousands(accounts),
    traces.wallMs.toFixed(1),
    roots.wallMs.toFixed(1),
    bytesPerMillion === 0 ? '–' : `${(bytesPerMillion / 1e6).toFixed(0)} MB`,
  ]);
  return [
    '## Execution',
    `\`./dev bench execute --json\`. ${machineLine(measured.machine)}`,
    `Batches of 1,107 transfers in nine chunks, all signatures verified, on ${threads} threads: with the traces that provers need, and with final roots only, as a watcher that catches up wants them. *Before* is the path that the native engine took the place of: the rules in TypeScript on one core, native hashes. With traces the native engine is ${ratio.toFixed(1)} times as fast, ${cpuRatio.toFixed(1)} times by CPU seconds.`,
    table(heads, [row('native', native), row('native, IFMA off', scalar), row('before', before)]),
    `${thousands(records.records)} random records of all kinds, ${thousands(records.executed)} of them valid, were judged and executed by the reference and by native engines of 1, 2 and 7 threads: ${differences} differences in refusals, traces, roots, commitments and changes.`,
    ...(grown.length === 0
      ? []
      : [
          'The native engine as accounts become more:',
          table(['accounts', 'ms a batch with traces', 'with final roots only', 'memory a million accounts'], grown),
        ]),
  ].join('\n\n');
}

/** What `./dev bench accept` keeps. */
export type AcceptResult = Readonly<Partial<Record<AcceptRunName, AcceptReport>>> & {
  readonly minutes: number;
  readonly lost: number;
};

const RUNS: Readonly<Record<AcceptRunName, string>> = {
  list: 'lists, JSON',
  binary: 'lists, bytes',
  single: 'single calls',
};

/** What is accepted over JSON-RPC while it is sealed. */
export function acceptSection(measured: Measured<AcceptResult> | undefined): string {
  if (measured === undefined) return '';
  const { minutes, lost, ...reports } = measured.result;
  const heads = [
    ...['', 'accepted a second', 'p50, ms', 'p99, ms', 'sealed a second', 'CPU µs a transfer'],
    ...['growth of memory', 'longest block, ms'],
  ];
  const rows = (Object.keys(RUNS) as AcceptRunName[]).flatMap((name) => {
    const report = reports[name];
    if (report === undefined) return [];
    return [
      [
        RUNS[name],
        thousands(Math.round(report.perSecond)),
        report.p50Ms.toFixed(1),
        report.p99Ms.toFixed(1),
        thousands(Math.round(report.sealedPerSecond)),
        report.cpuMicroseconds.toFixed(0),
        `${(100 * report.memoryGrowth).toFixed(0)}%`,
        report.longestBlockMs.toFixed(1),
      ],
    ];
  });
  return [
    '## Intake',
    `\`./dev bench accept --json\`. ${machineLine(measured.machine)}`,
    `A sequencer with its database on disk takes signed transfers over JSON-RPC for ${minutes} ${minutes === 1 ? 'minute' : 'minutes'} a row, from a process on the same machine, and seals batches meanwhile; nothing is posted. Times count from when a call was due. Then it was killed: of all acknowledged transfers ${lost} were missing in its log.`,
    table(heads, rows),
  ].join('\n\n');
}

/** How long honest callers wait in floods. */
export function hostileSection(measured: Measured<HostileReport> | undefined): string {
  if (measured === undefined) return '';
  const { quiet, floods, rate, seconds } = measured.result;
  const row = (name: string, { p50Ms, p99Ms, longestBlockMs }: HonestReport, ratio: number) => [
    name,
    ...[p50Ms, p99Ms, ratio, longestBlockMs].map((value) => value.toFixed(1)),
  ];
  const rows = Object.entries(floods).map(([name, report]) => row(`\`${name}\``, report, report.ratio));
  return [
    '## Floods',
    `\`./dev bench accept --hostile --json\`. ${machineLine(measured.machine)}`,
    `Honest callers send ${thousands(rate)} transfers a second, each its own calls, for ${seconds} seconds without a flood and in each of these, which all come from one address on the same machine.`,
    table(['', 'p50, ms', 'p99, ms', 'times the quiet one', 'longest block, ms'], [row('quiet', quiet, 1), ...rows]),
  ].join('\n\n');
}

/** Everything anew from L1 alone. */
export function rebuildSection(measured: Measured<RebuildResult> | undefined): string {
  if (measured === undefined) return '';
  const { batches, transfers, accounts, seconds, cpuSeconds, peakBytes, resumed, rootsEqual } = measured.result;
  const { secondsPerBatchFirstHalf, secondsPerBatchSecondHalf } = measured.result;
  const row = (name: string, value: string) => [name, value];
  return [
    '## Rebuild',
    `\`./dev bench rebuild --json\`. ${machineLine(measured.machine)}`,
    `\`quittance rebuild\` replays ${thousands(batches)} final batches with ${thousands(transfers)} transfers between ${thousands(accounts)} accounts from a local L1, interrupted in the middle and started again, which ${resumed ? 'went on where it was' : 'DID NOT go on where it was'}. The state is ${rootsEqual ? 'that of L1' : 'NOT that of L1'}.`,
    table(
      ['', ''],
      [
        row('seconds, both runs', seconds.toFixed(1)),
        row('CPU seconds', cpuSeconds.toFixed(1)),
        row('milliseconds a batch, first half', (1_000 * secondsPerBatchFirstHalf).toFixed(1)),
        row('milliseconds a batch, second half', (1_000 * secondsPerBatchSecondHalf).toFixed(1)),
        row('peak memory', `${(peakBytes / 1e6).toFixed(0)} MB`),
      ],
    ),
  ].join('\n\n');
}

/** A sequencer's database from L1, from a copy, and from the journal. */
export function recoverSection(measured: Measured<RecoverResult> | undefined): string {
  if (measured === undefined) return '';
  const { batches, transfers, fromL1, fromCopy, fromJournal } = measured.result;
  const failures = failuresOfRecovery(measured.result).filter((text) => text.startsWith('from the journal'));
  const end = (way: WentOn): string => {
    const isRight = way.rootsEqual && way.goesOn && way.executedAgain === 0 && way.unknownTaken === way.unknown;
    return isRight ? 'the root of L1; goes on; nothing executed twice' : 'NOT AS IT HAS TO BE';
  };
  return [
    '## Recovery',
    `\`./dev bench recover --json\`. ${machineLine(measured.machine)}`,
    `A sequencer loses its disk after ${thousands(batches)} batches with ${thousands(transfers)} transfers, and ${fromL1.unknown} more that are acknowledged and on no L1. ${fromL1.unknownTaken} of those were taken when they came again.`,
    table(
      ['', 'from L1 alone, interrupted once', 'from a copy taken halfway'],
      [
        [
          'seconds',
          fromL1.seconds.toFixed(1),
          `${fromCopy.copySeconds.toFixed(1)} to copy, ${fromCopy.seconds.toFixed(1)} to catch up`,
        ],
        ['batches made from L1', String(batches), String(fromCopy.adopted)],
        ['peak memory', `${(fromL1.peakBytes / 1e6).toFixed(0)} MB`, ''],
        ['ends with', end(fromL1), end(fromCopy)],
      ],
    ),
    `A node whose log is in a journal loses its disk after ${thousands(fromJournal.batches)} batches, and begins with an empty one: ${fromJournal.seconds.toFixed(1)} s later it leads again and has all of them. Of ${thousands(fromJournal.acknowledged)} acknowledged transfers ${fromJournal.lost} were lost and ${fromJournal.doubled} doubled; ${failures.length === 0 ? 'all headers are those of the journal, and it goes on' : `NOT AS IT HAS TO BE: ${failures.join('; ')}`}.`,
  ].join('\n\n');
}

/** Provers on other machines. */
export function fleetSection(measured: Measured<FleetResult> | undefined): string {
  if (measured === undefined) return '';
  const { result, machine } = measured;
  const { workers, proofsPerSecond, efficiency, releasedAfterSeconds, keptProofs, lostProofs } = result;
  const isRight = failuresOf(result).length === 0;
  return [
    '## Fleet of provers',
    `\`./dev bench fleet --json\`. ${machineLine(machine)}`,
    `Simulated workers that take a second for a proof, each over the real prover API, every proof verified: ${workers.at(-1)} of them do ${(100 * efficiency).toFixed(0)} % of ${workers.at(-1)} times what one does.`,
    table(
      ['workers', 'proofs a second'],
      workers.map((count, position) => [String(count), proofsPerSecond[position]!.toFixed(2)]),
    ),
    `Two real workers and a sequencer that proves nothing itself, on a local L1: the chunk of a worker that was killed went to another one after ${releasedAfterSeconds} s. Of the proofs that were being made when the sequencer was killed ${keptProofs} were taken afterwards and ${lostProofs} were lost. Lies, floods of bytes and slow bodies were refused, and every reward was paid once${isRight ? '' : ': NO, SEE WHAT THE BENCH SAYS'}.`,
  ].join('\n\n');
}

/** What an append to the journal of several nodes takes, and what followers cost it. */
export function journalSection(measured: Measured<JournalResult> | undefined): string {
  if (measured === undefined) return '';
  const { alone, followed, followers, slowdown, ...rest } = measured.result;
  const row = (name: string, times: AppendTimes): string[] => [
    name,
    times.p50Ms.toFixed(1),
    times.p99Ms.toFixed(1),
    times.cpuMicrosecondsPerTransfer.toFixed(2),
  ];
  return [
    '## The journal of several nodes',
    `\`./dev bench journal --json\`. ${machineLine(measured.machine)}`,
    `${thousands(rest.segments)} segments of ${rest.transfersPerSegment} transfers at ${thousands(rest.rate)} transfers a second, on a PostgreSQL with a synchronous standby, everything on this machine and its disk. A transfer takes ${rest.bytesPerTransfer.toFixed(0)} bytes there. With ${followers} followers, which read each segment as it comes, an append takes ${slowdown.toFixed(2)} times as long.`,
    table(
      ['', 'p50 ms', 'p99 ms', 'µs of the leader’s CPU a transfer'],
      [row('nobody reads', alone), row(`${followers} followers`, followed)],
    ),
  ].join('\n\n');
}
