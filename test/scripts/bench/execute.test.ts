import assert from 'node:assert/strict';
import {
  createReferenceEngine,
  type Engine,
  type Execution,
  RECORD_ERROR_CODES,
  RecordKind,
} from '@quittance/protocol';
import { createPopulation, nextBatch, TRANSFERS } from '../../../scripts/bench/parts/execute/batches.ts';
import type { RecordsReport } from '../../../scripts/bench/parts/execute/jobs.ts';
import { parseExecuteOptions } from '../../../scripts/bench/parts/execute/options.ts';
import { compareRecords } from '../../../scripts/bench/parts/execute/records.ts';
import {
  differencesOf,
  type ExecuteResult,
  executeLines,
  resultOf,
  sumRecords,
} from '../../../scripts/bench/parts/execute/result.ts';
import { NATIVE_CRYPTO } from '../../native/engine/engines.ts';
import { describeNative } from '../../support/native.ts';
import { runBench } from '../../support/process/bench.ts';

const JOB = { seed: 'test', firstWorld: 0, records: 100 };

/** The reference, but for what `change` does to what it says. */
function lyingEngine(change: (execution: Execution) => Execution): Engine {
  const engine = createReferenceEngine(NATIVE_CRYPTO);
  return { ...engine, execute: async (...args) => change(await engine.execute(...args)) };
}

const flipped = (bytes: Uint8Array): Uint8Array => bytes.with(bytes.length - 1, bytes.at(-1)! ^ 1);

describeNative('./dev bench execute', () => {
  it('runs all parts at a tiny size, finds no difference, and says what it measured', async () => {
    const { code, stderr, result } = await runBench('execute', [
      ...['--batches', '1', '--accounts', '3000', '--growth', '70000', '--records', '200', '--seed', 'test'],
    ]);
    assert.equal(code, 0, stderr);
    const { transfersPerSecond, withTraces, threads, ratio, scalar, growth, records, differences, seed } =
      result as unknown as ExecuteResult;
    for (const value of [
      transfersPerSecond,
      withTraces,
      threads,
      ratio,
      scalar.withTraces,
      scalar.transfersPerSecond,
    ]) {
      assert.ok(value > 0, JSON.stringify(result));
    }
    assert.deepEqual([differences, seed, records.records], [0, 'test', 200]);
    assert.deepEqual(
      growth.map(({ accounts }) => accounts),
      [70_000],
    );
    assert.equal(typeof growth[0]!.bytesPerMillion, 'number');
  });

  it('refuses settings that mean nothing', () => {
    for (const args of [
      ['--batches', '0'],
      ['--accounts', '1'],
      ['--growth', '1000,'],
      ['--growth', '16777217'],
      ['--records', '-1'],
      ['x'],
    ]) {
      assert.throws(() => parseExecuteOptions(args), args.join(' '));
    }
    assert.deepEqual(parseExecuteOptions(['--growth', 'none']).growth, []);
    assert.deepEqual(parseExecuteOptions(['--growth', '2,16777216']).growth, [2, 2 ** 24]);
  });

  it('draws records of every kind, valid ones and some that break each rule', async () => {
    const { records, executed, kinds, differences } = await compareRecords({ ...JOB, records: 1_000 });
    assert.deepEqual([records, differences], [1_000, []]);
    assert.ok(executed > 300);
    for (const kind of Object.keys(RecordKind)) assert.ok(kinds[`${kind}/valid`]! > 0, kind);
    const codes = new Set(Object.keys(kinds).map((kind) => kind.split('/')[1]!));
    // No bytes hold a record with too few words.
    assert.deepEqual(
      [...codes].sort(),
      ['valid', ...RECORD_ERROR_CODES].filter((code) => code !== 'WORD_COUNT').sort(),
    );
  });

  const lies: Readonly<Record<string, (execution: Execution) => Execution>> = {
    'a bit of a trace': ({ chunks, ...rest }) => ({
      ...rest,
      chunks: chunks.map((chunk) => ({ ...chunk, trace: { ...chunk.trace!, bytes: flipped(chunk.trace!.bytes) } })),
    }),
    'a commitment': ({ chunks, ...rest }) => ({
      ...rest,
      chunks: chunks.map((chunk) => ({ ...chunk, commitment: chunk.commitment! + 1n })),
    }),
    'a root': ({ chunks, ...rest }) => ({ ...rest, chunks: chunks.map((chunk) => ({ ...chunk, newRoot: 1n })) }),
    'a changed leaf': ({ changes, ...rest }) => ({
      ...rest,
      changes: changes.count === 0 ? changes : { ...changes, bytes: flipped(changes.bytes) },
    }),
    'a refusal': ({ refusals, ...rest }) => ({ ...rest, refusals: refusals.slice(1) }),
    'the words of a refusal': ({ refusals, ...rest }) => ({
      ...rest,
      refusals: refusals.map((refusal) => ({ ...refusal, message: `${refusal.message}.` })),
    }),
  };
  for (const [what, change] of Object.entries(lies)) {
    it(`counts an engine that differs in ${what}`, async () => {
      const { differences } = await compareRecords(JOB, [{ name: 'liar', engine: lyingEngine(change) }]);
      assert.ok(
        differences.length > 0 && differences.every((text) => text.startsWith('test/0, liar: ')),
        differences[0],
      );
    });
  }

  it('times batches whose transfers are all valid, over nine chunks', async () => {
    const population = createPopulation(500);
    const { chunks } = await nextBatch(population, 0);
    assert.deepEqual([chunks.length, TRANSFERS], [9, 1_107]);
    assert.equal(new Set(population.payers.map(({ index }) => index)).size, 500);
  });
});

describe('the result of the execution bench', () => {
  const timing = (factor: number, root = '7') => ({
    traces: { batches: 1, transfersPerSecond: 1_000 / factor, wallMs: factor, cpuMs: 2 * factor },
    roots: { batches: 1, transfersPerSecond: 2_000 / factor, wallMs: factor / 2, cpuMs: factor },
    root,
  });
  const report = (differences: string[] = []): RecordsReport => ({
    ...{ records: 10, executed: 5, kinds: { 'noop/valid': 5 } },
    differences,
  });
  const timings = { native: timing(1), scalar: timing(5), before: timing(20) };
  const sizes = { threads: 2, seed: 's' };

  it('holds the ratio to the path of before, both ways of each engine, and no differences', () => {
    const result = resultOf(timings, [], report(), sizes);
    assert.deepEqual(
      [result.transfersPerSecond, result.withTraces, result.ratio, result.cpuRatio],
      [2_000, 1_000, 20, 20],
    );
    assert.deepEqual([result.scalar.withTraces, result.before.transfersPerSecond, result.differences], [200, 100, 0]);
    assert.match(executeLines(result).at(-1)!, /^10 random records, 5 of them valid: 0 differences$/);
  });

  it('counts other roots and other records as differences', () => {
    const other = { ...timings, before: timing(20, '8') };
    assert.equal(differencesOf(other, report(['a', 'b'])).length, 3);
    assert.equal(resultOf(other, [], report(['a', 'b']), sizes).differences, 3);
  });

  it('adds up jobs', () => {
    const sum = sumRecords([report(['a']), { ...report(), kinds: { 'noop/valid': 1, 'move/EXPIRED': 2 } }]);
    assert.deepEqual(sum, {
      records: 20,
      executed: 10,
      kinds: { 'move/EXPIRED': 2, 'noop/valid': 6 },
      differences: ['a'],
    });
  });
});
