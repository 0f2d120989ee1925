import { strict as assert } from 'node:assert';
import { loadOf, payAt, payClosed } from '../../../scripts/bench/parts/channels/loads.ts';
import { channelsLines } from '../../../scripts/bench/parts/channels/result.ts';
import { runBench } from '../../support/process/bench.ts';
import { MEASURED_CHANNELS } from '../../support/process/measured-channels.ts';

describe('./dev bench channels: figures', () => {
  it('are quantiles over all payments, and payments by the time of all together', () => {
    const { payments, perSecond, p50Ms, p99Ms } = loadOf([3, 1, 2, 10], 2);
    assert.deepEqual([payments, perSecond, p50Ms, p99Ms], [4, 2, 3, 10]);
  });

  it('come of so many payments at a time, and no more', async () => {
    let [open, most] = [0, 0];
    const load = await payClosed(20, 3, async () => {
      open += 1;
      most = Math.max(most, open);
      await new Promise(setImmediate);
      open -= 1;
    });
    assert.deepEqual([load.payments, most], [20, 3]);
  });

  it('count the time that a payment waits to be begun', async () => {
    // A thousand are due within a millisecond, and one at a time is made.
    const load = await payAt(20, 1_000_000, 1, () => new Promise((resolve) => setTimeout(resolve, 2)));
    assert.equal(load.payments, 20);
    assert.ok(load.p99Ms >= 20 * 2, `${load.p99Ms} ms`);
  });

  it('fail with the payment that fails', async () => {
    await assert.rejects(
      payClosed(2, 1, async () => Promise.reject(new Error('no'))),
      /no/,
    );
  });

  it('are said in lines', () => {
    const lines = channelsLines(MEASURED_CHANNELS);
    assert.match(lines[0]!, /5000 payments a second with 256 at a time, 0\.12 ms of CPU/);
    assert.match(lines[1]!, /at 4000 a second: p50 9\.0 ms, p99 21\.5 ms/);
    assert.match(lines[2]!, /612 payments a second over 200 channels/);
    assert.match(lines[4]!, /110 payments a second when the wallets' stores are on the hub's disk/);
    assert.match(lines.at(-1)!, /1000 schedules \(seed 1\), 0 violations/);
  });

  it('are asked for with sizes that make sense', async () => {
    const { code, stderr } = await runBench('channels', ['--in-flight', '1001']);
    assert.equal(code, 2);
    assert.match(stderr, /--in-flight takes a whole number from 1 to 1000, not 1001\nusage: \.\/dev bench channels/);
  });
});

describe('./dev bench channels', () => {
  it('pays in a channel and over a hub at a tiny size, and finds all money where it should be', async () => {
    const { code, stderr, result } = await runBench('channels', [
      ...['--payments', '40', '--in-flight', '8', '--channels', '4', '--routed', '8', '--routed-in-flight', '4'],
      ...['--schedules', '2'],
    ]);
    assert.equal(code, 0, stderr);
    const { pair, hub, hubOnOneDisk, gas, schedules, violations } = result as unknown as typeof MEASURED_CHANNELS;
    assert.deepEqual([pair.lost, hub.lost, hub.channels, schedules, violations], [0, 0, 4, 2, 0]);
    assert.deepEqual([hubOnOneDisk.lost, hubOnOneDisk.channels, hubOnOneDisk.payments], [0, 4, 2]);
    assert.ok(pair.perSecond > 0 && pair.p99Ms > 0 && hub.perSecond > 0);
    assert.ok(gas.lonelyClose < 450_000 && gas.challenge < 80_000 && gas.htlc < 15_000);
  });
});
