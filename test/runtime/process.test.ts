import { strict as assert } from 'node:assert';
import { createLifecycle, createMetrics, silentLogger } from '../../runtime/index.ts';

describe('Runtime: lifecycle', () => {
  const service = (name: string, events: string[], fails?: 'start' | 'stop') => ({
    name,
    async start() {
      if (fails === 'start') throw new Error(`${name} does not start`);
      events.push(`+${name}`);
    },
    async stop() {
      events.push(`-${name}`);
      if (fails === 'stop') throw new Error(`${name} does not stop`);
    },
  });

  it('starts in order and stops in reverse, once', async () => {
    const events: string[] = [];
    const lifecycle = createLifecycle([service('a', events), service('b', events)], silentLogger);
    await lifecycle.start();
    await Promise.all([lifecycle.stop(), lifecycle.stop()]);
    assert.deepEqual(events, ['+a', '+b', '-b', '-a']);
  });

  it('stops what was started when a later one does not start', async () => {
    const events: string[] = [];
    const lifecycle = createLifecycle([service('a', events), service('b', events, 'start')], silentLogger);
    await assert.rejects(lifecycle.start(), /b does not start/);
    assert.deepEqual(events, ['+a', '-a']);
  });

  it('stops the others when one does not stop, and says so', async () => {
    const events: string[] = [];
    const lifecycle = createLifecycle([service('a', events), service('b', events, 'stop')], silentLogger);
    await lifecycle.start();
    await assert.rejects(lifecycle.stop(), /b does not stop/);
    assert.deepEqual(events, ['+a', '+b', '-b', '-a']);
  });
});

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
    assert.match((await other.print()).text, /rollup_things_total 0/);
  });
});
