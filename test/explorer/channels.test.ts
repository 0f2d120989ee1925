import { strict as assert } from 'node:assert';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ChannelState, type ChannelTerms, channelStateHash, signChannelState } from '@quittance/protocol';
import { createWallet } from '@quittance/sdk';
import {
  type ChannelsOnL1,
  type ExportedChannel,
  encodeChannelExport,
  openChannelsOnL1,
  type Party,
} from '@quittance/sdk/channels';
import { getBytes } from 'ethers';
import { localSigner } from '../../cli/devnet/deploy.ts';
import { accessibilityFaults, describeBrowser, overflowOf } from '../support/browser.ts';
import { secretOf } from '../support/channels/secrets.ts';
import { rollupAt } from '../support/contracts/types.ts';
import { closePurse, openPurse, type PursePage } from '../support/explorer/purse-page.ts';
import { createWalletScene, personOf, type WalletScene } from '../support/explorer/wallet-scene.ts';
import { depositFor } from '../support/l1/deposits.ts';
import { createPerson } from '../support/rollup/person.ts';
import { until } from '../support/until.ts';

const ANN = personOf(7);
const [CHEAT_POSITION, HELPER_POSITION] = [8, 2];
const CHEAT = personOf(CHEAT_POSITION);
const PHONE = { width: 360, height: 740 };
const ETHER = 10n ** 18n;
const PERIOD = 3_600;

