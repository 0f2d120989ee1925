/** Runs of native/core/examples/kernels, each in a process of its own, and how people read them. */

import { execFileSync } from 'node:child_process';

/** Eight lanes of AVX512-IFMA, or 64-bit words. */
export type KernelPath = 'lanes' | 'scalar';

/** The time of one operation. */
export interface KernelTime {
  readonly kernel: string;
  /** Terms of a sum, values of a transform: 2^log2. */
  readonly log2?: number;
  readonly nanoseconds: number;
}

/** All kernels on one path, on a number of cores. */
export interface KernelRun {
  readonly path: KernelPath;
  readonly cores: number;
  readonly kernels: readonly KernelTime[];
}

const COMMAND = [
  'run',
  '--release',
  '--locked',
  '--quiet',
  '--package',
  'quittance-core',
  '--example',
  'kernels',
  '--',
];

/** @throws Error when the example does not run, or not on this path and these cores. */
export function runKernels(path: KernelPath, cores: number, maxLog: number): KernelRun {
  const text = execFileSync('cargo', [...COMMAND, String(maxLog)], {
    cwd: 'native',
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, RAYON_NUM_THREADS: String(cores), QUITTANCE_DISABLE_IFMA: path === 'scalar' ? '1' : '0' },
  });
  const run = JSON.parse(text) as { path: string; threads: number; kernels: KernelTime[] };
  if (run.path !== path || run.threads !== cores) {
    throw new Error(`the kernels ran on ${run.threads} cores, ${run.path}; asked for ${cores}, ${path}`);
  }
  return { path, cores, kernels: run.kernels };
}

const NAMES: Readonly<Record<string, string>> = {
  multiplyFq: 'multiplication in Fq',
  multiplyFr: 'multiplication in Fr',
  poseidon3: 'Poseidon, t = 3',
  poseidon4: 'Poseidon, t = 4',
  poseidon5: 'Poseidon, t = 5',
  poseidon6: 'Poseidon, t = 6',
  verify: 'EdDSA verification',
  sumG1: 'sum in G1',
  sumG2: 'sum in G2',
  transform: 'transform',
};

/** What a kernel is called. */
function kernelName({ kernel, log2 }: Pick<KernelTime, 'kernel' | 'log2'>): string {
  const name = NAMES[kernel] ?? kernel;
  return log2 === undefined ? name : `${name}, 2^${log2}`;
}

/** "lanes, 1 core". */
export function runName({ path, cores }: Pick<KernelRun, 'path' | 'cores'>): string {
  return `${path}, ${cores} ${cores === 1 ? 'core' : 'cores'}`;
}

/** A time with three digits and its unit. */
export function duration(nanoseconds: number): string {
  const [divisor, unit] =
    nanoseconds < 1e3 ? [1, 'ns'] : nanoseconds < 1e6 ? [1e3, 'µs'] : nanoseconds < 1e9 ? [1e6, 'ms'] : [1e9, 's'];
  const value = nanoseconds / divisor;
  return `${value >= 100 ? value.toFixed(0) : value.toPrecision(3)} ${unit}`;
}

/** One row a kernel, one time a run; all runs have the same kernels. */
export function kernelRows(runs: readonly KernelRun[]): string[][] {
  return runs[0]!.kernels.map((row, position) => [
    kernelName(row),
    ...runs.map(({ kernels }) => duration(kernels[position]!.nanoseconds)),
  ]);
}

/** The rows in columns. */
export function kernelLines(runs: readonly KernelRun[]): string[] {
  const rows = [['', ...runs.map(runName)], ...kernelRows(runs)];
  return rows.map(([name, ...times]) => name!.padEnd(24) + times.map((time) => time.padStart(18)).join(''));
}
