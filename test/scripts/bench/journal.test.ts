import { strict as assert } from 'node:assert';
import { appendTimes, journalLines } from '../../../scripts/bench/parts/journal/result.ts';
import { describePostgres } from '../../support/journal/postgres.ts';
import { runBench } from '../../support/process/bench.ts';

describe('./dev bench journal: figures', () => {
  it('are medians, and sums over all that was appended', () => {
    const times = appendTimes([3, 1, 2, 10], 400, 800);
    assert.deepEqual(times, { p50Ms: 3, p99Ms: 10, perSecond: 25_000, cpuMicrosecondsPerTransfer: 2 });
    const rest = { transfersPerSegment: 100, segments: 4, rate: 1_000, followers: 2, bytesPerTransfer: 308.4 };
    const [what, alone, followed, ratio] = journalLines({ ...rest, alone: times, followed: times, slowdown: 1 });
    assert.match(what!, /^4 segments of 100 transfers, 308 bytes a transfer/);
    for (const line of [alone!, followed!]) assert.match(line, /p50 3\.0 ms, p99 10\.0 ms, 25000 transfers a second/);
    assert.match(ratio!, /1\.00 times/);
  });

  it('are asked for with sizes that make sense', async () => {
    const { code, stderr } = await runBench('journal', ['--transfers', '4097']);
    assert.equal(code, 2);
    assert.match(stderr, /--transfers takes a whole number from 1 to 4096, not 4097\nusage: \.\/dev bench journal/);
  });
});

describePostgres('./dev bench journal', () => {
  it('appends at a tiny size, with a follower that reads all of it', async () => {
    const { code, stderr, result } = await runBench('journal', [
      ...['--segments', '6', '--transfers', '16', '--followers', '1', '--rate', '100000'],
    ]);
    assert.equal(code, 0, stderr);
    const { segments, transfersPerSegment, followers, bytesPerTransfer, slowdown } = result;
    assert.deepEqual([segments, transfersPerSegment, followers], [6, 16, 1]);
    assert.ok(Number(bytesPerTransfer) > 282 && Number(slowdown) > 0);
  });
});
