/**
 * `./dev bench fleet [--json] [--save]`: simulated workers against each other, then a rollup that two real ones prove for, on a local
 * L1: one is killed, the sequencer is killed, somebody lies, and they are paid. Ends with code 1 when anything was lost.
 */

import { readArguments } from './parts/arguments.ts';
import { runRealFleet } from './parts/fleet/real.ts';
import { type FleetResult, failuresOf } from './parts/fleet/result.ts';
import { measureWorkers } from './parts/fleet/simulated.ts';
import { printResult } from './parts/options.ts';

const WORKERS = [1, 2, 4, 8] as const;

const { json, save } = readArguments('usage: ./dev bench fleet [--json] [--save]', {}, () => ({}));
const proofsPerSecond: number[] = [];
for (const count of WORKERS) {
  console.error(`${count} simulated workers`);
  proofsPerSecond.push(Number((await measureWorkers(count)).toFixed(3)));
}
const efficiency = Number((proofsPerSecond.at(-1)! / (WORKERS.at(-1)! * proofsPerSecond[0]!)).toFixed(3));
const real = await runRealFleet((text) => console.error(text));
const result: FleetResult = { workers: WORKERS, proofsPerSecond, efficiency, ...real };
printResult(result, { name: 'fleet', json, save, slots: 0 }, [
  ...WORKERS.map((count, position) => `${count} workers: ${proofsPerSecond[position]} proofs a second`),
  `${efficiency} of eight times what one does`,
  `a chunk of a dead worker is leased again after ${result.releasedAfterSeconds} s`,
  `proofs being made when the sequencer was killed: ${result.keptProofs} kept, ${result.lostProofs} lost`,
  `provers were paid ${result.paid} and have ${result.received}`,
]);
const failures = failuresOf(result);
for (const failure of failures) console.error(failure);
process.exitCode = failures.length === 0 ? 0 : 1;
