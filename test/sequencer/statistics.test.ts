import { strict as assert } from 'node:assert';
import { createLatencies } from '../../sequencer/latencies.ts';
import { createStatistics, INTERVAL_MS, MAX_POINTS } from '../../sequencer/statistics.ts';
import { createManualClock } from '../support/manual-clock.ts';

describe('Sequencer: latencies', () => {
  it('give quantiles to a quarter', () => {
    const latencies = createLatencies();
    for (let ms = 1; ms <= 1_000; ms++) latencies.add(ms);
    for (const [share, exact] of [
      [0.5, 500],
      [0.99, 990],
      [1, 1_000],
    ] as const) {
      const found = latencies.quantile(share)!;
      assert.ok(found >= exact && found <= 1.25 * exact, `${share}: ${found}`);
    }
  });

  it('take the shortest and the longest in their last steps', () => {
    const latencies = createLatencies();
    assert.equal(latencies.quantile(0.5), undefined);
    latencies.add(0);
    assert.equal(latencies.quantile(0.5), 1);
    latencies.add(Number.MAX_SAFE_INTEGER);
    assert.ok(latencies.quantile(1)! > 20 * 60_000);
  });
});

describe('Sequencer: figures over time', () => {
  const START = 1_000_000 * INTERVAL_MS;

  it('are those of their interval, with empty ones in between', async () => {
    const clock = createManualClock(START + 3_000);
    const statistics = createStatistics(clock);
    statistics.accepted(4);
    statistics.refused();
    statistics.sealed(1, 5n);
    statistics.sealed(1, 6n);
    statistics.sealed(0, 0n);
    await clock.advance(2 * INTERVAL_MS);
    statistics.final(7);
    statistics.spent({ gasUsed: 2n, costWei: 9n });
    statistics.spent({ gasUsed: 3n, costWei: 1n });
    const [first, second, third, ...rest] = statistics.read();
    assert.deepEqual(rest, []);
    assert.deepEqual([first?.atMs, second?.atMs, third?.atMs], [START, START + INTERVAL_MS, START + 2 * INTERVAL_MS]);
    assert.deepEqual([first?.acceptedCount, first?.refusedCount, first?.sealedCount, first?.finalCount], [1, 1, 3, 0]);
    assert.deepEqual(first?.fees, new Map([[1, 11n]]));
    assert.ok(first.latencyP50Ms !== undefined && first.latencyP50Ms >= 4 && first.latencyP50Ms <= 5);
    assert.deepEqual([second?.acceptedCount, second?.latencyP50Ms, second?.latencyP99Ms], [0, undefined, undefined]);
    assert.deepEqual([third?.finalCount, third?.gasUsed, third?.gasCost], [7, 5n, 10n]);
  });

  it('are kept for an hour and no longer, however long nothing happens', async () => {
    const clock = createManualClock(START);
    const statistics = createStatistics(clock);
    statistics.refused();
    await clock.advance((MAX_POINTS - 1) * INTERVAL_MS);
    const points = statistics.read();
    assert.deepEqual([points.length, points[0]?.refusedCount], [MAX_POINTS, 1]);
    await clock.advance(INTERVAL_MS);
    assert.deepEqual([statistics.read().length, statistics.read()[0]?.refusedCount], [MAX_POINTS, 0]);
    await clock.advance(10 * MAX_POINTS * INTERVAL_MS);
    const later = statistics.read();
    assert.equal(later.length, MAX_POINTS);
    assert.equal(later.at(-1)!.atMs - later[0]!.atMs, (MAX_POINTS - 1) * INTERVAL_MS);
  });
});
