import { strict as assert } from 'node:assert';
import { createMetrics } from '../../runtime/index.ts';

describe('Runtime: metrics', () => {
  it('prints counters, gauges and histograms under its prefix', async () => {
    const metrics = createMetrics('test');
    metrics.counter('things_total', 'Things', ['kind']).add(2, { kind: 'a' });
    metrics.gauge('size_bytes', 'Size').set(7);
    metrics.histogram('wait_seconds', 'Wait', [1, 2]).observe(1.5);
    const { text, contentType } = await metrics.print();
    assert.match(contentType, /text\/plain/);
    assert.match(text, /test_things_total\{kind="a"\} 2/);
    assert.match(text, /test_size_bytes 7/);
    assert.match(text, /test_wait_seconds_bucket\{le="2"\} 1/);
  });

  it('refuses a name without a unit', () => {
    assert.throws(() => createMetrics().gauge('size', 'Size'), /unit/);
  });

  it('keeps two services apart', async () => {
    const [one, other] = [createMetrics(), createMetrics()];
    one.counter('things_total', 'Things').add();
    other.counter('things_total', 'Things');
    assert.match((await other.print()).text, /quittance_things_total 0/);
  });
});
