/**
 * `./dev bench execute [--batches N] [--growth LIST] [--records N]`: how fast engines execute batches of 1,107 transfers, with traces for
 * provers and with final roots only: the native engine, the same without AVX512-IFMA, and the path of before; time and memory as
 * accounts become more; random records through all of them. Ends with code 1 when two engines differ.
 */

import { availableParallelism } from 'node:os';
import { isNativeAvailable, nativeUnavailableReason } from '../../native/index.ts';
import { runChild } from './parts/children.ts';
import type { ExecuteJob, ExecuteReports, RecordsJob, RecordsReport } from './parts/execute/jobs.ts';
import { type ExecuteBenchOptions, parseExecuteOptions, USAGE } from './parts/execute/options.ts';
import { differencesOf, executeLines, resultOf, sumRecords } from './parts/execute/result.ts';
import { printResult } from './parts/options.ts';

/** Records of a job: short enough that all cores end together. */
const JOB_RECORDS = 10_000;

function readOptions(): ExecuteBenchOptions {
  try {
    return parseExecuteOptions(process.argv.slice(2));
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${USAGE}`);
    return process.exit(2);
  }
}

function runJob<Job extends ExecuteJob>(job: Job, environment = {}): Promise<ExecuteReports[Job['part']]> {
  return runChild('./execute-child.ts', [JSON.stringify(job)], environment);
}

/** All records, as many jobs at once as there are cores. */
async function compareAll(seed: string, count: number): Promise<RecordsReport> {
  const jobs: RecordsJob[] = [];
  for (let done = 0; done < count; done += JOB_RECORDS) {
    jobs.push({ part: 'records', seed, firstWorld: done, records: Math.min(JOB_RECORDS, count - done) });
  }
  const reports: RecordsReport[] = [];
  const work = async (): Promise<void> => {
    for (let job = jobs.shift(); job !== undefined; job = jobs.shift()) reports.push(await runJob(job));
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
  return sumRecords(reports);
}

const { help, json, save, seed, batches, accounts, growth, records } = readOptions();
if (help) {
  console.log(USAGE);
  process.exit(0);
}
if (!isNativeAvailable()) {
  console.error(nativeUnavailableReason());
  process.exit(1);
}
const speed = (engine: 'native' | 'reference', environment = {}) =>
  runJob({ part: 'speed', engine, accounts, batches } as const, environment);
const timings = {
  native: await speed('native'),
  scalar: await speed('native', { QUITTANCE_DISABLE_IFMA: '1' }),
  before: await speed('reference'),
};
const grown = [];
for (const count of growth) grown.push(await runJob({ part: 'growth', accounts: count, batches } as const));
const report = await compareAll(seed, records);
for (const difference of differencesOf(timings, report)) console.error(difference);
const result = resultOf(timings, grown, report, { threads: availableParallelism(), seed });
printResult(result, { name: 'execute', json, save, slots: 0 }, executeLines(result));
process.exit(result.differences === 0 ? 0 : 1);
