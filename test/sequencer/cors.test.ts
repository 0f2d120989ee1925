import { strict as assert } from 'node:assert';
import { request } from 'node:http';
import { type Api, type ApiSettings, startApi } from '../../sequencer/index.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { createHarness, type Harness } from '../support/sequencer/harness.ts';

const WALLET = 'https://wallet.example';

describe('Sequencer: pages of other origins', () => {
  let harness: Harness;
  const started: Api[] = [];

  const start = async (config: ApiSettings = {}): Promise<Api> => {
    const api = await startApi({ sequencer: harness.sequencer, clock: createManualClock(), config });
    started.push(api);
    return api;
  };
  const preflight = (url: string, origin = WALLET) =>
    fetch(url, {
      method: 'OPTIONS',
      headers: {
        origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'content-type',
      },
    });
  const call = (url: string, origin = WALLET, path = '/') =>
    fetch(`${url}${path}`, {
      method: path === '/' ? 'POST' : 'GET',
      headers: { origin, 'content-type': 'application/json' },
      ...(path === '/' ? { body: '{"jsonrpc":"2.0","id":1,"method":"eth_chainId"}' } : {}),
    });
  /** What a browser lets the page read: whose origin is allowed, and which headers. */
  const readable = ({ headers }: Response) => [
    headers.get('access-control-allow-origin'),
    headers.get('access-control-expose-headers')?.includes('Retry-After') === true,
  ];

  before(async () => {
    harness = await createHarness({ withFeeAccounts: false });
  });
  after(async () => {
    for (const api of started) await api.stop();
    await harness.close();
  });

  it('may all call, unless the operator says otherwise', async () => {
    const { url } = await start();
    const asked = await preflight(url);
    assert.equal(asked.status, 204);
    assert.equal(asked.headers.get('access-control-allow-origin'), '*');
    assert.match(asked.headers.get('access-control-allow-methods')!, /POST/);
    assert.match(asked.headers.get('access-control-allow-headers')!, /Content-Type/);
    assert.ok(Number(asked.headers.get('access-control-max-age')) > 0);
    assert.deepEqual(readable(await call(url)), ['*', true]);
    assert.equal((await preflight(`${url}/v1/accounts/0`)).status, 204);
  });

  it('can read a 429 and how long to wait, over JSON-RPC and at paths', async () => {
    const { url } = await start({ allowance: { max: 3, windowMs: 3_600_000 } });
    assert.equal((await call(url)).status, 200);
    for (const path of ['/', '/v1/config', '/openrpc.json', '/nothing']) {
      const refused = await call(url, WALLET, path);
      assert.equal(refused.status, 429, path);
      assert.deepEqual(readable(refused), ['*', true], path);
      assert.ok(Number(refused.headers.get('retry-after')) > 0, path);
    }
  });

  it('ask for leave as often as they like: a page cannot read why that is refused', async () => {
    const { url } = await start({ allowance: { max: 3, windowMs: 3_600_000 } });
    for (let round = 0; round < 5; round++) assert.equal((await preflight(url)).status, 204);
    assert.equal((await call(url)).status, 200);
  });

  it('can read what is wrong with a request, and that there is nothing', async () => {
    const { url } = await start({ bodyBytes: 2_000 });
    const large = await fetch(url, {
      method: 'POST',
      headers: { origin: WALLET, 'content-type': 'application/json' },
      body: 'x'.repeat(2_001),
    });
    assert.deepEqual([large.status, ...readable(large)], [413, '*', true]);
    assert.deepEqual(readable(await call(url, WALLET, '/v1/accounts/no')), ['*', true]);
    assert.deepEqual(readable(await call(url, WALLET, '/nothing')), ['*', true]);
  });

  it('may call when they are listed, and no others', async () => {
    const { url } = await start({ allowOrigins: [WALLET, 'http://localhost:5173'] });
    for (const origin of [WALLET, 'http://localhost:5173']) {
      assert.equal((await preflight(url, origin)).headers.get('access-control-allow-origin'), origin);
      const answer = await call(url, origin);
      assert.deepEqual([answer.status, ...readable(answer)], [200, origin, true]);
      assert.match(answer.headers.get('vary')!, /Origin/i);
    }
    for (const origin of [
      'https://other.example',
      `${WALLET}:444`,
      'http://wallet.example',
      `${WALLET}.evil.example`,
    ]) {
      assert.equal((await preflight(url, origin)).headers.get('access-control-allow-origin'), null, origin);
      assert.equal((await call(url, origin)).headers.get('access-control-allow-origin'), null, origin);
    }
  });

  it('may open a WebSocket when they are listed or of this server, and no others', async () => {
    /** What a WebSocket answers to a ping: a pong, or that it is closed, with the code. */
    const ping = (url: string, headers: Record<string, string>) =>
      new Promise<string | number>((resolve, reject) => {
        const key = { 'sec-websocket-version': '13', 'sec-websocket-key': Buffer.alloc(16).toString('base64') };
        const asked = request(`${url}/ws`, {
          headers: { connection: 'upgrade', upgrade: 'websocket', ...key, ...headers },
        });
        asked.on('upgrade', (_response, socket, head) => {
          const read = (frame: Buffer): void => {
            resolve(frame[0] === 0x8a ? 'pong' : frame.readUInt16BE(2));
            socket.destroy();
          };
          if (head.length > 0) read(head);
          else socket.once('data', read).write(Buffer.from([0x89, 0x80, 1, 2, 3, 4]));
        });
        asked.on('error', reject).end();
      });
    const listed = await start({ allowOrigins: [WALLET] });
    assert.equal(await ping(listed.url, { origin: WALLET }), 'pong');
    assert.equal(await ping(listed.url, { origin: listed.url }), 'pong');
    assert.equal(await ping(listed.url, {}), 'pong', 'a program');
    for (const origin of ['https://other.example', 'null', 'http://127.0.0.1:1']) {
      assert.equal(await ping(listed.url, { origin }), 1008, origin);
    }
    const open = await start();
    assert.equal(await ping(open.url, { origin: 'https://other.example' }), 'pong');
  });

  it('may not call when none is listed', async () => {
    const { url } = await start({ allowOrigins: [] });
    assert.equal((await preflight(url)).headers.get('access-control-allow-origin'), null);
    assert.equal((await call(url)).headers.get('access-control-allow-origin'), null);
  });
});

