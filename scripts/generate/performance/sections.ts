/** The sections of docs/performance.md, each from the JSON of one bench. A bench without a measurement has none. */

import type { BatchReport } from '../../bench/parts/batch-child.ts';
import { type KernelRun, kernelRows, runName } from '../../bench/parts/kernel-runs.ts';
import type { ProveReport } from '../../bench/parts/prove-child.ts';
import { gibibytes, type Measured, machineLine, seconds, table, thousands } from './table.ts';

/** Stages in the order in which they run, as both backends name them. */
const STAGES = ['witness', 'evaluate', 'quotient', 'digits', 'sumsG1', 'sumsG2', 'prove', 'verify'];

type Batch = BatchReport & { readonly prepareSeconds: number };

/** 1,000 transfers end to end. */
export function batchSection(...measured: readonly (Measured<Batch & { profile: string }> | undefined)[]): string {
  const present = measured.filter((item) => item !== undefined);
  if (present.length === 0) return '';
  const heads = ['profile', 'transfers', 'proofs', 'seconds', 'CPU seconds', 'peak memory', 'gas a transfer'];
  const rows = present.map(({ result }) => [
    result.profile,
    thousands(result.transfers),
    String(result.proofs),
    seconds(result.seconds),
    seconds(result.cpuSeconds),
    gibibytes(result.peakBytes),
    result.gasPerTransfer.toFixed(1),
  ]);
  const stages = table(
    ['stage, seconds', ...present.map(({ result }) => result.profile)],
    STAGES.map((stage) => [stage, ...present.map(({ result }) => seconds(result.stages[stage]))]),
  );
  const checks = present.every(({ result }) => result.verifiedBySnarkjs && result.acceptedOnL1)
    ? 'Every proof was verified by `snarkjs.groth16.verify` and accepted by the contract on a local L1.'
    : 'NOT every proof was verified by snarkjs and accepted by the contract.';
  return section('1,000 transfers, from wallets to L1', '`./dev bench prove --profile single --json`', present[0]!, [
    `Wallets sign and send 1,000 transfers in two tokens over JSON-RPC to a sequencer that proves in its own process; the memory is that of all of them. ${checks}`,
    table(heads, rows),
    `Where the time goes (\`prove\` is the sum of the stages between witness and verification, with the prover's own check):`,
    stages,
  ]);
}

interface Comparison {
  readonly slots: number;
  readonly constraints: number;
  readonly native: Rated | null;
  readonly nativeWithoutIfma: Rated | null;
  readonly snarkjs: Rated;
}

type Rated = ProveReport & { readonly ratio: number; readonly constraintsPerSecond: number };

/** The same chunk, native and snarkjs. */
export function proveSection(measured: Measured<Comparison> | undefined): string {
  if (measured === undefined) return '';
  const { slots, constraints, native, nativeWithoutIfma, snarkjs } = measured.result;
  const columns = (
    [
      ['native', native],
      ['native, IFMA off', nativeWithoutIfma],
      ['snarkjs', snarkjs],
    ] as const
  ).filter((column): column is [(typeof column)[0], Rated] => column[1] !== null);
  const row = (name: string, show: (report: Rated) => string) => [name, ...columns.map(([, report]) => show(report))];
  return section('Against snarkjs', '`./dev bench prove --json`', measured, [
    `One chunk of ${slots} slots of all kinds, ${thousands(constraints)} constraints.`,
    table(
      ['', ...columns.map(([name]) => name)],
      [
        row('seconds', (report) => seconds(report.seconds)),
        row('CPU seconds', (report) =>
          report.cpuSeconds > 0 && report !== snarkjs ? seconds(report.cpuSeconds) : '–',
        ),
        row('times faster than snarkjs', (report) => report.ratio.toFixed(1)),
        row('constraints per second', (report) => thousands(report.constraintsPerSecond)),
        row('peak memory', (report) => gibibytes(report.peakBytes)),
        ...STAGES.map((stage) => row(stage, (report) => seconds(report.stages[stage]))),
      ],
    ),
  ]);
}

interface Growth {
  readonly rows: readonly (ProveReport & {
    readonly slots: number;
    readonly secondsPerSlot: number;
    readonly constraintsPerSecond: number;
    readonly prepareSeconds: number;
  })[];
}

/** Cost by number of slots. */
export function growthSection(measured: Measured<Growth> | undefined): string {
  if (measured === undefined) return '';
  return section('How the cost grows', '`./dev bench growth --json`', measured, [
    'Native proofs of chunks of random operations of all kinds.',
    table(
      ['slots', 'constraints', 'seconds', 'CPU seconds', 'ms a slot', 'constraints per second', 'peak memory'],
      measured.result.rows.map((row) => [
        thousands(row.slots),
        thousands(row.constraints),
        seconds(row.seconds),
        seconds(row.cpuSeconds),
        (1000 * row.secondsPerSlot).toFixed(1),
        thousands(row.constraintsPerSecond),
        gibibytes(row.peakBytes),
      ]),
    ),
  ]);
}

interface Kernels {
  readonly runs: readonly KernelRun[];
}

/** Kernels by themselves. */
export function kernelsSection(measured: Measured<Kernels> | undefined): string {
  if (measured === undefined) return '';
  const { runs } = measured.result;
  return section('Kernels', '`./dev bench kernels --json`', measured, [
    'Time of one operation, the best of three or more. A sum is a multi-scalar multiplication of random points and scalars; a transform is one of the six number-theoretic transforms of a quotient; hashes and signatures are checked many at a time. On several cores the operations share them: field multiplications, hashes and signatures run side by side, sums and transforms are divided. *Lanes* use AVX512-IFMA, *scalar* the other instructions of the CPU.',
    table(['kernel', ...runs.map(runName)], kernelRows(runs)),
  ]);
}

interface Circuit {
  readonly constraintsPerSlot: number;
  readonly parts: Readonly<Record<string, number>>;
  /** By the tile's name. */
  readonly tiles: Readonly<Record<'root' | 'context' | 'weights' | 'fold', number>>;
}

/** Constraints of a slot. */
export function circuitSection(measured: Measured<Circuit> | undefined): string {
  if (measured === undefined) return '';
  const { constraintsPerSlot, parts, tiles } = measured.result;
  return [
    '## Constraints of a slot',
    '`./dev bench circuit --json`.',
    `${thousands(constraintsPerSlot)} in all. A chunk has ${thousands(tiles.root)} for each of two root tiles, ${thousands(tiles.context)} for its context, ${thousands(tiles.weights)} for the weights of its blocks and ${thousands(tiles.fold)} for each group of 32 slots besides.`,
    table(
      ['part', 'constraints'],
      Object.entries(parts).map(([name, count]) => [`\`${name}\``, thousands(count)]),
    ),
  ].join('\n\n');
}

function section(title: string, command: string, { machine }: Measured<unknown>, parts: readonly string[]): string {
  return [`## ${title}`, `${command}. ${machineLine(machine)}`, ...parts].join('\n\n');
}
