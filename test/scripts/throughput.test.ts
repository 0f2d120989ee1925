import assert from 'node:assert/strict';
import type { AcceptReport } from '../../scripts/bench/parts/accept/run.ts';
import type { ExecuteResult } from '../../scripts/bench/parts/execute/result.ts';
import { l1Section } from '../../scripts/generate/performance/l1.ts';
import { acceptSection, executeSection, hostileSection } from '../../scripts/generate/performance/throughput.ts';

const machine = { cpu: 'CPU', cores: 2, memoryBytes: 2 ** 34, ifma: true, node: 'v24', load: 0.1, date: '2026-11-29' };

describe('the sections about throughput in docs/performance.md', () => {
  it('give each way to L1 a row', () => {
    const mode = { transfers: 6_000, proofs: 0, blobs: 5, bytes: 2_152 };
    const gas = { gasPerTransfer: 63.4, gasPerTransferEip7976: 64, gasPerTransferEip8037: 154.3 };
    const section = l1Section({ machine, result: { modes: { 'asserted-single-6000': { ...mode, ...gas } } } });
    assert.match(section, /\| `asserted-single-6000` \| 6,000 \| 0 \| 5 \| 2,152 \| 63\.4 \| 64\.0 \| 154\.3 \|/);
    assert.equal(l1Section(undefined), '');
  });

  it('give each engine a row, and each number of accounts', () => {
    const timing = (factor: number) => ({
      traces: { batches: 1, transfersPerSecond: 20_000 / factor, wallMs: 50 * factor, cpuMs: 70 * factor },
      roots: { batches: 1, transfersPerSecond: 50_000 / factor, wallMs: 20 * factor, cpuMs: 25 * factor },
      root: '7',
    });
    const rate = { transfersPerSecond: 1, withTraces: 1 };
    const growth = { accounts: 1_000_000, createSeconds: 1, bytes: 45e6, bytesPerMillion: 45e6, ...timing(1) };
    const result: ExecuteResult = {
      ...{ ...rate, threads: 2, ratio: 20, cpuRatio: 10, seed: 's', differences: 0 },
      native: timing(1),
      scalar: { ...rate, ...timing(8) },
      before: { ...rate, ...timing(20) },
      growth: [growth],
      records: { records: 1_000_000, executed: 600_000, kinds: {} },
    };
    const section = executeSection({ machine, result });
    assert.match(section, /\| native \| 20,000 \| 70\.0 \| 50,000 \| 25\.0 \|/);
    assert.match(section, /\| before \| 1,000 \| 1400\.0 \| 2,500 \| 500\.0 \|/);
    assert.match(section, /\| 1,000,000 \| 50\.0 \| 20\.0 \| 45 MB \|/);
    assert.match(section, /1,000,000 random records of all kinds, 600,000 of them valid, .*: 0 differences/);
    assert.doesNotMatch(executeSection({ machine, result: { ...result, growth: [] } }), /become more/);
    assert.equal(executeSection(undefined), '');
  });

  it('give each way to send a row, those that ran, and say what was lost', () => {
    const report: AcceptReport = {
      ...{ perSecond: 10_000.4, p50Ms: 9, p99Ms: 40, maxMs: 50, p99MsByTenth: [], calls: 1, transfers: 1 },
      ...{ retries: {}, ranDry: false, sealedPerSecond: 9_999.6, transfersPerBatch: 1_000, unsealed: 0 },
      ...{ memoryGrowth: 0.03, peakBytes: 1, longestBlockMs: 4.6, blockP99Ms: 1, cores: 1, cpuMicroseconds: 88.4 },
      ...{ lost: 0, reopenSeconds: 1 },
    };
    const section = acceptSection({ machine, result: { list: report, single: report, minutes: 10, lost: 0 } });
    assert.match(section, /\| lists, JSON \| 10,000 \| 9\.0 \| 40\.0 \| 10,000 \| 88 \| 3% \| 4\.6 \|/);
    assert.match(section, /\| single calls \|/);
    assert.doesNotMatch(section, /lists, bytes/);
    assert.match(section, /for 10 minutes a row/);
    assert.match(section, /of all acknowledged transfers 0 were missing/);
    assert.equal(acceptSection(undefined), '');
  });

  it('give each flood a row below the quiet time', () => {
    const honest = { perSecond: 200, p50Ms: 3, p99Ms: 12.5, maxMs: 20, longestBlockMs: 4 };
    const floods = { calls: { ...honest, p99Ms: 25, ratio: 2, answers: { 200: 7 } } };
    const section = hostileSection({ machine, result: { quiet: honest, floods, seconds: 15, rate: 200, lost: 0 } });
    assert.match(
      section,
      /\| quiet \| 3\.0 \| 12\.5 \| 1\.0 \| 4\.0 \|\n\| `calls` \| 3\.0 \| 25\.0 \| 2\.0 \| 4\.0 \|/,
    );
    assert.equal(hostileSection(undefined), '');
  });
});