describe('Sequencer: the page of the descriptions', () => {
  let harness: Harness;
  let api: Api;
  before(async () => {
    harness = await createHarness({ withFeeAccounts: false });
    api = await startApi({ sequencer: harness.sequencer, clock: createManualClock() });
  });
  after(async () => {
    await api.stop();
    await harness.close();
  });

  it('comes from this server alone, under a strict policy', async () => {
    const page = await fetch(`${api.url}/docs`);
    assert.equal(page.status, 200);
    assert.match(page.headers.get('content-type')!, /^text\/html/);
    const policy = page.headers.get('content-security-policy')!;
    assert.match(policy, /default-src 'none'/);
    assert.match(policy, /frame-ancestors 'none'/);
    assert.doesNotMatch(policy, /unsafe|https?:/);
    assert.equal(page.headers.get('x-frame-options'), 'DENY');
    assert.equal(page.headers.get('referrer-policy'), 'no-referrer');
    assert.equal(page.headers.get('x-content-type-options'), 'nosniff');
    const html = await page.text();
    const loaded = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, link]) => link!);
    assert.ok(loaded.length > 3);
    for (const link of loaded) {
      const { origin, href } = new URL(link, page.url);
      assert.equal(origin, api.url);
      assert.equal((await fetch(href)).status, 200, href);
    }
    assert.doesNotMatch(html, /<script>|<style|style=| on\w+=/);
  });

  it('shows the document that machines get', async () => {
    const shown = await (await fetch(`${api.url}/docs/json`)).json();
    assert.deepEqual(shown, await (await fetch(`${api.url}/openapi.json`)).json());
  });

  it('leaves the headers of what programs ask as they were', async () => {
    const { headers } = await fetch(`${api.url}/openapi.json`);
    assert.equal(headers.get('content-security-policy'), null);
    assert.equal(headers.get('x-content-type-options'), 'nosniff');
  });
});
