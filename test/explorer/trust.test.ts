import { strict as assert } from 'node:assert';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ensureExplorer } from '../../scripts/explorer/build.ts';
import { readExplorer } from '../../sequencer/api/explorer.ts';
import { describeBrowser, openPage, textOf, type WatchedPage } from '../support/browser.ts';
import { createExplorerScene, type ExplorerScene } from '../support/explorer/scene.ts';
import { until } from '../support/until.ts';

/** A host that knows nothing of rollups and has a copy of the files. */
async function serveCopy(): Promise<{ readonly url: string; readonly server: Server }> {
  const { files } = readExplorer(await ensureExplorer())!;
  const server = createServer((request, response) => {
    const path = new URL(request.url!, 'http://x').pathname.replace('/copy/', '') || 'index.html';
    const file = files.get(path);
    if (file === undefined) response.writeHead(404).end();
    else response.writeHead(200, { 'content-type': file.type }).end(file.bytes);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/copy/`, server };
}

interface Answer {
  readonly result?: Record<string, unknown>;
}

describeBrowser('explorer: whom it trusts', () => {
  let scene: ExplorerScene;
  let page: WatchedPage;

  before(async () => {
    scene = await createExplorerScene();
  });
  after(() => scene.close());
  beforeEach(async () => {
    page = await openPage();
  });
  afterEach(async () => {
    assert.deepEqual(page.faults, []);
    await page.close();
  });

  /** Changes the answers to one method on their way. */
  const falsify = (method: string, change: (result: Record<string, unknown>) => unknown) =>
    page.route(`${scene.url}/`, async (route) => {
      if (route.request().postDataJSON()?.method !== method) return route.fallback();
      const response = await route.fetch();
      const answer = (await response.json()) as Answer;
      return route.fulfill({ response, json: { ...answer, result: change(answer.result!) } });
    });

  it('shows text of others as text, in quotes, and what turns it around as a mark', async () => {
    await page.goto(scene.page(`/tx/${scene.ids[1]}`));
    const reference = page.locator('.reference q');
    await reference.waitFor();
    assert.equal(await textOf(reference), '<img src=x onerror=alert(1)>�invoice 7');
    assert.equal(await page.locator('main img').count(), 0);
    await page.goto(scene.page('/search?q=%3Cscript%3Ealert(1)%3C%2Fscript%3E'));
    await page.getByText('Nothing was found').waitFor();
    assert.match(await textOf(page.locator('.lead')), /<script>alert\(1\)<\/script>/);
  });

  it('clamps names of tokens, and shows base units where nobody knows the decimals', async () => {
    await falsify('rollup_getConfig', (config) => ({
      ...config,
      tokens: [
        {
          tokenId: 0,
          address: `0x${'0'.repeat(40)}`,
          symbol: '\u202eEVIL<b>\n'.repeat(20),
          decimals: null,
          minimumFee: null,
        },
      ],
    }));
    await page.goto(scene.page(`/tx/${scene.ids[0]}`));
    await page.getByText('units of').first().waitFor();
    assert.match(await textOf(page.locator('.amount').first()), /^250,000,000,000,000,000 units of �EVIL<b>/);
    assert.ok((await textOf(page.locator('.symbol').first())).length < 30);
  });

  it('says that the sequencer has halted, why, and the way out', async () => {
    const halted = { reason: 'DATABASE_DAMAGED', message: 'the database is damaged\u202e' };
    await falsify('rollup_syncStatus', (status) => ({ ...status, halted }));
    await page.goto(scene.page('/'));
    await page.getByText('The sequencer has halted').waitFor();
    assert.match(await textOf(page.locator('.error-note')), /the database is damaged� DATABASE_DAMAGED.*leave by L1/);
  });

  it('goes on beside an answer that is none, and puts what is no hash into no address', async () => {
    type Page = { batches: Record<string, unknown>[]; next: number | null };
    let gas = 'much';
    await falsify('rollup_getBatches', (result) => {
      const { batches, next } = result as unknown as Page;
      return { batches: batches.map((batch) => ({ ...batch, l1GasUsed: gas, l1Transaction: '../../evil' })), next };
    });
    await page.goto(`${scene.url}/explorer/?l1explorer=https://l1.example#/batches`);
    await page.getByText('This page could not be shown').waitFor();
    await page.getByRole('link', { name: 'Disputes' }).click();
    await page.getByText('Nothing is asserted in mode zk').waitFor();
    gas = '7';
    await page.goBack();
    await page.getByText('../../evil').first().waitFor();
    assert.equal(await page.locator('main a[href*=evil]').count(), 0);
  });

  it('finds a balance that is not what was proven', async () => {
    await falsify('rollup_getProof', (proof) => ({
      ...proof,
      account: { ...(proof['account'] as object), balance: '7' },
    }));
    await page.goto(scene.page(`/verify/finalized?account=${scene.harness.from}`));
    await page.getByText('1 of 15 steps are false').waitFor();
    assert.equal(await page.locator('.checks li[data-true=false]').count(), 1);
    assert.match(await textOf(page.locator('.checks li[data-true=false]')), /The account is a leaf/);
  });

  it('finds a path with another node, one that is none, and a path that is cut', async () => {
    const account = scene.harness.from;
    type Path = string[][];
    for (const [bend, steps] of [
      [(path: Path) => path.with(5, path[5]!.with(1, '12345')), /Level [56]/],
      [(path: Path) => path.with(5, path[5]!.with(1, String(2n ** 254n))), /Level 5/],
      [(path: Path) => path.slice(1), /The path has 12 levels/],
    ] as const) {
      await page.unrouteAll();
      await falsify('rollup_getProof', (proof) => ({ ...proof, path: bend(proof['path'] as Path) }));
      await page.goto(scene.page(`/verify/finalized?account=${account}`));
      await page.reload();
      await page.getByText('do not believe this sequencer').waitFor();
      assert.match((await page.locator('.checks li[data-true=false]').allInnerTexts()).join('\n'), steps);
    }
  });

  it('finds a header that is not that of the batch, by itself and against L1', async () => {
    const stub = createServer((_request, response) => {
      response.writeHead(200, {
        'content-type': 'application/json',
        'access-control-allow-origin': '*',
        'access-control-allow-headers': '*',
      });
      response.end(JSON.stringify({ jsonrpc: '2.0', id: 1, result: `0x${'ab'.repeat(32)}` }));
    });
    await new Promise<void>((resolve) => stub.listen(0, '127.0.0.1', resolve));
    const l1 = `http://127.0.0.1:${(stub.address() as AddressInfo).port}`;
    await page.goto(
      `${scene.url}/explorer/?l1=${encodeURIComponent(l1)}#/verify/finalized?account=${scene.harness.from}`,
    );
    const onL1 = page.locator('.checks li', { hasText: 'The contract on L1 has that hash' });
    await onL1.waitFor();
    assert.equal(await onL1.getAttribute('data-true'), 'false');
    await falsify('rollup_getBatch', (batch) => ({
      ...batch,
      header: { ...(batch['header'] as object), priorityCount: 999 },
    }));
    await page.reload();
    await page.locator('.checks li[data-true=false]', { hasText: 'The header hashes to its hash' }).waitFor();
    stub.close();
  });

  it('connects to nothing that was not chosen', async () => {
    await page.goto(scene.page('/'));
    await page.locator('tbody tr').first().waitFor();
    const outcome = await page.evaluate(() =>
      fetch('http://127.0.0.1:9/').then(
        () => 'sent',
        (error: Error) => error.message,
      ),
    );
    assert.match(outcome, /Failed to fetch/);
    await until(() => page.faults.some((fault) => fault.startsWith('policy: connect-src')), 'the violation');
    page.faults.length = 0;
  });

  it('reads any sequencer from any host, and keeps what was chosen there, but not what a link says', async () => {
    const { url, server } = await serveCopy();
    await page.goto(`${url}#/batches`);
    await page.getByText('Which sequencer?').waitFor();
    await page.goto(`${url}?rpc=${encodeURIComponent(scene.url)}#/batches`);
    await page.locator('tbody tr').first().waitFor();
    await page.goto(`${url}#/batches`);
    await page.getByText('Which sequencer?').waitFor();
    await page.goto(`${url}?rpc=${encodeURIComponent(scene.url)}#/connection`);
    await page.getByText('A link named this one: it is kept only if you use it here.').waitFor();
    await page.getByRole('button', { name: 'Use these' }).click();
    await page.waitForURL(`${url}#/connection`);
    await page.goto(`${url}#/batches`);
    await page.locator('tbody tr').first().waitFor();
    await page.getByRole('contentinfo').getByRole('link', { name: 'Connection' }).click();
    await page.getByLabel('Sequencer').fill('nonsense://x');
    await page.getByRole('button', { name: 'Use these' }).click();
    await page.getByText('is no http or https address').waitFor();
    await page.getByLabel('Sequencer').fill('');
    await page.getByRole('button', { name: 'Use these' }).click();
    await page.getByText('Not connected').waitFor();
    server.closeAllConnections();
    server.close();
  });

  it('works where storage is denied: the choice then stands in the address', async () => {
    const { url, server } = await serveCopy();
    await page.addInitScript(() => {
      Object.defineProperty(globalThis, 'localStorage', {
        get() {
          throw new DOMException('denied', 'SecurityError');
        },
      });
    });
    await page.goto(`${url}#/connection`);
    await page.getByLabel('Sequencer').fill(scene.url);
    await page.getByRole('button', { name: 'Use these' }).click();
    await page.waitForURL(/\?rpc=/);
    await page.getByRole('link', { name: 'Batches', exact: true }).click();
    await page.locator('tbody tr').first().waitFor();
    await page.getByRole('button', { name: /^Colours/ }).click();
    server.closeAllConnections();
    server.close();
  });

  it('does not let a link to another sequencer change what the next visit shows', async () => {
    await page.goto(`${scene.url}/explorer/?rpc=${encodeURIComponent('http://127.0.0.1:9')}#/`);
    await page.getByText('The sequencer at http://127.0.0.1:9 does not answer').waitFor();
    // Nobody has to look for it: what is shown is another's word.
    const note = page.locator('main .note', { hasText: 'A link chose the sequencer that you read here' });
    assert.match(await textOf(note), /http:\/\/127\.0\.0\.1:9\. This page’s own is another/);
    await note.getByRole('link', { name: `read ${scene.url}` }).click();
    await page.locator('tbody tr').first().waitFor();
    assert.equal(await note.count(), 0);
    await page.goto(scene.page('/'));
    await page.goto(`${scene.url}/explorer/`);
    await page.locator('tbody tr').first().waitFor();
  });
});
