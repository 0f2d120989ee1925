import { strict as assert } from 'node:assert';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createProvider } from '@quittance/chain';
import { addressText } from '@quittance/protocol';
import { LOCAL_CHAIN_ID } from '../../cli/devnet/anvil.ts';
import { l1Wallet } from '../../cli/devnet/people.ts';
import { ensureExplorer } from '../../scripts/explorer/build.ts';
import { describeBrowser, openPage, textOf } from '../support/browser.ts';
import { rollupAt } from '../support/contracts/types.ts';
import { startAnvil } from '../support/l1/anvil.ts';
import { depositFor } from '../support/l1/deposits.ts';
import { createPerson } from '../support/rollup/person.ts';
import { startRollup } from '../support/sequencer/running.ts';

const alice = createPerson('alice');
const ETHER = 10n ** 18n;

describeBrowser('explorer: on a real L1', () => {
  it('verifies an account against the contract, and says so where it is none', async function () {
    this.timeout(120_000);
    const folder = mkdtempSync(join(tmpdir(), 'quittance-explorer-'));
    const l1 = await startAnvil();
    const provider = createProvider({ url: l1.url, chainId: LOCAL_CHAIN_ID });
    const rollup = await startRollup(provider, join(folder, 'rollup.db'), 1, await ensureExplorer());
    await depositFor(rollupAt(rollup.contract, l1Wallet(0).connect(provider)), alice, 3n * ETHER);
    await rollup.settle(1);
    const page = await openPage();
    const named = (url: string) =>
      `${rollup.url}/explorer/?l1=${encodeURIComponent(url)}&l1explorer=https://l1.example`;
    await page.goto(`${named(l1.url)}#/verify/finalized?account=0`);
    const onL1 = page.locator('.checks li', { hasText: 'The contract on L1 has that hash' });
    await onL1.waitFor();
    assert.equal(await page.locator('.checks li[data-true=true]').count(), 16);
    assert.equal(await page.locator('.checks li[data-true=false]').count(), 0);
    assert.match(
      await textOf(page.locator('main')),
      /Account 0 holds 3 ETH in the state after batch #1, which is final/,
    );
    // The same question to what is no L1 node: the sequencer answers JSON-RPC, too.
    await page.goto(`${named(rollup.url)}#/verify/finalized?account=0`);
    await page.getByText('L1 could not be asked').waitFor();
    await page.goto(`${named(l1.url)}#/batch/1`);
    const link = page.getByRole('link', { name: /^0x.*another site/ });
    assert.match((await link.getAttribute('href'))!, /^https:\/\/l1\.example\/tx\/0x[0-9a-f]{64}$/);
    assert.equal(await link.getAttribute('rel'), 'noopener noreferrer');
    await page.goto(`${named(l1.url)}#/owner/${addressText(alice.owner)}`);
    await page.getByText('3 ETH').first().waitFor();
    assert.deepEqual(page.faults, []);
    await page.close();
    await rollup.stop();
    provider.destroy();
    await l1.stop();
    rmSync(folder, { recursive: true, force: true });
  });
});
