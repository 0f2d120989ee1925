/** What `./dev bench execute` found, from the reports of its parts. Pure. */

import type { GrowthReport, RecordsReport } from './jobs.ts';
import type { EngineTiming } from './timing.ts';

/** Engines and ways that the same batches went through. */
export interface Timings {
  readonly native: EngineTiming;
  readonly scalar: EngineTiming;
  readonly before: EngineTiming;
}

/** The result of the bench. */
export interface ExecuteResult {
  /** Final roots only. */
  readonly transfersPerSecond: number;
  readonly withTraces: number;
  readonly threads: number;
  /** With traces, against the path of before: by the clock. */
  readonly ratio: number;
  /** The same by CPU seconds, which other programs on the machine hardly touch. */
  readonly cpuRatio: number;
  readonly native: EngineTiming;
  /** Without AVX512-IFMA. */
  readonly scalar: { readonly transfersPerSecond: number; readonly withTraces: number } & EngineTiming;
  readonly before: { readonly transfersPerSecond: number; readonly withTraces: number } & EngineTiming;
  readonly growth: readonly GrowthReport[];
  readonly records: Omit<RecordsReport, 'differences'>;
  readonly seed: string;
  readonly differences: number;
}

const summary = (timing: EngineTiming) => ({
  transfersPerSecond: timing.roots.transfersPerSecond,
  withTraces: timing.traces.transfersPerSecond,
  ...timing,
});

const rounded = (value: number) => Number(value.toFixed(2));

/** The reports of several jobs as one. */
export function sumRecords(reports: readonly RecordsReport[]): RecordsReport {
  const kinds: Record<string, number> = {};
  for (const report of reports) {
    for (const [kind, count] of Object.entries(report.kinds)) kinds[kind] = (kinds[kind] ?? 0) + count;
  }
  return {
    records: reports.reduce((sum, { records }) => sum + records, 0),
    executed: reports.reduce((sum, { executed }) => sum + executed, 0),
    kinds: Object.fromEntries(Object.entries(kinds).sort(([one], [other]) => (one < other ? -1 : 1))),
    differences: reports.flatMap(({ differences }) => differences),
  };
}

/** All differences, as sentences: of random records, and of the roots after the batches that were timed. */
export function differencesOf({ native, scalar, before }: Timings, records: RecordsReport): string[] {
  const roots = { scalar, before };
  const others = Object.entries(roots).flatMap(([name, { root }]) =>
    root === native.root ? [] : [`${name} comes to the root ${root}, the native engine to ${native.root}`],
  );
  return [...others, ...records.differences];
}

/** The result of a run. */
export function resultOf(
  timings: Timings,
  growth: readonly GrowthReport[],
  report: RecordsReport,
  { threads, seed }: { readonly threads: number; readonly seed: string },
): ExecuteResult {
  const { native, scalar, before } = timings;
  const { differences: _, ...records } = report;
  return {
    transfersPerSecond: native.roots.transfersPerSecond,
    withTraces: native.traces.transfersPerSecond,
    threads,
    ratio: rounded(before.traces.wallMs / native.traces.wallMs),
    cpuRatio: rounded(before.traces.cpuMs / native.traces.cpuMs),
    native,
    scalar: summary(scalar),
    before: summary(before),
    growth,
    ...{ records, seed },
    differences: differencesOf(timings, report).length,
  };
}

/** The result for people. */
export function executeLines({ native, scalar, before, ratio, growth, records, differences }: ExecuteResult): string[] {
  const line = (name: string, { traces, roots }: EngineTiming) =>
    `${name.padEnd(10)}with traces ${String(traces.transfersPerSecond).padStart(8)}/s (${traces.cpuMs} ms of CPU a batch)` +
    `   final roots only ${String(roots.transfersPerSecond).padStart(8)}/s (${roots.cpuMs} ms)`;
  return [
    line('native', native),
    line('scalar', scalar),
    line('before', before),
    `${ratio} times the path of before, with traces`,
    ...growth.map(
      ({ accounts, traces, roots, bytesPerMillion }) =>
        `${accounts.toLocaleString('en').padStart(12)} accounts: ${traces.wallMs} ms a batch with traces, ${roots.wallMs} ms without` +
        (bytesPerMillion === 0 ? '' : `, ${(bytesPerMillion / 1e6).toFixed(1)} MB a million accounts`),
    ),
    `${records.records} random records, ${records.executed} of them valid: ${differences} differences`,
  ];
}
