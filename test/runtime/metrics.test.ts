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

  it('sets what is shown at each print only then, and forgets what was reset', async () => {
    const metrics = createMetrics('test');
    let waiting = 0;
    const gauge = metrics.gauge('waiting_count', 'Waiting');
    const trouble = metrics.gauge('trouble_info', 'Trouble', ['code']);
    let code: string | undefined = 'ONE';
    metrics.onPrint(() => {
      gauge.set(waiting);
      trouble.reset();
      if (code !== undefined) trouble.set(1, { code });
    });
    waiting = 3;
    const first = (await metrics.print()).text;
    assert.match(first, /^test_waiting_count 3$/m);
    assert.match(first, /^test_trouble_info\{code="ONE"\} 1$/m);
    code = 'TWO';
    assert.doesNotMatch((await metrics.print()).text, /ONE/);
    code = undefined;
    assert.doesNotMatch((await metrics.print()).text, /^test_trouble_info/m);
  });

  it('shows no gauge that was never set, and none that was reset', async () => {
    const metrics = createMetrics('test');
    const gauge = metrics.gauge('age_seconds', 'Age');
    assert.doesNotMatch((await metrics.print()).text, /^test_age_seconds /m);
    gauge.set(0);
    assert.match((await metrics.print()).text, /^test_age_seconds 0$/m);
    gauge.reset();
    assert.doesNotMatch((await metrics.print()).text, /^test_age_seconds /m);
  });

  it('fails the print when an update fails', async () => {
    const metrics = createMetrics();
    metrics.onPrint(() => {
      throw new Error('no state');
    });
    await assert.rejects(metrics.print(), /no state/);
  });

  it('keeps two services apart', async () => {
    const [one, other] = [createMetrics(), createMetrics()];
    one.counter('things_total', 'Things').add();
    other.counter('things_total', 'Things');
    assert.match((await other.print()).text, /quittance_things_total 0/);
  });
});
