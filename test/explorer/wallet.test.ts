import { strict as assert } from 'node:assert';
import { writeFileSync } from 'node:fs';
import { formatReceiver } from '@quittance/sdk';
import { accessibilityFaults, CAMERA_FILE, describeBrowser, overflowOf } from '../support/browser.ts';
import { pictureOf } from '../support/explorer/picture.ts';
import { closePurse, losePayment, openPurse, type PursePage, refusePayments } from '../support/explorer/purse-page.ts';
import { createWalletScene, personOf, type WalletScene } from '../support/explorer/wallet-scene.ts';
import { until } from '../support/until.ts';

const ALICE = personOf(5);
const BOB = personOf(6);
const BOB_KEY = { owner: BigInt(BOB.address), keyY: 7n };
const PHONE = { width: 360, height: 740 };
const ETHER = 10n ** 18n;

describeBrowser('explorer: the wallet, from a deposit to the money back on L1', function () {
  this.timeout(240_000);
  let scene: WalletScene;
  let alice: PursePage;
  let bob: PursePage;

  before(async () => {
    scene = await createWalletScene();
    alice = await openPurse(scene, ALICE);
    bob = await openPurse(scene, BOB);
  });
  after(async () => {
    await closePurse(alice);
    await closePurse(bob);
    await scene.close();
  });

  it('explains what it signs before it asks, and opens by one signature', async () => {
    await alice.press('Pocket');
    await alice.says('Derive my rollup key.');
    await alice.says('That is no transaction and costs nothing.');
    assert.ok(!alice.wallet.asked.includes('personal_sign'));
    await alice.press('Sign and open');
    await alice.says('This wallet has no account yet');
    assert.equal(alice.wallet.asked.filter((method) => method === 'personal_sign').length, 1);
    await bob.open();
  });

  it('deposits, with one transaction however often the button is pressed', async () => {
    await alice.view('Deposit');
    await alice.fill('Amount', '5');
    alice.wallet.hold('eth_sendTransaction');
    const button = alice.page.locator('main').getByRole('button', { name: 'Deposit', exact: true });
    await button.dblclick();
    await alice.says('Look at your wallet. It asks you to send one transaction to the rollup contract.');
    alice.wallet.answer();
    await alice.says('Deposited: 5 ETH.');
    assert.equal(alice.wallet.asked.filter((method) => method === 'eth_sendTransaction').length, 1);
    await scene.rollup.settle(await scene.requested());
    await alice.says(/Deposit: 5 ETH .* final: now|Deposit: 5 ETH.*final/);
    await alice.says(/account \d+ 5 ETH/);
  });

  it('says what is wrong in the form, field by field, and sends nothing', async () => {
    await alice.view('Pay');
    await alice.press('Go on');
    await alice.says('Say who is paid.');
    await alice.says('Say how much.');
    await alice.fill('To', 'nobody');
    await alice.fill('Amount', '1,5');
    await alice.press('Go on');
    await alice.says('This names nobody.');
    await alice.says('Write a point, and no commas.');
    await alice.fill('Amount', '99');
    await alice.fill('To', '4000');
    await alice.press('Go on');
    await alice.says('You have 5 ETH.');
    await alice.says('There is no account 4000.');
    await alice.fill('Reference', 'é'.repeat(71));
    await alice.says('142 of 140 bytes');
    await alice.says('This is too long: shorten it.');
    await alice.fill('Reference', '');
  });

  it('scans a payment link with the camera, by itself and with what a browser has for it', async () => {
    const link = `${scene.page('/wallet')}?${new URLSearchParams({ to: formatReceiver(BOB_KEY), amount: '0.5', token: '0', reference: 'till 3' })}`;
    writeFileSync(CAMERA_FILE, pictureOf(link));
    const { page } = alice;
    const to = page.getByLabel('To', { exact: true });
    await to.fill('');
    // Nobody gave the page the permission.
    await alice.press('Scan a QR code');
    await alice.says('This page may not use the camera: allow it in the settings of the browser');
    assert.deepEqual(await accessibilityFaults(page), []);
    await alice.press('Close the camera');
    await page.context().grantPermissions(['camera']);
    await alice.press('Scan a QR code');
    await until(async () => (await to.inputValue()) !== '', 'the code to be read');
    assert.equal(await to.inputValue(), formatReceiver(BOB_KEY));
    assert.equal(await page.getByLabel('Amount', { exact: true }).inputValue(), '0.5');
    assert.equal(await page.getByLabel('Reference', { exact: true }).inputValue(), 'till 3');
    assert.equal(await page.locator('video').count(), 0, 'the camera is off');
    assert.equal(await to.evaluate((input) => document.activeElement === input), true);

    // A browser that reads codes itself, which Chromium on Linux does not.
    await page.evaluate((text) => {
      class BarcodeDetector {
        static getSupportedFormats = async () => ['qr_code'];
        detect = async () => [{ rawValue: text }];
      }
      Object.assign(globalThis, { BarcodeDetector });
    }, BOB.address);
    await to.fill('');
    await alice.press('Scan a QR code');
    await until(async () => (await to.inputValue()) === BOB.address, 'the code to be read');
    await page.evaluate(() => Reflect.deleteProperty(globalThis, 'BarcodeDetector'));

    // What is no picture of a code goes on until it is stopped.
    writeFileSync(CAMERA_FILE, pictureOf(undefined));
    await to.fill('');
    await alice.press('Scan a QR code');
    await page.locator('video').waitFor();
    await alice.press('Close the camera');
    assert.equal(await page.locator('video').count(), 0);
    assert.equal(await to.inputValue(), '');
  });

  it('fills in a payment from a link, and sends nothing by itself', async () => {
    await bob.view('Receive');
    await bob.fill('Amount to ask for', '0.25');
    await bob.fill('Reference to ask for', 'invoice 7');
    const found = await bob.page.locator('main .fact', { hasText: 'Link' }).locator('.mono').textContent();
    const link = found ?? '';
    await alice.fill('To', link);
    assert.equal(await alice.page.getByLabel('Amount', { exact: true }).inputValue(), '0.25');
    assert.equal(await alice.page.getByLabel('Reference', { exact: true }).inputValue(), 'invoice 7');
    assert.match(await alice.page.getByLabel('To', { exact: true }).inputValue(), /^0x[0-9a-f]{40}:0x[0-9a-f]{64}$/);
    // The address of the page does the same.
    const address = new URL(link);
    await alice.page.evaluate((hash) => {
      location.hash = hash;
    }, address.hash);
    await alice.says('A link filled this in.');
    assert.doesNotMatch(await alice.text(), /Payment:/);
  });

  it('helps an amount to the next that a record can state, shows all that is signed, and sends it once', async () => {
    await alice.fill('Amount', '0.250000000012345678');
    await alice.press('Go on');
    await alice.says('Check what you sign');
    await alice.says('0.25000000001 ETH will be sent');
    await alice.says('a new account, which this payment opens');
    await alice.says(/invoice 7.*9 bytes; everybody can read it/);
    assert.doesNotMatch(await alice.text(), /whose key this is/);
    await alice.page.locator('main').getByRole('button', { name: 'Sign and send' }).dblclick();
    await alice.says(/Sent: 0\.25000000001 ETH to 0x/);
    await alice.says(/pending/);
    await scene.rollup.settle(await scene.requested());
    await alice.says(/Payment: 0\.25000000001 ETH to 0x.*final/);
    await bob.says(/0\.25000000001 ETH/);
    await bob.view('History');
    await bob.says(/invoice 7/);
    const rows = await bob.page.locator('main tbody tr', { hasText: 'invoice 7' }).count();
    assert.equal(rows, 1);
  });

  it('keeps what is under way when the page is closed in the middle', async () => {
    await alice.view('Pay');
    await alice.fill('To', BOB.address);
    await alice.fill('Amount', '0.125');
    await alice.press('Go on');
    await alice.says('You did not say whose key this is.');
    await alice.press('Sign and send');
    await alice.says('Sent: 0.125 ETH to account');
    await alice.page.reload();
    await alice.open();
    await alice.says(/Under way.*Payment: 0\.125 ETH to account/);
    await scene.rollup.settle(await scene.requested());
    await alice.says(/Payment: 0\.125 ETH to account \d+.*final/);
    await alice.page.getByRole('button', { name: /^Take off this list: Payment: 0\.125/ }).click();
    assert.doesNotMatch(await alice.text(), /Payment: 0\.125/);
  });

  const payAndClose = async (amount: string, lost: 'request' | 'answer'): Promise<void> => {
    await alice.view('Pay');
    await alice.fill('To', BOB.address);
    await alice.fill('Amount', amount);
    await alice.press('Go on');
    await alice.says('Check what you sign');
    const { isLost } = await losePayment(alice.page, lost);
    await alice.press('Sign and send');
    await isLost;
    await alice.page.reload();
    await alice.page.unrouteAll({ behavior: 'ignoreErrors' });
    await alice.open();
  };
  const paid = async (amount: string): Promise<number> => {
    await alice.view('History');
    await alice.page.locator('main tbody tr', { hasText: 'Deposit from L1' }).waitFor();
    return alice.page.locator('main tbody tr', { hasText: amount }).count();
  };

  it('pays once what was closed before it arrived: the same signed payment is sent again', async () => {
    await payAndClose('0.03125', 'request');
    await alice.says('The sequencer does not have it, so nothing was paid.');
    await alice.press('Send it again');
    await alice.says(/Payment: 0\.03125 ETH to account \d+.*pending/);
    await scene.rollup.settle(await scene.requested());
    assert.equal(await paid('0.03125'), 1);
  });

  it('pays once what was closed before its answer came', async () => {
    await payAndClose('0.015625', 'answer');
    await alice.says(/Payment: 0\.015625 ETH to account \d+.*pending/);
    await scene.rollup.settle(await scene.requested());
    assert.equal(await paid('0.015625'), 1);
  });

  it('leaves the last word when nobody says whether it was taken, and pays once all the same', async () => {
    await alice.view('Pay');
    await alice.fill('To', BOB.address);
    await alice.fill('Amount', '0.0078125');
    await alice.press('Go on');
    await alice.says('Check what you sign');
    await refusePayments(alice.page);
    await alice.press('Sign and send');
    await alice.says(/Not known: 0\.0078125 ETH to account \d+\. .*Do not pay it again/);
    assert.equal(await alice.page.getByRole('button', { name: 'Sign and send' }).count(), 0);
    await alice.page.unrouteAll({ behavior: 'ignoreErrors' });
    await alice.page.reload();
    await alice.open();
    await alice.press('Send it again');
    await alice.says(/Payment: 0\.0078125 ETH to account \d+.*pending/);
    await scene.rollup.settle(await scene.requested());
    assert.equal(await paid('0.0078125'), 1);
  });

  it('withdraws, and claims on L1', async () => {
    await alice.view('Withdraw');
    await alice.fill('Amount', '1');
    await alice.press('Go on');
    await alice.says('your L1 address');
    await alice.press('Sign and send');
    await alice.says('Sent: 1 ETH to your L1 address.');
    await scene.rollup.settle(await scene.requested());
    await alice.says('Next: claim it on L1');
    const before = await scene.provider.getBalance(ALICE.address);
    await alice.press('Claim what is final');
    await alice.says('Paid to your L1 address:');
    const after = await scene.provider.getBalance(ALICE.address);
    assert.ok(after - before > ETHER - ETHER / 100n, `${after - before}`);
    await alice.press('Claim what is final');
    await alice.says('Nothing to claim');
  });

  for (const colorScheme of ['light', 'dark'] as const) {
    it(`can be used by everybody in ${colorScheme} colours, and fits a phone`, async () => {
      await alice.page.emulateMedia({ colorScheme });
      const wide = alice.page.viewportSize()!;
      await alice.page.setViewportSize(PHONE);
      for (const view of ['Pay', 'Receive', 'Deposit', 'Withdraw', 'History']) {
        await alice.view(view);
        await until(async () => (await alice.page.locator('main .loading').count()) === 0, `the view ${view}`);
        assert.deepEqual(await accessibilityFaults(alice.page), [], view);
        assert.equal(await overflowOf(alice.page), 0, `${view} is wider than a phone`);
      }
      await alice.page.setViewportSize(wide);
    });
  }

  it('is used by keyboard alone', async () => {
    await alice.view('Pay');
    await alice.page.getByLabel('To', { exact: true }).focus();
    await alice.page.keyboard.type(BOB.address);
    // Past the scanner and the token.
    for (let presses = 0; presses < 3; presses += 1) await alice.page.keyboard.press('Tab');
    await alice.page.keyboard.type('0.0625');
    await alice.page.keyboard.press('Enter');
    await alice.says('Check what you sign');
    // The focus comes with the drawing after the text.
    await alice.page.waitForFunction(() => document.activeElement?.textContent === 'Check what you sign');
    await alice.press('Back');
    assert.equal(await alice.page.getByLabel('Amount', { exact: true }).inputValue(), '0.0625');
  });
});
