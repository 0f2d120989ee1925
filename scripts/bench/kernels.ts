/**
 * `./dev bench kernels [--max-log N]`: the native kernels by themselves, in lanes and on the scalar path, on one core and
 * on all of them: field multiplication, sums of 2^16 … 2^22 points in G1 and G2, transforms of 2^20 … 2^24 values,
 * Poseidon, signature checks. `--max-log` bounds the sizes of sums and transforms.
 */

import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { type KernelRun, kernelLines, runKernels } from './parts/kernel-runs.ts';
import { describeMachine } from './parts/machine.ts';
import { printResult } from './parts/options.ts';

const LARGEST = 24;

function usage(): never {
  console.error(`usage: ./dev bench kernels [--json] [--save] [--max-log 8…${LARGEST}]`);
  process.exit(2);
}

function readOptions() {
  try {
    const { values } = parseArgs({
      options: {
        json: { type: 'boolean', default: false },
        save: { type: 'boolean', default: false },
        'max-log': { type: 'string', default: String(LARGEST) },
      },
    });
    return { ...values, maxLog: Number(values['max-log']) };
  } catch {
    return usage();
  }
}

const { json, save, maxLog } = readOptions();
if (!Number.isSafeInteger(maxLog) || maxLog < 8 || maxLog > LARGEST) usage();

const runs: KernelRun[] = [];
for (const path of describeMachine().ifma ? (['lanes', 'scalar'] as const) : (['scalar'] as const)) {
  for (const cores of new Set([1, availableParallelism()])) runs.push(runKernels(path, cores, maxLog));
}
printResult({ runs }, { name: 'kernels', json, save, slots: 0 }, kernelLines(runs));
