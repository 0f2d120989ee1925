import { strict as assert } from 'node:assert';
import { encodeBinaryList } from '@quittance/rpc';
import { operationOf } from '@quittance/sdk';
import { systemClock } from '../../runtime/index.ts';
import { type Api, type ApiSettings, startApi } from '../../sequencer/index.ts';
import { alice, createPayerHarness, type PayerHarness } from '../support/sequencer/payer.ts';
import { post, rpc } from '../support/sequencer/rpc.ts';

describe('Sequencer: where its metrics are', () => {
  let harness: PayerHarness;
  const started: Api[] = [];
  const start = async (config: ApiSettings = {}): Promise<Api> => {
    const api = await startApi({ sequencer: harness.sequencer, clock: systemClock, config });
    started.push(api);
    return api;
  };
  const statusOf = async (url: string, path: string) => (await fetch(`${url}${path}`)).status;

  before(async () => {
    harness = await createPayerHarness();
  });
  after(async () => {
    for (const api of started) await api.stop();
    await harness.close();
  });

  it('is a port of their own on this machine, with the health beside them', async () => {
    const { url, metricsUrl } = await start();
    assert.notEqual(metricsUrl, url);
    assert.equal(new URL(metricsUrl).hostname, '127.0.0.1');
    assert.deepEqual([await statusOf(url, '/metrics'), await statusOf(metricsUrl, '/metrics')], [404, 200]);
    for (const path of ['/livez', '/readyz']) {
      assert.deepEqual([await statusOf(url, path), await statusOf(metricsUrl, path)], [200, 200], path);
    }
    assert.equal(await statusOf(metricsUrl, '/'), 404);
  });

  it('is the port of the API where the operator wants that, and costs nothing there', async () => {
    const { url, metricsUrl } = await start({ metrics: undefined, allowance: { max: 1, windowMs: 3_600_000 } });
    assert.equal(metricsUrl, url);
    for (let round = 0; round < 3; round++) assert.equal(await statusOf(url, '/metrics'), 200);
  });

  it('ends with the API', async () => {
    const api = await start();
    await api.stop();
    await assert.rejects(fetch(`${api.metricsUrl}/livez`));
  });

  it('is no reason to listen at all when it is taken', async () => {
    const { metricsUrl } = await start();
    const port = Number(new URL(metricsUrl).port);
    await assert.rejects(start({ metrics: { host: '127.0.0.1', port } }), /EADDRINUSE/);
  });

  it('counts how long calls take, by method, those of a batch and lists of bytes too', async () => {
    const { url } = await start();
    const { metrics } = harness.sequencer;
    const countOf = async (method: string) => {
      const { text } = await metrics.print();
      const line = new RegExp(`^quittance_rpc_request_seconds_count\\{method="${method}"\\} (\\d+)$`, 'm').exec(text);
      return Number(line?.[1] ?? 0);
    };
    const call = (method: string) => ({ jsonrpc: '2.0', id: 1, method });
    await rpc(url, 'net_version');
    await post(url, JSON.stringify([call('net_version'), call('nope')]));
    await fetch(`${url}/v1/status`);
    const { intent, ...signed } = harness.sign(alice, harness.payment(0));
    const list = encodeBinaryList(harness.sequencer.domain, [
      { operation: operationOf({ intent, ...signed }), nonce: intent.nonce },
    ]);
    assert.equal((await post(url, list, 'application/octet-stream')).status, 200);
    assert.equal(await countOf('net_version'), 2);
    assert.equal(await countOf('unknown'), 1);
    assert.equal(await countOf('rollup_syncStatus'), 1);
    assert.equal(await countOf('rollup_sendTransfers'), 1);
  });
});
