/**
 * `./dev bench kernels [--largest N]`: the native kernels by themselves, on one core and on all of them: field
 * multiplication, sums of 2^16 … 2^N points in G1 and G2, quotients (three coset transforms), Poseidon, signatures.
 */

import { execFileSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { printResult } from './parts/options.ts';

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    save: { type: 'boolean', default: false },
    largest: { type: 'string', default: '22' },
  },
});
const largest = Number(values.largest);
if (!Number.isSafeInteger(largest) || largest < 16 || largest > 24) {
  console.error('usage: ./dev bench kernels [--json] [--save] [--largest 16…24]');
  process.exit(2);
}

type Numbers = Readonly<Record<string, number>>;

function run(threads: number): Numbers {
  const parameters = ['run', '--release', '--quiet', '--package', 'rollup-core', '--example', 'kernels', '--'];
  const text = execFileSync('cargo', [...parameters, String(largest)], {
    cwd: 'native',
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, RAYON_NUM_THREADS: String(threads) },
  });
  return JSON.parse(text) as Numbers;
}

const counts = [...new Set([1, availableParallelism()])];
const runs = counts.map(run);
const result = { runs };
const names = Object.keys(runs[0]!).filter((name) => name !== 'threads');
printResult(
  result,
  { name: 'kernels', json: values.json, save: values.save, slots: 0 },
  names.map(
    (name) => `${name.padEnd(32)}${runs.map((numbers) => numbers[name]!.toPrecision(4).padStart(12)).join('')}`,
  ),
);
