import { strict as assert } from 'node:assert';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from '@quittance/sdk';
import { systemClock } from '../../runtime/index.ts';
import { ensureExplorer } from '../../scripts/explorer/build.ts';
import { wantsPage } from '../../sequencer/api/explorer.ts';
import { startApi } from '../../sequencer/index.ts';
import { createHarness, type Harness } from '../support/sequencer/harness.ts';

/** Bytes that the first visit of the overview may cost, as they are sent. */
const MAX_FIRST_BYTES = 120_000;

describe('explorer: how the sequencer serves it', () => {
  let harness: Harness;
  let url: string;
  let folder: string;
  let stop: () => Promise<void>;

  before(async () => {
    folder = await ensureExplorer();
    harness = await createHarness({ withFeeAccounts: false });
    const api = await startApi({ sequencer: harness.sequencer, clock: systemClock, explorer: folder });
    url = api.url;
    stop = () => api.stop();
  });
  after(async () => {
    await stop();
    await harness.close();
  });

  it('has the trusted setup of KZG once, for page and worker', () => {
    const files = readdirSync(join(folder, 'assets'));
    const sizes = files.map((name) => [name, statSync(join(folder, 'assets', name)).size] as const);
    const large = sizes.filter(([, size]) => size > 2_000_000).map(([name]) => name);
    assert.equal(large.length, 1, large.join(', '));
    const loading = files.filter(
      (name) => name.endsWith('.js') && readFileSync(join(folder, 'assets', name), 'utf8').includes(large[0]!),
    );
    assert.equal(loading.length, 2, 'one of the page, one of the worker');
  });

  const get = (path: string, headers: Record<string, string> = {}) =>
    fetch(url + path, { headers, redirect: 'manual' });

  it('sends browsers that ask for / to it, and tells everybody else that JSON-RPC is POST /', async () => {
    const browser = await get('/', { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' });
    assert.deepEqual([browser.status, browser.headers.get('location')], [302, '/explorer/']);
    const curl = await get('/', { accept: '*/*' });
    assert.equal(curl.status, 404);
    assert.match(JSON.stringify(await curl.json()), /JSON-RPC is POST/);
    const bare = await get('/explorer');
    assert.deepEqual([bare.status, bare.headers.get('location')], [302, '/explorer/']);
    assert.deepEqual([undefined, '*/*', 'text/html', 'application/json, text/html;q=0.1'].map(wantsPage), [
      ...[false, false, true, true],
    ]);
  });

  it('sends the page with the policy that it states, and that nobody may frame it', async () => {
    const page = await get('/explorer/');
    assert.equal(page.status, 200);
    assert.match(page.headers.get('content-type') ?? '', /^text\/html/);
    const html = await page.text();
    const stated = /http-equiv="Content-Security-Policy"\s+content="([^"]*)"/.exec(html)?.[1];
    assert.equal(page.headers.get('content-security-policy'), `${stated}; frame-ancestors 'none'`);
    assert.match(stated ?? '', /default-src 'none'; script-src 'self'; style-src 'self'/);
    assert.doesNotMatch(stated ?? '', /unsafe|data: https/);
    assert.doesNotMatch(html, /<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=/);
    for (const [, address] of html.matchAll(/(?:src|href)="([^"]*)"/g)) assert.match(address!, /^\.\//);
    assert.equal(page.headers.get('x-content-type-options'), 'nosniff');
    assert.equal(page.headers.get('cache-control'), 'no-cache');
  });

  it('sends what never changes for ever, compressed, and not again where it is known', async () => {
    const html = await (await get('/explorer/')).text();
    const script = /src="\.\/(assets\/[^"]+\.js)"/.exec(html)![1]!;
    const answer = await get(`/explorer/${script}`, { 'accept-encoding': 'gzip' });
    assert.match(answer.headers.get('cache-control') ?? '', /immutable/);
    assert.equal(answer.headers.get('content-encoding'), 'gzip');
    assert.equal(await answer.text(), readFileSync(join(folder, script), 'utf8'));
    const etag = answer.headers.get('etag')!;
    assert.equal((await get(`/explorer/${script}`, { 'if-none-match': etag })).status, 304);
    const plain = await get(`/explorer/${script}`, { 'accept-encoding': 'identity' });
    assert.equal(plain.headers.get('content-encoding'), null);
  });

  it('keeps the first visit small', async () => {
    const html = await (await get('/explorer/')).text();
    const files = [...html.matchAll(/(?:src|href)="\.\/([^"]*)"/g)].map(([, path]) => path!);
    const sizes = await Promise.all(
      files.map(async (path) =>
        Number((await get(`/explorer/${path}`, { 'accept-encoding': 'gzip' })).headers.get('content-length')),
      ),
    );
    const total = sizes.reduce((sum, size) => sum + size, 0);
    assert.ok(total > 0 && total < MAX_FIRST_BYTES, `${total} bytes: ${files.join(', ')}`);
  });

  it('has nothing but its own files', async () => {
    for (const path of [
      '/explorer/nothing.js',
      '/explorer/%2e%2e/package.json',
      '/explorer/..%2f..%2fpackage.json',
      '/explorer/.stamp',
    ]) {
      assert.equal((await get(path)).status, 404, path);
    }
  });

  it('says what to run where it was not built', async () => {
    const empty = mkdtempSync(join(tmpdir(), 'quittance-explorer-'));
    writeFileSync(join(empty, 'assets.txt'), 'no page');
    const api = await startApi({ sequencer: harness.sequencer, clock: systemClock, explorer: empty });
    const answer = await fetch(`${api.url}/explorer/`);
    assert.equal(answer.status, 404);
    assert.match(await answer.text(), /\.\/dev build/);
    const config = await Promise.all(
      [api.url, url].map((at) => createClient({ url: at }).call('rollup_getConfig', {})),
    );
    assert.deepEqual(
      config.map(({ explorer }) => explorer),
      [null, '/explorer/'],
    );
    await api.stop();
    rmSync(empty, { recursive: true });
  });

  it('is built once for the same sources', async () => {
    const stamp = readFileSync(join(folder, '.stamp'), 'utf8');
    assert.equal(await ensureExplorer(), folder);
    assert.equal(readFileSync(join(folder, '.stamp'), 'utf8'), stamp);
  });
});