describeBrowser('explorer: one’s own channels', function () {
  this.timeout(240_000);
  const folder = mkdtempSync(join(tmpdir(), 'quittance-channels-page-'));
  let scene: WalletScene;
  let l1: ChannelsOnL1;
  let purse: PursePage;
  let terms: ChannelTerms;
  let vault: string;
  let old: ChannelState;
  let newest: ChannelState;
  let account: number;
  const known = secretOf('known');

  before(async () => {
    scene = await createWalletScene();
    l1 = await openChannelsOnL1({ url: scene.l1.url, contract: scene.rollup.channels });
    terms = { tokenId: 0, a: ANN.address, b: CHEAT.address, period: PERIOD, nonce: 1n };
    vault = l1.reader.vaultOf(terms);
    const expiry = (await l1.reader.head()).timestamp + 2 * PERIOD;
    const quarter = { amount: ETHER / 4n, expiry };
    old = { version: 1, claim: ETHER / 10n, residualIsB: true, htlcs: [] };
    newest = {
      ...{ version: 5, claim: 2n * ETHER, residualIsB: true },
      htlcs: [
        { ...quarter, hash: known.hash, toSenior: true },
        { ...quarter, hash: secretOf('of the other').hash, toSenior: false },
      ],
    };
    const rollup = rollupAt(scene.rollup.contract, localSigner(scene.provider, HELPER_POSITION));
    await depositFor(rollup, { keyPair: createPerson('joint').keyPair, owner: BigInt(vault) }, 3n * ETHER);
    await scene.rollup.settle(await scene.requested());
    purse = await openPurse(scene, ANN, '/channels');
  });
  after(async () => {
    await closePurse(purse);
    l1.close();
    await scene.close();
    rmSync(folder, { recursive: true });
  });

  const sign = (state: ChannelState, [a, b] = [ANN.key, CHEAT.key]): ExportedChannel['signatures'] => {
    const hash = channelStateHash({ chainId: l1.chainId, channels: l1.constants.contract }, vault, state);
    return [signChannelState(hash, getBytes(a!)), signChannelState(hash, getBytes(b!))];
  };
  const exported = (some: Partial<ExportedChannel> = {}): ExportedChannel => ({
    ...{ terms, vault, party: 'a' as Party, state: newest, signatures: sign(newest), secrets: [known.secret] },
    contract: { chainId: l1.chainId, channels: l1.constants.contract },
    ...some,
  });
  /** Chooses a file with this text. */
  const open = async (text: string, name = 'channels.json'): Promise<void> => {
    const path = join(folder, name);
    writeFileSync(path, text);
    await purse.page.locator('#channels-file').setInputFiles(path);
  };
  const useNode = async (url: string): Promise<void> => {
    await purse.fill('L1 node', url);
    const loaded = purse.page.waitForEvent('load');
    await purse.press('Use this contract');
    await loaded;
  };
  const sent = (): number => purse.wallet.asked.filter((method) => method === 'eth_sendTransaction').length;
  const noFaults = async (): Promise<void> => {
    const wide = purse.page.viewportSize()!;
    for (const colorScheme of ['light', 'dark'] as const) {
      await purse.page.emulateMedia({ colorScheme });
      assert.deepEqual(await accessibilityFaults(purse.page), []);
      await purse.page.setViewportSize(PHONE);
      assert.deepEqual(await accessibilityFaults(purse.page), []);
      assert.equal(await overflowOf(purse.page), 0);
      await purse.page.setViewportSize(wide);
    }
  };

  it('says what is wrong with node and contract, each in its own words', async () => {
    await purse.fill('Contract of channels', '0x12');
    await purse.press('Use this contract');
    await purse.says('Name an L1 node.');
    await purse.says('The contract is an L1 address');
    await purse.fill('Contract of channels', scene.rollup.contract);
    await useNode('http://127.0.0.1:9');
    await purse.press('Use this contract');
    await purse.says(/L1.*Check the L1 URL, and that the node is up\. L1_UNREACHABLE/);
    await useNode(scene.l1.url);
    await purse.press('Use this contract');
    await purse.says(/is none of payment channels; check the address/);
    await purse.fill('Contract of channels', scene.rollup.channels);
    await purse.press('Use this contract');
    await purse.says('Open the file of your channels');
    await noFaults();
  });

  it('says what is wrong with a file, and the way on', async () => {
    await open('hello', 'notes.json');
    await purse.says('notes.json is no file of channels');
    await open('[]');
    await purse.says('channels.json has no channels');
    await open(encodeChannelExport([exported({ contract: { chainId: 5n, channels: l1.constants.contract } })]));
    await purse.says('channels.json is of chain 5; this L1 node is on chain 31337');
    await open(encodeChannelExport([exported({ vault: ANN.address, contract: undefined })]));
    await purse.says('channels.json is of another contract of channels');
    await noFaults();
    const forged = exported({ signatures: sign(newest, [ANN.key, ANN.key]) });
    await open(encodeChannelExport([forged]));
    await purse.says('1 state is left out: L1 would not take it');
    await purse.says(`${CHEAT.address} did not sign this state`);
    await purse.press('Open another file');
  });

  it('shows whose money is in the channel that was dropped on it, and that L1 knows nothing of it', async () => {
    const text = encodeChannelExport([exported()]);
    const data = await purse.page.evaluateHandle((content) => {
      const transfer = new DataTransfer();
      transfer.items.add(new File([content], 'dropped.json', { type: 'application/json' }));
      return transfer;
    }, text);
    await purse.page.locator('.drop').dispatchEvent('drop', { dataTransfer: data });
    await purse.says('dropped.json: 1 channel, signed by both parties.');
    await purse.says(/Yours 2 ETH Theirs 0\.5 ETH Locked in HTLCs 0\.5 ETH/);
    await purse.says(/Open L1 knows nothing of this channel/);
    await purse.says(/On the rollup 3 ETH in account \d+, says the sequencer/);
    account = Number(/in account (\d+),/.exec(await purse.text())![1]);
    await purse.says('Next: Close alone. Connect a wallet to do it');
  });

  it('says what closing alone does and costs before anything is sent, and sends nothing without it', async () => {
    await purse.press('Pocket');
    await purse.press('Close alone…');
    await purse.says('Close this channel alone?');
    await purse.says('Your money is kept back for 1 h');
    await purse.says(/Bond, which the settlement gives back [\d.]+ ETH/);
    await purse.says(new RegExp(`Exit of account ${account} [\\d.]+ ETH`));
    await purse.says(/Gas about [\d.]+ ETH/);
    await noFaults();
    await purse.press('Back');
    assert.equal(sent(), 0);
  });

  it('cries when the other party shows an older state, and challenges', async () => {
    const exits = { accountIndices: [account], priorityFee: await l1.exitFee() };
    const cheat = localSigner(scene.provider, CHEAT_POSITION);
    await (await cheat.sendTransaction(l1.calls.close({ terms, state: old, signatures: sign(old) }, exits))).wait();
    await purse.page.getByRole('alert').filter({ hasText: 'An OLDER state than yours is being shown' }).waitFor();
    await purse.says('Somebody closes with version 1; yours is 5.');
    await purse.says(/Until .* 00:5\d:\d\d/);
    await noFaults();
    purse.wallet.refuse('eth_sendTransaction');
    await purse.press('Challenge with version 5…');
    await purse.says('Challenge the older state?');
    await purse.says(/Gas about/);
    await purse.press('Challenge with version 5');
    await purse.says(/Nothing was signed and nothing was sent.* SIGNER_REFUSED/);
    purse.wallet.refuse(undefined);
    await purse.press('Try again');
    await purse.says('Version 5 stands on L1 now.');
    await purse.says('Closing with version 5 That is your newest state.');
  });

  it('shows a secret', async () => {
    await purse.press('Show the secret for 0.25 ETH…');
    await purse.says('Everybody sees it, and 0.25 ETH of this channel is yours by it.');
    await purse.press('Show the secret for 0.25 ETH');
    await purse.says('The secret stands on L1.');
    await purse.says('shown on L1 in time');
  });

  it('settles when the period is over, and collects share and bond', async () => {
    // The exit is executed, and anybody claims it for the vault.
    await scene.rollup.settle(await scene.requested());
    const { contract, block: fromBlock } = scene.rollup;
    const helper = await createWallet({
      ...{ signer: localSigner(scene.provider, HELPER_POSITION), rollupSecret: `0x${'17'.repeat(32)}` },
      l1: { url: scene.l1.url, contract, fromBlock },
    });
    assert.equal((await helper.claim({ owner: vault })).length, 1);
    helper.close();
    await scene.pass(PERIOD);
    await purse.says('To be settled with version 5, once its HTLCs have ended');
    await scene.pass(PERIOD);
    await purse.says('To be settled with version 5 The period is over.');
    await purse.press('Settle…');
    await purse.says('Fixes both shares by version 5, for good.');
    await purse.press('Settle');
    await purse.says('Settled: yours to collect 2.5 ETH waits for you.');
    await noFaults();
    const before = await scene.provider.getBalance(ANN.address);
    await purse.press('Collect 2.5 ETH…');
    await purse.press('Collect 2.5 ETH');
    await purse.says('Paid 2.5 ETH was paid to you.');
    await purse.press(/^Collect .* ETH of bonds…$/);
    await purse.press(/^Collect [\d.]+ ETH$/);
    await purse.says(/The bond of [\d.]+ ETH was paid out/);
    const gained = (await scene.provider.getBalance(ANN.address)) - before;
    assert.ok(gained > (5n * ETHER) / 2n, `${gained}`);
    await until(async () => (await l1.reader.creditOf(ANN.address)) === 0n, 'the bond being collected');
  });
});
