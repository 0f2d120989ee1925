/** The way out of a rollup whose batches are asserted, with their data in blobs, against an L1 URL and a place of blobs only. */

import { strict as assert } from 'node:assert';
import type { Server } from 'node:http';
import { createProvider } from '@quittance/chain';
import { createClient, createWallet } from '@quittance/sdk';
import { type Devnet, startDevnet } from '@quittance/sdk/testing';
import { ensureExplorer } from '../../scripts/explorer/build.ts';
import { accessibilityFaults, describeBrowser, overflowOf } from '../support/browser.ts';
import { allowPages, serveFolder } from '../support/explorer/host.ts';
import { closePurse, openPurse, type PursePage } from '../support/explorer/purse-page.ts';
import { until } from '../support/until.ts';

const ETHER = 10n ** 18n;
const PHONE = { width: 360, height: 740 };

describeBrowser('explorer: the way out of a rollup in blobs and optimistic mode', function () {
  this.timeout(240_000);
  let devnet: Devnet;
  let host: { readonly url: string; readonly server: Server };
  let blobs: { readonly url: string; readonly server: Server };
  let purse: PursePage;

  before(async () => {
    devnet = await startDevnet({ command: [process.execPath, 'cli/main.ts'], data: 'blobs' });
    // anvil has the blobs of its blocks, as a beacon node does.
    blobs = await allowPages(devnet.l1Url);
    const client = createClient({ url: devnet.rpcUrl });
    await until(async () => (await client.call('rollup_syncStatus', {})).finalBatch > 0, 'a final batch');
    host = await serveFolder(await ensureExplorer());
    const { privateKey: key } = devnet.accounts[4]!;
    purse = await openPurse({ l1: { url: devnet.l1Url } }, { key }, '', { url: `${host.url}/#/exit` });
  });
  after(async () => {
    await closePurse(purse);
    host?.server.close();
    blobs?.server.close();
    await devnet?.stop();
  });

  const use = async (): Promise<void> => {
    const loaded = purse.page.waitForEvent('load');
    await purse.press('Use this rollup');
    await loaded;
    // What its person chose is used when it has loaded with another policy.
    await purse.says('To come back');
  };

  it('says which blob is missing where nobody named a place, and how to name one', async () => {
    await purse.fill('Rollup contract', devnet.contract);
    await purse.fill('Block of its deployment', String(devnet.deploymentBlock));
    await purse.fill('L1 node', devnet.l1Url);
    await purse.fill('Where blobs are', 'ftp://blobs');
    await purse.press('Use this rollup');
    await purse.says('“ftp://blobs” is no http or https address.');
    await purse.fill('Where blobs are', '');
    await use();
    await purse.says('npx http-server -p 8000');
    await purse.press('Pocket');
    await purse.press('Read what is mine from L1');
    await purse.says(/BLOB_UNAVAILABLE|BLOB_SOURCE_FAILED/);
    await purse.says('Name a beacon node or an archive under “Where blobs are” (on the way out, press Change)');
  });

  it('rebuilds from blobs in the browser, and asks L1 for the money, which an asserted batch pays', async () => {
    await purse.press('Change');
    await purse.fill('Where blobs are', blobs.url);
    await use();
    await purse.press('Pocket');
    await purse.press('Read what is mine from L1');
    await purse.says('100 ETH');
    const wide = purse.page.viewportSize()!;
    await purse.page.setViewportSize(PHONE);
    assert.deepEqual(await accessibilityFaults(purse.page), []);
    assert.equal(await overflowOf(purse.page), 0);
    await purse.page.setViewportSize(wide);
    await purse.press('Ask L1 to pay me out');
    await purse.says('Your requests stand. The sequencer must execute them by');
    const { address, privateKey: secret } = devnet.accounts[4]!;
    const network = { rpcUrl: devnet.rpcUrl, l1: { url: devnet.l1Url } };
    const wallet = await createWallet({ secret, ...network });
    // Its batch is asserted, and final when nobody disputed it.
    await until(async () => (await wallet.balance()).final === 0n, 'the exit to be final');
    wallet.close();
    const provider = createProvider({ url: devnet.l1Url, chainId: BigInt(devnet.chainId) });
    const before = await provider.getBalance(address);
    await purse.press('Look again');
    await purse.says('Your withdrawals are final: L1 pays them as soon as you claim.');
    await purse.press('Claim');
    await purse.says('Paid on L1:');
    assert.ok((await provider.getBalance(address)) - before > 99n * ETHER);
    provider.destroy();
    assert.deepEqual(purse.page.faults, []);
  });
});
