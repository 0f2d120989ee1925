import assert from 'node:assert/strict';
import { duration, type KernelRun, kernelLines, kernelRows } from '../../scripts/bench/parts/kernel-runs.ts';
import { kernelsSection } from '../../scripts/generate/performance/sections.ts';

const run = (path: KernelRun['path'], cores: number, factor: number): KernelRun => ({
  path,
  cores,
  kernels: [
    { kernel: 'multiplyFq', nanoseconds: 2.345 * factor },
    { kernel: 'poseidon3', nanoseconds: 1_500 * factor },
    { kernel: 'sumG1', log2: 16, nanoseconds: 45_600_000 * factor },
  ],
});

describe('times of kernels', () => {
  for (const [nanoseconds, text] of [
    [0.5, '0.500 ns'],
    [2.345, '2.35 ns'],
    [999, '999 ns'],
    [1_000, '1.00 µs'],
    [81_234, '81.2 µs'],
    [123_456, '123 µs'],
    [1_000_000, '1.00 ms'],
    [12_345_678_900, '12.3 s'],
  ] as const) {
    it(`writes ${nanoseconds} ns as ${text}`, () => {
      assert.equal(duration(nanoseconds), text);
    });
  }

  it('has a row for each kernel and a column for each run', () => {
    assert.deepEqual(kernelRows([run('lanes', 1, 1), run('scalar', 2, 10)]), [
      ['multiplication in Fq', '2.35 ns', '23.5 ns'],
      ['Poseidon, t = 3', '1.50 µs', '15.0 µs'],
      ['sum in G1, 2^16', '45.6 ms', '456 ms'],
    ]);
    assert.match(kernelLines([run('lanes', 1, 1), run('scalar', 2, 10)])[0]!, /lanes, 1 core +scalar, 2 cores$/);
  });

  it('go to docs/performance.md with the machine and the load', () => {
    const machine = {
      cpu: 'CPU',
      cores: 2,
      memoryBytes: 2 ** 34,
      ifma: true,
      node: 'v24',
      load: 3.2,
      date: '2026-01-01',
    };
    const section = kernelsSection({ machine, result: { runs: [run('lanes', 1, 1), run('scalar', 1, 10)] } });
    assert.match(section, /load 3\.2, 2026-01-01/);
    assert.match(section, /\| kernel \| lanes, 1 core \| scalar, 1 core \|/);
    assert.match(section, /\| sum in G1, 2\^16 \| 45\.6 ms \| 456 ms \|/);
    assert.equal(kernelsSection(undefined), '');
  });
});
