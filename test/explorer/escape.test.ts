import { strict as assert } from 'node:assert';
import { localSigner } from '../../cli/devnet/deploy.ts';
import { ensureExplorer } from '../../scripts/explorer/build.ts';
import { accessibilityFaults, describeBrowser, overflowOf } from '../support/browser.ts';
import { rollupAt } from '../support/contracts/types.ts';
import { serveFolder } from '../support/explorer/host.ts';
import { closePurse, openPurse, type PursePage } from '../support/explorer/purse-page.ts';
import { createWalletScene, personOf, type WalletScene } from '../support/explorer/wallet-scene.ts';
import { depositFor } from '../support/l1/deposits.ts';
import { createPerson } from '../support/rollup/person.ts';

const ERIN = personOf(9);
const FUNDER = 2;
const PHONE = { width: 360, height: 740 };
const ETHER = 10n ** 18n;
/** Longer than every delay of the contract together. */
const AGES_SECONDS = 60 * 86_400;

describeBrowser('explorer: the way out, by L1 alone', function () {
  this.timeout(240_000);
  let scene: WalletScene;
  let host: Awaited<ReturnType<typeof serveFolder>>;
  let purse: PursePage;

  before(async () => {
    scene = await createWalletScene();
    const rollup = rollupAt(scene.rollup.contract, localSigner(scene.provider, FUNDER));
    // Erin's account, of whichever key, and one of somebody else.
    await depositFor(rollup, { keyPair: createPerson('erin').keyPair, owner: BigInt(ERIN.address) }, 3n * ETHER);
    await depositFor(rollup, createPerson('other'), ETHER);
    // What somebody put on an account of Erin's address: it must cost her nothing.
    await depositFor(rollup, { keyPair: createPerson('dust').keyPair, owner: BigInt(ERIN.address) }, 1n);
    await scene.rollup.settle(await scene.requested());
    // From here on there is no sequencer.
    await scene.stopSequencer();
    host = await serveFolder(await ensureExplorer());
    purse = await openPurse(scene, ERIN, '', { url: `${host.url}/#/exit` });
  });
  after(async () => {
    await closePurse(purse);
    host.server.close();
    await scene.close();
  });

  const balance = () => scene.provider.getBalance(ERIN.address);

  /** Another L1 node is another policy of the page: it loads again with it. */
  const useNode = async (url: string): Promise<void> => {
    await purse.fill('L1 node', url);
    const loaded = purse.page.waitForEvent('load');
    await purse.press('Use this rollup');
    await loaded;
  };

  it('says what is wrong with what it is told', async () => {
    await purse.fill('Rollup contract', '0x12');
    await purse.press('Use this rollup');
    await purse.says('Name an L1 node.');
    await purse.says('The contract is an L1 address');
    await purse.fill('Rollup contract', `0x${'12'.repeat(20)}`);
    await useNode('http://127.0.0.1:9');
    await purse.press('Use this rollup');
    await purse.says(/No L1 node answers at http:\/\/127\.0\.0\.1:9.*L1_UNREACHABLE/);
    await useNode(scene.l1.url);
    await purse.press('Use this rollup');
    await purse.says(/Chain 31337 has no contract at 0x1212.*L1_WRONG_CHAIN/);
  });

  it('shows what an address has without a wallet, from the L1 URL and the contract only', async () => {
    await purse.fill('Rollup contract', scene.rollup.contract);
    await purse.press('Use this rollup');
    await purse.fill('Or look at an address without a wallet', ERIN.address);
    await purse.press('Look');
    await purse.says('3 ETH');
    await purse.says('in the rollup');
    await purse.says('Accounts to leave with (1 of 2)');
    await purse.says('costs more than it pays');
    await purse.says('Connect a wallet to go on: it pays the gas.');
  });

  it('asks L1 for everything with one click, and says until when', async () => {
    await purse.press('Pocket');
    await purse.press('Ask L1 to pay me out');
    await purse.says('Your requests stand. The sequencer must execute them by');
    await purse.says('asked for');
    assert.equal(purse.wallet.asked.filter((method) => method === 'personal_sign').length, 0);
    assert.equal(purse.wallet.asked.filter((method) => method === 'eth_sendTransaction').length, 1);
  });

  for (const colorScheme of ['light', 'dark'] as const) {
    it(`can be used by everybody in ${colorScheme} colours, and fits a phone`, async () => {
      await purse.page.emulateMedia({ colorScheme });
      const wide = purse.page.viewportSize()!;
      await purse.page.setViewportSize(PHONE);
      assert.deepEqual(await accessibilityFaults(purse.page), []);
      assert.equal(await overflowOf(purse.page), 0);
      await purse.page.setViewportSize(wide);
    });
  }

  it('goes on where it was after the page was closed, opens the exodus when it is due, and pays', async () => {
    await scene.pass(AGES_SECONDS);
    await purse.page.reload();
    await purse.press('Pocket');
    await purse.press('Read what is mine from L1');
    await purse.says('The sequencer let a deadline pass.');
    const before = await balance();
    await purse.press('Open the exodus and be paid');
    await purse.says('Paid on L1:');
    await purse.says('Nothing is left in the rollup for this owner that you chose, or that pays more than it costs.');
    const gained = (await balance()) - before;
    assert.ok(gained > 3n * ETHER - ETHER / 100n, `${gained}`);
    await purse.says('paid out on L1');
  });

  it('keeps what it rebuilt in the browser', async () => {
    const kept = await purse.page.evaluate(
      () =>
        new Promise<number>((resolve) => {
          const opening = indexedDB.open('quittance', 1);
          opening.onsuccess = () => {
            if (!opening.result.objectStoreNames.contains('rebuilds')) return resolve(0);
            const counting = opening.result.transaction('rebuilds').objectStore('rebuilds').count();
            counting.onsuccess = () => resolve(counting.result);
          };
        }),
    );
    assert.equal(kept, 1);
  });

  it('uses nothing that only a link names before its person has seen it in full', async () => {
    const other = '0x5FbDB2315678afecb367f032d93F642f64180aa3';
    let visits = 0;
    const link = (contract: string): string => {
      visits += 1; // or the same page would go on
      return `${host.url}/?l1=${encodeURIComponent(scene.l1.url)}&visit=${visits}#/exit?contract=${contract}&from=0`;
    };
    const visitor = await openPurse(scene, ERIN, '', { url: link(other) });
    await visitor.says('A link filled this in.');
    await visitor.says(other);
    assert.equal(await visitor.page.getByRole('button', { name: 'Pocket' }).count(), 0);
    assert.equal(await visitor.page.evaluate(() => localStorage.length), 0);
    await visitor.page.goto(link(scene.rollup.contract));
    await visitor.says('A link filled this in.');
    const loaded = visitor.page.waitForEvent('load');
    await visitor.press('Use this rollup');
    await loaded;
    // What its person used is known from now on.
    await visitor.says('Connect a wallet');
    await visitor.page.goto(link(scene.rollup.contract));
    await visitor.says('Connect a wallet');
    await closePurse(visitor);
  });
});
