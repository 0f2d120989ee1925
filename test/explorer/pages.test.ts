import { strict as assert } from 'node:assert';
import { addressText } from '@quittance/protocol';
import { createClient } from '@quittance/sdk';
import {
  accessibilityFaults,
  describeBrowser,
  openPage,
  overflowOf,
  PHONE,
  textOf,
  type WatchedPage,
} from '../support/browser.ts';
import { createExplorerScene, type ExplorerScene, REFERENCE } from '../support/explorer/scene.ts';
import { alice } from '../support/sequencer/payer.ts';

describeBrowser('explorer: pages', () => {
  let scene: ExplorerScene;
  let page: WatchedPage;
  let headerHash: string;

  before(async () => {
    scene = await createExplorerScene();
    headerHash = (await createClient({ url: scene.url }).call('rollup_getBatch', { batch: 5 })).headerHash;
  });
  after(() => scene.close());
  afterEach(async () => {
    assert.deepEqual(page.faults, []);
    await page.close();
  });

  const show = async (path: string, options: Parameters<typeof openPage>[0] = {}): Promise<string> => {
    page = await openPage(options);
    await page.goto(scene.page(path));
    await page.locator('main h1').waitFor();
    await page.waitForFunction(() => document.querySelector('main .loading') === null);
    return (await textOf(page.locator('main'))).replace(/\s+/g, ' ');
  };
  const owner = addressText(alice.owner);
  /** Every page with something to show, and what has to be on it. */
  const pages = (): readonly [path: string, title: string, expected: RegExp][] => [
    ['/', 'Overview', /Final.*#5.*Newest batches.*#5.*final.*#1/is],
    ['/batches', 'Batches', /#5.*final.*#4.*#1/is],
    [
      '/batch/5',
      'Batch #5',
      /sealed.*proving.*1 of 1 proofs.*posted.*final.*Transfers \(3\).*0\.25 ETH.*Withdrawals \(1\).*0\.5 ETH/is,
    ],
    [`/tx/${scene.ids[0]}`, 'Transfer', /nobody can take it back.*0\.25 ETH.*0\.000001 ETH.*invoice 2026-117.*#5/is],
    [`/tx/${scene.ids[3]}`, 'Transfer', /Accepted and on disk.*0\.01 ETH/is],
    [
      `/account/${scene.harness.from}`,
      `Account ${scene.harness.from}`,
      /Soft.*4\.114996 ETH.*Final.*4\.124997 ETH.*History.*pending.*Withdrawal to L1.*Deposit from L1/is,
    ],
    [`/owner/${owner}`, 'Owner', /account \d+.*ETH.*Deposit.*no\. \d+.*final/is],
    ['/search?q=5', 'Search', /Batch #5/],
    [`/search?q=${owner}`, 'Search', /Owner on L1/],
    [`/search?q=${encodeURIComponent(REFERENCE)}`, 'Search', /Payments with this reference.*0\.25 ETH/is],
    [`/search?q=${headerHash}`, 'Search', /Batch #5.*final/],
    [`/search?q=${scene.ids[0]}`, 'Search', /Transfer.*final/],
    ['/batches?before=3', 'Batches', /Before #3.*#2.*#1.*Newest/],
    ['/batch/finalized', 'Batch #5', /Transfers \(3\)/],
    ['/search?q=nothing', 'Search', /Nothing was found/],
    ['/disputes', 'Disputes', /Nothing is asserted in mode zk.*\.\/dev start/is],
    ['/charts', 'Charts', /Throughput.*Latency.*Gas.*Fees in ETH/s],
    [
      `/verify/finalized?account=${scene.harness.from}`,
      'Verify a proof',
      /fits together.*Level 11.*The header hashes to its hash.*L1 was not asked/is,
    ],
    ['/connection', 'Connection', /Sequencer.*L1 node/is],
    ['/nowhere', 'There is no such page', /Overview/],
    ['/batch/99', 'Batch', /There is no such batch yet/],
    ['/tx/12345', 'Transfer', /knows no such transfer/],
    ['/account/99', 'Account 99', /Nobody has this account/],
    ['/batch/x', 'Batch', /is no number of a batch/],
    ['/owner/0x12', 'Owner', /is no L1 address/],
    ['/account/16777216', 'Account', /is no index/],
  ];

  it('show what there is, or say what is not there', async () => {
    page = await openPage();
    for (const [path, title, expected] of pages()) {
      await page.goto(scene.page(path));
      const main = page.locator('main');
      await page
        .waitForFunction(
          ([heading, source, flags]) =>
            document.querySelector('main h1')?.textContent === heading &&
            new RegExp(source!, flags).test(document.querySelector('main')?.textContent ?? ''),
          [title, expected.source, expected.flags] as const,
          { timeout: 15_000 },
        )
        .catch(async () => assert.fail(`${path}: ${await textOf(main)}`));
    }
  });

  for (const colorScheme of ['light', 'dark'] as const) {
    it(`can be used by everybody in ${colorScheme} colours, and fit a phone`, async () => {
      page = await openPage({ ...PHONE, colorScheme });
      for (const [path, title] of pages().slice(0, 20)) {
        await page.goto(scene.page(path));
        await page.waitForFunction(
          (heading) =>
            document.querySelector('main h1')?.textContent === heading &&
            document.querySelector('main .loading') === null,
          title,
        );
        assert.deepEqual(await accessibilityFaults(page), [], path);
        assert.equal(await overflowOf(page), 0, `${path} is wider than a phone`);
      }
    });
  }

  it('are walked through by keyboard: skip link, navigation, search, and the focus on what came', async () => {
    await show('/');
    await page.keyboard.press('Tab');
    assert.match(await page.evaluate(() => document.activeElement?.textContent ?? ''), /Skip to the content/);
    await page.keyboard.press('Enter');
    assert.equal(await page.evaluate(() => document.activeElement?.tagName), 'MAIN');
    assert.match(page.url(), /#\/$/);
    await page.getByRole('link', { name: 'Batches', exact: true }).focus();
    await page.keyboard.press('Enter');
    await page.waitForFunction(
      () => document.activeElement?.textContent === 'Batches' && document.activeElement.tagName === 'H1',
    );
    assert.equal(await page.title(), 'Batches – Quittance');
    assert.equal(await textOf(page.locator('nav a[aria-current=page]')), 'Batches');
    await page.getByRole('searchbox').fill('#5');
    await page.keyboard.press('Enter');
    await page.getByRole('link', { name: 'Batch #5' }).waitFor();
    const outline = await page.getByRole('link', { name: 'Batch #5' }).evaluate((link) => {
      link.focus();
      return getComputedStyle(link).outlineStyle;
    });
    assert.notEqual(outline, 'none');
    await page.goBack();
    await page.waitForFunction(() => document.querySelector('h1')?.textContent === 'Batches');
  });

  it('take the colours that one chooses, and keep them', async () => {
    await show('/', { colorScheme: 'light' });
    const ground = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
    const light = await ground();
    const button = page.getByRole('button', { name: /^Colours/ });
    await button.click();
    assert.equal(await ground(), light);
    await button.click();
    const dark = await ground();
    assert.notEqual(dark, light);
    await page.reload();
    await page.locator('main h1').waitFor();
    assert.equal(await ground(), dark);
    await page.getByRole('button', { name: 'Colours: dark' }).click();
    assert.equal(await ground(), light);
  });

  it('do not move for those who want no motion', async () => {
    await show('/', { reducedMotion: 'reduce' });
    const moving = await page.evaluate(() => document.getAnimations().length);
    assert.equal(moving, 0);
  });
});
