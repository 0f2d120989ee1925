import { strict as assert } from 'node:assert';
import { accessibilityFaults, describeBrowser, openPage } from '../support/browser.ts';
import { answerAt, closePurse, openPurse, type PursePage } from '../support/explorer/purse-page.ts';
import { createWalletScene, personOf, type WalletScene } from '../support/explorer/wallet-scene.ts';

const CAROL = personOf(7);
const DAVE = personOf(8);
/** Where no node is: the browser is answered by the test. */
const ELSEWHERE = 'http://127.0.0.1:9';
/** Code of any contract: it stops. */
const SOME_CODE = '0x00';

describeBrowser('explorer: the wallet in trouble', function () {
  this.timeout(240_000);
  let scene: WalletScene;
  let purse: PursePage;

  before(async () => {
    scene = await createWalletScene();
  });
  after(() => scene.close());
  afterEach(() => closePurse(purse));

  const open = async (
    ...args: Parameters<typeof openPurse> extends [unknown, ...infer Rest] ? Rest : never
  ): Promise<void> => {
    purse = await openPurse(scene, ...args);
  };
  const askedFor = (method: string): number => purse.wallet.asked.filter((one) => one === method).length;

  it('on another chain: says both, signs nothing, and changes on a click', async () => {
    await open({ ...CAROL, startsOn: 1 });
    await purse.press('Pocket');
    await purse.says('Pocket is on chain 1; this rollup is on chain 31337');
    assert.equal(await purse.page.getByRole('button', { name: 'Sign and open' }).count(), 0);
    await purse.press('Change to chain 31337');
    await purse.press('Sign and open');
    await purse.says('This wallet has no account yet');
    await purse.wallet.switchTo(5);
    await purse.view('Deposit');
    await purse.says('Pocket is on chain 5; this rollup is on chain 31337');
    assert.equal(askedFor('eth_sendTransaction'), 0);
  });

  it('that cannot change its chain: says so, and can be asked again', async () => {
    await open({ ...CAROL, startsOn: 1, isStubborn: true });
    await purse.press('Pocket');
    await purse.press('Change to chain 31337');
    await purse.says('This chain is unknown here.');
    assert.equal(askedFor('personal_sign'), 0);
  });

  it('whose person refuses: nothing is sent, and the next try works', async () => {
    await open(CAROL);
    purse.wallet.refuse('eth_requestAccounts');
    await purse.press('Pocket');
    await purse.says('You refused this in your wallet. Nothing was signed and nothing was sent.');
    purse.wallet.refuse('personal_sign');
    await purse.press('Pocket');
    await purse.press('Sign and open');
    await purse.says(/SIGNER_REFUSED/);
    purse.wallet.refuse(undefined);
    await purse.press('Try again');
    await purse.view('Deposit');
    await purse.fill('Amount', '1');
    purse.wallet.refuse('eth_sendTransaction');
    await purse.press('Deposit');
    await purse.says(/Nothing was signed and nothing was sent.*SIGNER_REFUSED/);
    assert.doesNotMatch(await purse.text(), /Under way/);
    assert.equal(await scene.requested(), 1); // the operator’s own
  });

  it('that changes its account: the open one is closed', async () => {
    await open(CAROL);
    await purse.open();
    await purse.wallet.useKey(DAVE.key);
    await purse.says('Pocket changed its account. Connect again to open it.');
  });

  it('of a contract: no key follows from its signature, so a secret of its own opens it', async () => {
    await scene.provider.send('anvil_setCode', [DAVE.address, SOME_CODE]);
    try {
      await open(DAVE);
      await purse.press('Pocket');
      await purse.press('Sign and open');
      await purse.says(/CONTRACT_ACCOUNT/);
      assert.equal(askedFor('personal_sign'), 0);
      await purse.fill('Rollup secret', '0x12');
      await purse.press('Open with this secret');
      await purse.says('A secret is 0x and 64 hexadecimal digits.');
      await purse.press('Make a new one');
      await purse.press('Open with this secret');
      await purse.says('This wallet has no account yet');
    } finally {
      await scene.provider.send('anvil_setCode', [DAVE.address, '0x']);
    }
  });

  it('with a token that keeps a fee: says that it cannot be deposited, and what was approved is not used', async () => {
    await scene.addToken('FeeOnTransferToken', CAROL.address, []);
    await open(CAROL);
    await purse.open();
    await purse.view('Deposit');
    await purse.choose('Token', 'FEE');
    await purse.fill('Amount', '10');
    await purse.press('Deposit');
    await purse.says(/TOKEN_UNSUITABLE/);
    assert.equal(await scene.requested(), 1);
  });

  it('with a token: shows the approval, and deposits exactly what was approved', async () => {
    const { address } = await scene.addToken('TestToken', CAROL.address, ['Chips', 'CHIP']);
    await open(CAROL);
    await purse.open();
    await purse.view('Deposit');
    await purse.choose('Token', 'CHIP');
    await purse.says('Your L1 address has 1,000,000 CHIP.');
    await purse.fill('Amount', '10');
    purse.wallet.hold('eth_sendTransaction');
    await purse.press('Deposit');
    await purse.says('It asks you to approve exactly 10 CHIP for the rollup contract');
    purse.wallet.answer();
    await purse.says('Deposited: 10 CHIP.');
    const allowance = await scene.provider.call({
      to: address,
      data: `0xdd62ed3e${CAROL.address.slice(2).padStart(64, '0')}${scene.rollup.contract.slice(2).padStart(64, '0')}`,
    });
    assert.equal(BigInt(allowance), 0n);
  });

  it('in a browser that keeps nothing: works, and says what is lost', async () => {
    await open(CAROL, '/wallet', { keepsNothing: true });
    await purse.open();
    await purse.view('Deposit');
    await purse.fill('Amount', '0.5');
    await purse.press('Deposit');
    await purse.says('Deposited: 0.5 ETH.');
    await purse.says(
      'This browser keeps nothing for this page: when you close it, this list is lost. The history is not.',
    );
  });

  it('without any wallet: takes a key of the devnet, once its L1 is named', async () => {
    const page = await openPage();
    await page.goto(scene.page('/wallet'));
    const main = page.locator('main');
    await main.getByText('This browser has no wallet').waitFor();
    await main.getByText('Use a key of this devnet').click();
    await main.getByLabel('L1 node of the devnet').fill(scene.l1.url);
    await main.getByRole('button', { name: 'Use this node' }).click();
    await main.getByText('Use a key of this devnet').click();
    await main.getByLabel('Private key of the devnet').fill('0x1234');
    await main.getByRole('button', { name: 'Use this key' }).click();
    await main.getByText('A private key is 0x and 64 hexadecimal digits.').waitFor();
    await main.getByLabel('Private key of the devnet').fill(DAVE.key);
    await main.getByRole('button', { name: 'Use this key' }).click();
    await main.getByRole('button', { name: 'Sign and open' }).click();
    await main.getByText('This wallet has no account yet').waitFor();
    assert.deepEqual(page.faults, []);
    await page.close();
    await open(CAROL);
  });

  it('refuses a typed key on any chain but a devnet', async () => {
    const page = await openPage();
    await answerAt(page, ELSEWHERE, () => '0x1');
    await page.goto(`${scene.rollup.url}/explorer/?l1=${encodeURIComponent(ELSEWHERE)}#/wallet`);
    const main = page.locator('main');
    await main.getByRole('button', { name: 'Use these for this visit' }).click();
    await main.getByText('Use a key of this devnet').click();
    await main.getByLabel('Private key of the devnet').fill(DAVE.key);
    await main.getByRole('button', { name: 'Use this key' }).click();
    await main.getByText(/serves chain 1; a typed key works on local devnets/).waitFor();
    await page.close();
    await open(CAROL);
  });

  it('with a sequencer and an L1 node that a link chose: asks first, and remembers neither', async () => {
    // The same sequencer by another name, as a link could name any other.
    const rpc = scene.rollup.url.replace('127.0.0.1', 'localhost');
    const search = new URLSearchParams({ rpc, l1: scene.l1.url });
    await open(CAROL, '/wallet', { url: `${scene.rollup.url}/explorer/?${search}#/wallet` });
    await purse.says('A link chose this rollup');
    const shown = (await purse.text()).toLowerCase();
    for (const part of [rpc, scene.l1.url, scene.rollup.contract]) assert.ok(shown.includes(part.toLowerCase()), part);
    assert.equal(await purse.page.getByRole('button', { name: 'Pocket' }).count(), 0);
    assert.deepEqual(purse.wallet.asked, []);
    assert.deepEqual(await accessibilityFaults(purse.page), []);
    await purse.press('Use these for this visit');
    await purse.open();
    const kept = await purse.page.evaluate(() => Object.keys(localStorage));
    assert.deepEqual(
      kept.filter((key) => /rpc|l1|escape/.test(key)),
      [],
    );
    await purse.page.goto(scene.page('/wallet'));
    await purse.says('Connect a wallet');
  });

  it('without a sequencer: says so, and shows the way out', async () => {
    await open(CAROL, '/wallet', {
      url: `${scene.rollup.url}/explorer/?rpc=${encodeURIComponent(ELSEWHERE)}#/wallet`,
    });
    await purse.says(/RPC_UNREACHABLE/);
    await purse.page.locator('main').getByRole('link', { name: 'Leave by L1 alone' }).waitFor();
  });

  it('with a sequencer of another version: says so', async () => {
    await open(CAROL);
    await answerAt(purse.page, ELSEWHERE, () => ({ apiVersion: 99, version: '9.9.9' }));
    await purse.page.goto(`${scene.rollup.url}/explorer/?rpc=${encodeURIComponent(ELSEWHERE)}#/wallet`);
    await purse.says(/RPC_VERSION/);
    await purse.says('Open the explorer that the sequencer serves itself');
  });
});
