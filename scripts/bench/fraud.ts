/**
 * `./dev bench fraud [--json] [--save]`: a sequencer lies in every way, and somebody disputes what is right, on real
 * contracts against the real watcher. Ends with code 1 when a lie stands or is seen late, when L1 takes what it has to
 * refuse, when an honest batch is harmed, or when false disputes delay one longer than docs/protocol.md derives.
 */

import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { runChild } from './parts/children.ts';
import { type FraudJob, type FraudReport, JOBS } from './parts/fraud-jobs.ts';
import { type FraudResult, failuresOf } from './parts/fraud-result.ts';
import { printResult } from './parts/options.ts';

function readOptions(): { readonly json: boolean; readonly save: boolean } {
  try {
    const boolean = { type: 'boolean', default: false } as const;
    const { values } = parseArgs({ options: { json: boolean, save: boolean } });
    return { json: values.json, save: values.save };
  } catch (error) {
    console.error(`usage: ./dev bench fraud [--json] [--save]: ${(error as Error).message}`);
    process.exit(2);
  }
}

/** All jobs, as many at once as there are cores; reports in the order of the jobs. */
async function runAll(jobs: readonly FraudJob[]): Promise<FraudReport[]> {
  const reports: FraudReport[] = [];
  const left = [...jobs.entries()];
  const work = async (): Promise<void> => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) {
      const [position, job] = next;
      // `./dev bench` has compiled the contracts.
      const environment = { QUITTANCE_CONTRACTS_BUILT: '1' };
      reports[position] = await runChild<FraudReport>('./fraud-child.ts', [JSON.stringify(job)], environment);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
  return reports;
}

const options = readOptions();
const started = performance.now();
// By itself, since it is timed.
const [thousand] = await runAll([{ part: 'thousand' }]);
const others = await runAll(JOBS);
const reports = [...others, thousand!];
const griefings = others.flatMap(({ griefing }) => (griefing === undefined ? [] : [griefing]));
const worst = griefings.reduce((one, other) => (one.delaySeconds > other.delaySeconds ? one : other));
const result: FraudResult = {
  lies: Object.assign({}, ...reports.map(({ lies }) => lies)),
  refusedAtAssertion: Object.assign({}, ...reports.map(({ refusals }) => refusals)),
  honestBatches: reports.reduce((sum, { honestBatches }) => sum + honestBatches, 0),
  honestHarmed: reports.reduce((sum, { honestHarmed }) => sum + honestHarmed, 0),
  griefing: { ...worst, promptDelaySeconds: Math.min(...griefings.map(({ delaySeconds }) => delaySeconds)) },
  replay: thousand!.replay!,
  seconds: Number(((performance.now() - started) / 1000).toFixed(1)),
};
const failures = failuresOf(result);
const { griefing, replay } = result;
printResult(result, { name: 'fraud', ...options, slots: 0 }, [
  ...Object.entries(result.lies).map(
    ([name, { overturned, polls, transactions, gas }]) =>
      `${name.padEnd(50)} ${overturned ? 'overturned' : 'STANDS'}, seen at look ${polls}, ${transactions} transactions, ${gas} gas`,
  ),
  ...Object.entries(result.refusedAtAssertion).map(([name, { error }]) => `${name.padEnd(50)} refused: ${error}`),
  `${result.honestBatches} honest batches, ${result.honestHarmed} harmed`,
  `${griefing.disputes} false disputes: final after ${griefing.delaySeconds} s, at most ${griefing.boundSeconds} s; each costs its author ${griefing.grieferGas} gas and ${griefing.grieferBondWei} wei, the honest side ${griefing.honestGas} gas for ${griefing.honestRewardWei} wei`,
  `${replay.transfers} transfers replayed in ${replay.nativeSeconds ?? '–'} s natively, ${replay.portableSeconds} s portably`,
]);
for (const failure of failures) console.error(failure);
process.exit(failures.length === 0 ? 0 : 1);
