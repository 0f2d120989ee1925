import { strict as assert } from 'node:assert';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { systemClock } from '../../runtime/index.ts';
import { type Api, type ApiSettings, startApi } from '../../sequencer/index.ts';
import { describeBrowser, openPage } from '../support/browser.ts';
import { createPayerHarness, type PayerHarness } from '../support/sequencer/payer.ts';

describeBrowser('Sequencer: its interface in a browser', () => {
  let harness: PayerHarness;
  const started: Api[] = [];
  const start = async (config: ApiSettings = {}): Promise<Api> => {
    const api = await startApi({ sequencer: harness.sequencer, clock: systemClock, config });
    started.push(api);
    return api;
  };

  before(async () => {
    harness = await createPayerHarness();
  });
  after(async () => {
    for (const api of started) await api.stop();
    await harness.close();
  });

  it('is shown at /docs with all paths, tries one, and loads nothing from elsewhere', async () => {
    const { url } = await start();
    const page = await openPage();
    const foreign: string[] = [];
    page.on('request', (request) => {
      if (!request.url().startsWith(url)) foreign.push(request.url().slice(0, 80));
    });
    await page.goto(`${url}/docs`);
    const path = page.locator('[data-path="/v1/accounts/{index}"]');
    await path.click();
    await page.getByRole('textbox', { name: 'index' }).fill(String(harness.from));
    await page.getByRole('button', { name: 'Execute' }).click();
    const answer = page.locator('.live-responses-table .response-col_description').filter({ hasText: '"balance"' });
    assert.match((await answer.first().textContent())!, new RegExp(`"index": ${harness.from}`));
    assert.ok((await page.locator('.opblock').count()) > 18);
    assert.deepEqual(page.faults, []);
    // Images that stand in the style sheets are no requests of the network.
    assert.deepEqual(
      foreign.filter((link) => !link.startsWith('data:')),
      [],
    );
    await page.close();
  });

  describe('from a page of another origin', () => {
    let server: Server;
    let origin: string;
    before((done) => {
      server = createServer((_request, response) => {
        response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>a wallet</title>');
      });
      server.listen(0, '127.0.0.1', () => {
        origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
        done();
      });
    });
    after((done) => {
      server.closeAllConnections();
      server.close(done);
    });

    /** What a page of `origin` can read of three calls. */
    const callThrice = async (url: string): Promise<unknown[]> => {
      const page = await openPage();
      await page.goto(origin);
      const answers = await page.evaluate(async (target) => {
        const call = async (): Promise<unknown> => {
          const body = '{"jsonrpc":"2.0","id":1,"method":"eth_chainId"}';
          const headers = { 'content-type': 'application/json' };
          try {
            const response = await fetch(target, { method: 'POST', headers, body });
            const { result, error } = (await response.json()) as {
              result?: string;
              error?: { data: { reason: string } };
            };
            return [response.status, result ?? error?.data.reason, response.headers.get('retry-after') !== null];
          } catch {
            return 'unreadable';
          }
        };
        return [await call(), await call(), await call()];
      }, url);
      await page.close();
      return answers;
    };

    it('can be called, and a 429 can be read with how long to wait', async () => {
      const { url } = await start({ allowance: { max: 6, windowMs: 3_600_000 } });
      assert.deepEqual(await callThrice(url), [
        [200, '0x7a69', false],
        [200, '0x7a69', false],
        [429, 'RATE_LIMITED', true],
      ]);
    });

    it('can be called where that origin is listed, and not where it is another', async () => {
      const listed = await start({ allowOrigins: [origin] });
      assert.deepEqual((await callThrice(listed.url))[0], [200, '0x7a69', false]);
      const other = await start({ allowOrigins: ['https://wallet.example'] });
      assert.equal((await callThrice(other.url))[0], 'unreadable');
    });
  });
});
