/**
 * `./dev bench differential [--seed S] [--records N] [--circuit-records N] [--solidity-records N]`: random records, valid and
 * broken in every way, through TypeScript and the naive model, through the circuit and through Solidity. Ends with code 1 at the
 * first disagreement and prints its seed and the record: with the right outcome in it, `{"vectors": [that record]}` is the
 * content of a file test/vectors/differential-<what>.json, which the tests read.
 */

import { randomBytes } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { RECORD_ERROR_CODES } from '@quittance/protocol';
import { type Lane, type LaneJob, type LaneReport, WORLD_RECORDS } from '../../test/differential/run.ts';
import { runChild } from './parts/children.ts';
import type { DifferentialReport } from './parts/differential-child.ts';
import { printResult } from './parts/options.ts';

/** A job's share of its lane: short enough that all cores end together. */
const JOB_WORLDS: Readonly<Record<Lane, number>> = { circuit: 10, solidity: 20, rules: 250 };

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    save: { type: 'boolean', default: false },
    seed: { type: 'string', default: randomBytes(6).toString('hex') },
    records: { type: 'string', default: '100000' },
    'circuit-records': { type: 'string', default: '5000' },
    'solidity-records': { type: 'string', default: '2100' },
  },
});
const { json, save, seed } = values;
const counts: Readonly<Record<Lane, number>> = {
  circuit: Number(values['circuit-records']),
  solidity: Number(values['solidity-records']),
  rules: Number(values.records),
};
if (Object.values(counts).some((count) => !Number.isSafeInteger(count) || count < 0)) {
  console.error(
    'usage: ./dev bench differential [--json] [--save] [--seed S] [--records N] [--circuit-records N] [--solidity-records N]',
  );
  process.exit(2);
}

/** The jobs of a lane; each lane begins with world 0, so the first records go through all implementations. */
function jobsOf(lane: Lane): LaneJob[] {
  const jobs: LaneJob[] = [];
  for (let firstWorld = 0, left = counts[lane]; left > 0; firstWorld += JOB_WORLDS[lane]) {
    const records = Math.min(left, JOB_WORLDS[lane] * WORLD_RECORDS);
    jobs.push({ lane, seed, firstWorld, records });
    left -= records;
  }
  return jobs;
}

/** All jobs, as many at once as there are cores; ends the process at a disagreement. */
async function runAll(jobs: LaneJob[]): Promise<LaneReport[]> {
  const reports: LaneReport[] = [];
  const work = async (): Promise<void> => {
    for (let job = jobs.shift(); job !== undefined; job = jobs.shift()) {
      const found = await runChild<DifferentialReport>('./differential-child.ts', [JSON.stringify(job)]);
      if ('disagreement' in found) {
        console.error(found.disagreement.message);
        console.log(JSON.stringify({ disagreements: 1, seed, ...found.disagreement }));
        process.exit(1);
      }
      reports.push(found.report);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
  return reports;
}

const total = (reports: readonly LaneReport[], countOf: (report: LaneReport) => number): number =>
  reports.reduce((sum, report) => sum + countOf(report), 0);

function sumKinds(reports: readonly LaneReport[]): Record<string, number> {
  const kinds: Record<string, number> = {};
  for (const report of reports) {
    for (const [kind, count] of Object.entries(report.kinds)) kinds[kind] = (kinds[kind] ?? 0) + count;
  }
  return Object.fromEntries(Object.entries(kinds).sort(([left], [right]) => (left < right ? -1 : 1)));
}

const started = performance.now();
const reports = await runAll([...jobsOf('circuit'), ...jobsOf('solidity'), ...jobsOf('rules')]);
const of = (lane: Lane) => reports.filter((report) => report.lane === lane);
const kinds = sumKinds(of('rules'));
const codes = Object.fromEntries(
  ['valid', ...RECORD_ERROR_CODES].map((code) => [
    code,
    Object.entries(kinds).reduce((sum, [kind, count]) => sum + (kind.endsWith(`/${code}`) ? count : 0), 0),
  ]),
);
const circuits = of('circuit').map(({ circuit }) => circuit!);
const result = {
  records: {
    typescript: total(of('rules'), ({ records }) => records),
    model: total(of('rules'), ({ records }) => records),
    circom: total(of('circuit'), ({ asked }) => asked),
    solidity: total(of('solidity'), ({ asked }) => asked),
  },
  kinds,
  codes,
  disagreements: 0,
  circom: {
    accepted: circuits.reduce((sum, { accepted }) => sum + accepted, 0),
    refused: circuits.reduce((sum, { refused }) => sum + refused, 0),
    lies: circuits.reduce((sum, { lies }) => sum + lies, 0),
  },
  madeUpStates: total(of('rules'), ({ madeUp }) => madeUp),
  seed,
  seconds: Number(((performance.now() - started) / 1000).toFixed(1)),
};
printResult(result, { name: 'differential', json, save, slots: 0 }, [
  ...Object.entries(codes).map(([code, count]) => `${code.padEnd(24)}${String(count).padStart(8)}`),
  `records ${JSON.stringify(result.records)}, circom ${JSON.stringify(result.circom)}`,
  `no disagreement; seed ${seed}, ${result.seconds} s`,
]);
