/** The way in and out of a rollup for a wallet, over a real L1; proofs by the simulator. */

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createProvider } from '@quittance/chain';
import { L1_DEFAULTS } from '@quittance/protocol';
import {
  createWallet,
  type ExitProgress,
  formatReceiver,
  surveyL1,
  type Wallet,
  type WalletOptions,
} from '@quittance/sdk';
import { ContractFactory, NonceManager, ZeroAddress } from 'ethers';
import hre from 'hardhat';
import { LOCAL_CHAIN_ID, LOCAL_MNEMONIC, type LocalChain, startAnvil } from '../../../cli/devnet/anvil.ts';
import { l1Wallet } from '../../../cli/devnet/people.ts';
import { assertRejects } from '../../support/assertions.ts';
import { createL1 } from '../../support/contracts/deployment.ts';
import { rollupAt, typed } from '../../support/contracts/types.ts';
import { createPageWallet } from '../../support/l1/page-wallet.ts';
import { forward, startRpcStub } from '../../support/l1/rpc-stub.ts';
import { createPerson } from '../../support/rollup/person.ts';
import { type RunningRollup, startRollup } from '../../support/sequencer/running.ts';

const PRODUCER = 1;
const ALICE = 5;
const BOB = 6;
const PAGE = 7;
const ETHER = 10n ** 18n;
/** Longer than every delay of the contract together. */
const AGES_SECONDS = 60 * 86_400;
const ELSEWHERE = `0x${'e1'.repeat(20)}`;

describe('a wallet on L1', () => {
  let folder: string;
  let chain: LocalChain;
  let provider: ReturnType<typeof createProvider>;
  let rollup: RunningRollup;
  let alice: Wallet;
  let bob: Wallet;
  let operations = 0;
  let isRunning = false;

  const open = (position: number, more: Partial<WalletOptions> = {}) =>
    createWallet({
      mnemonic: LOCAL_MNEMONIC,
      accountIndex: position,
      rpcUrl: rollup.url,
      l1: { url: chain.url },
      ...more,
    });
  /** A wallet that knows no sequencer. */
  const openAlone = (position: number, more: Partial<WalletOptions['l1']> = {}) =>
    createWallet({
      ...{ mnemonic: LOCAL_MNEMONIC, accountIndex: position },
      l1: { url: chain.url, contract: rollup.contract, fromBlock: rollup.block, ...more },
    });
  /** So many more requests are in the queue: they become final. */
  const settle = async (more: number): Promise<void> => {
    operations += more;
    await rollup.settle(operations);
  };
  const stopRollup = async (): Promise<void> => {
    if (isRunning) await rollup.stop();
    isRunning = false;
  };
  const nonceOf = ({ address }: { readonly address: string }) => provider.getTransactionCount(address);
  const deployToken = async (name: string, ...args: unknown[]) => {
    const { abi, bytecode } = await hre.artifacts.readArtifact(name);
    const signer = new NonceManager(l1Wallet(BOB).connect(provider));
    const token = await new ContractFactory(abi, bytecode, signer).deploy(...args);
    await token.waitForDeployment();
    const coin = typed('TestToken', token);
    await (await coin.mint(bob.address, 10n * ETHER)).wait();
    await (await rollupAt(rollup.contract, signer).registerToken(await token.getAddress())).wait();
    return { coin, address: await token.getAddress() };
  };

  before(async function () {
    this.timeout(120_000);
    await createL1(); // compiles
    folder = mkdtempSync(join(tmpdir(), 'quittance-wallet-'));
    chain = await startAnvil();
    provider = createProvider({ url: chain.url, chainId: LOCAL_CHAIN_ID });
    rollup = await startRollup(provider, join(folder, 'sequencer.db'), PRODUCER);
    isRunning = true;
    [alice, bob] = await Promise.all([open(ALICE), open(BOB)]);
  });
  after(async () => {
    alice?.close();
    bob?.close();
    await stopRollup();
    provider?.destroy();
    await chain?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('deposits ETH, for itself and for another, and follows both until they are final', async () => {
    const own = await alice.deposit({ amount: 3n * ETHER });
    const forBob = await alice.deposit({ amount: ETHER, to: bob.receiver });
    assert.deepEqual([own.operationId, forBob.operationId], [0, 1]);
    assert.ok(own.deadline > 0 && /^0x[0-9a-f]{64}$/.test(own.transactionHash));
    await Promise.all([settle(2), own.sealed(), forBob.final()]);
    assert.equal((await alice.balance()).final, 3n * ETHER);
    assert.equal((await bob.balance()).soft, ETHER);
    assert.equal((await alice.operationOf(0).posted()).status, 'final');
  });

  it('deposits a token, approving exactly what is needed', async () => {
    const { coin, address } = await deployToken('TestToken', 'Test', 'TST');
    const deposit = await bob.deposit({ amount: 5n * ETHER, token: address });
    assert.equal(await coin.allowance(bob.address, rollup.contract), 0n);
    await Promise.all([settle(1), deposit.final()]);
    const { final, token } = await bob.balance(address);
    assert.deepEqual([final, token.symbol], [5n * ETHER, 'TST']);
  });

  it('deposits a token that wants a former approval taken back first', async () => {
    const { coin, address } = await deployToken('ResettingToken');
    await (await coin.approve(rollup.contract, 1n)).wait();
    await bob.deposit({ amount: ETHER, token: address });
    assert.equal(await coin.allowance(bob.address, rollup.contract), 0n);
    await settle(1);
  });

  it('sends nothing when the amount cannot be deposited', async () => {
    const before = await nonceOf(bob);
    const { address } = { address: rollup.token };
    for (const [request, code] of [
      [{ amount: 0n }, 'OUT_OF_RANGE'],
      [{ amount: -1n }, 'OUT_OF_RANGE'],
      [{ amount: 2n ** 128n }, 'OUT_OF_RANGE'],
      [{ amount: undefined as unknown as bigint }, 'OUT_OF_RANGE'],
      [{ amount: 1_000_000n * ETHER }, 'INSUFFICIENT_FUNDS'],
      [{ amount: 1n, token: address }, 'INSUFFICIENT_FUNDS'],
      [{ amount: 1n, to: 'nobody' }, 'INVALID_KEY'],
      [{ amount: 1n, token: ELSEWHERE }, 'NOT_FOUND'],
    ] as const) {
      await assertRejects(bob.deposit(request), code);
    }
    assert.equal(await nonceOf(bob), before);
  });

  it('deposits no token that takes a fee, moves nothing, or is not what the sequencer says', async () => {
    for (const name of ['FeeOnTransferToken', 'FalseToken']) {
      const { address } = await deployToken(name);
      const { data } = await assertRejects(bob.deposit({ amount: ETHER, token: address }), 'TOKEN_UNSUITABLE');
      assert.equal(data.token, address);
    }
    const liar = await startRpcStub(async (call) => {
      const result = (await forward(rollup.url, call)) as { tokens?: { decimals: number }[] };
      return call.method === 'rollup_getConfig'
        ? { ...result, tokens: result.tokens!.map((token) => ({ ...token, decimals: 6 })) }
        : result;
    });
    try {
      const misled = await open(BOB, { rpcUrl: liar.url });
      const before = await nonceOf(bob);
      await assertRejects(misled.deposit({ amount: ETHER, token: rollup.tokenId }), 'TOKEN_UNSUITABLE');
      assert.equal(await nonceOf(bob), before);
      misled.close();
    } finally {
      await liar.stop();
    }
  });

  it('knows no token that says more decimals than any amount has, and lists it nowhere', async () => {
    // Answers 255 to whatever it is asked.
    const signer = new NonceManager(l1Wallet(BOB).connect(provider));
    const token = await new ContractFactory([], '0x6960ff60005260206000f3600052600a6016f3', signer).deploy();
    await token.waitForDeployment();
    const address = await token.getAddress();
    await (await rollupAt(rollup.contract, signer).registerToken(address)).wait();
    const alone = await openAlone(BOB);
    const { data } = await assertRejects(alone.token(address), 'TOKEN_UNSUITABLE');
    assert.equal(data.token, address);
    assert.ok((await alone.tokens()).every((each) => each.address !== address));
    alone.close();
  });

  it('has a page’s wallet send each transaction once, whatever that says afterwards', async () => {
    const page = createPageWallet(l1Wallet(PAGE).privateKey, provider);
    const wallet = await createWallet({ signer: page, rpcUrl: rollup.url, l1: { url: chain.url } });
    for (const behaviour of ['sends', 'throws after sending', 'speeds up'] as const) {
      page.behaviour = behaviour;
      const [before, count] = [await nonceOf(page), page.sent.length];
      const { transactionHash } = await wallet.deposit({ amount: 100n + BigInt(count) });
      assert.equal(transactionHash, page.sent.at(-1), behaviour);
      assert.deepEqual([(await nonceOf(page)) - before, page.sent.length - count], [1, 1], behaviour);
    }
    for (const [behaviour, code] of [
      ['declines', 'SIGNER_REFUSED'],
      ['throws', 'L1_UNREACHABLE'],
    ] as const) {
      page.behaviour = behaviour;
      const count = page.sent.length;
      await assertRejects(wallet.deposit({ amount: 7n }), code);
      assert.equal(page.sent.length, count);
    }
    // What the contract would refuse the wallet is not even asked for.
    page.behaviour = 'sends';
    await assertRejects(wallet.forceExit({ account: 2 ** 24 }), 'L1_REJECTED');
    assert.equal(page.sent.length, 3);
    wallet.close();
    await settle(3);
  });

  it('claims what was withdrawn once it is final, once', async () => {
    const withdrawal = await alice.withdraw({ amount: ETHER, fee: 0n });
    await Promise.all([settle(0), withdrawal.final()]);
    const [paid, ...more] = await alice.claim({ to: ELSEWHERE });
    assert.deepEqual([paid?.kind, paid?.amount, paid?.token.symbol, more], ['withdrawal', ETHER, 'ETH', []]);
    assert.equal(await provider.getBalance(ELSEWHERE), ETHER);
    assert.deepEqual(await alice.claim(), []);
    await assertRejects(bob.claim({ owner: alice.address, to: ELSEWHERE }), 'CONFIG_INVALID');
  });

  it('forces an exit of a token, which pays out the account in full', async () => {
    const [coin] = (await bob.accounts()).filter(({ tokenId }) => tokenId !== 0);
    const exit = await bob.forceExit({ token: coin!.tokenId });
    await Promise.all([settle(1), exit.final()]);
    const [paid] = await bob.claim();
    assert.deepEqual([paid?.token.tokenId, paid?.amount], [coin!.tokenId, 5n * ETHER]);
    await assertRejects(alice.forceExit({ token: coin!.tokenId }), 'NOT_FOUND');
  });

  it('reads what is final from L1 alone', async () => {
    const alone = await openAlone(ALICE);
    const { soft, posted, final } = await alone.balance();
    assert.deepEqual([soft, posted, final], [2n * ETHER, 2n * ETHER, 2n * ETHER]);
    assert.deepEqual(
      (await alone.tokens()).slice(0, 2).map(({ address, symbol }) => [address, symbol]),
      [
        [ZeroAddress, 'ETH'],
        [rollup.token, 'DUSD'],
      ],
    );
    assert.equal((await alone.operationOf(0).final()).status, 'final');
    await assertRejects(alone.transfer({ to: 1, amount: 1n }), 'CONFIG_INVALID');
    await assertRejects(openAlone(ALICE, { contract: ELSEWHERE }), 'L1_WRONG_CHAIN');
    alone.close();
  });

  it('surveys what somebody else put on accounts of one’s address', async () => {
    const { coin, address } = await deployToken('TestToken', 'Spam', 'SPM');
    assert.equal(await coin.balanceOf(bob.address), 10n * ETHER);
    const keys = ['one', 'two', 'three', 'four', 'five'].map((name) => createPerson(name).keyPair.publicKey.y);
    const to = (keyY: bigint) => formatReceiver({ owner: BigInt(alice.address), keyY });
    for (const key of keys.slice(0, 2)) await bob.deposit({ amount: 1n, to: to(key) });
    for (const key of keys) await bob.deposit({ amount: 1n, token: address, to: to(key) });
    await settle(7);
    const l1 = { url: chain.url, contract: rollup.contract, fromBlock: rollup.block };
    const { accounts, costs } = await surveyL1({ l1, owner: alice.address });
    const left = accounts.map((account) => account.left);
    assert.deepEqual(left, [null, 'dust', 'dust', null, null, null, null, 'many']);
    assert.ok(costs.account > L1_DEFAULTS.priorityFeeWei && costs.account < ETHER / 10n, `${costs.account}`);
  });

  it('leaves without the sequencer: requests, waits, opens the exodus, and takes everything', async () => {
    await alice.withdraw({ amount: ETHER / 2n, fee: 0n });
    await settle(0);
    await stopRollup();
    const kept: Uint8Array[] = [];
    const state = {
      load: async () => kept.at(-1),
      keep: async (snapshot: Uint8Array) => void kept.push(snapshot),
    };
    const alone = await openAlone(ALICE, { state });
    const early = await assertRejects(alone.exitFromL1({ mayRequest: false }), 'EXODUS_NOT_DUE');
    assert.equal(early.data.dueAt, null);
    assert.ok(kept.length > 0, 'the rebuild was kept');

    const steps = new Set<ExitProgress['step']>();
    const first = await alone.exitFromL1({ onProgress: ({ step }) => steps.add(step) });
    assert.ok(first.state === 'requested');
    assert.deepEqual(
      first.paid.map(({ amount }) => amount),
      [ETHER / 2n],
    );
    // The account in ETH and four of the token; the request of the former is the first.
    assert.equal(first.operationIds.length, 5);
    assert.deepEqual(
      first.left.map(({ reason, amount }) => [reason, amount]),
      [
        ['dust', 1n],
        ['dust', 1n],
        ['many', 1n],
      ],
    );
    assert.ok(first.exodusAt > first.deadline);
    const requested = await nonceOf(alice);
    const again = await alone.exitFromL1();
    assert.ok(again.state === 'requested');
    assert.deepEqual([again.operationIds, await nonceOf(alice)], [first.operationIds, requested]);
    const due = await assertRejects(alone.exitFromL1({ mayRequest: false }), 'EXODUS_NOT_DUE');
    assert.equal(due.data.dueAt, first.exodusAt);
    const late = await alone.deposit({ amount: ETHER / 4n });

    await provider.send('evm_increaseTime', [AGES_SECONDS]);
    await provider.send('evm_mine', []);
    const left = await alone.exitFromL1({ to: ELSEWHERE, onProgress: ({ step }) => steps.add(step) });
    assert.ok(left.state === 'paid' && left.activated);
    const amountsOf = (kind: string) => left.paid.filter((one) => one.kind === kind).map(({ amount }) => amount);
    assert.deepEqual(amountsOf('account'), [(3n * ETHER) / 2n, 1n, 1n, 1n, 1n]);
    assert.deepEqual(amountsOf('request'), [ETHER / 4n, 0n, 0n, 0n, 0n, 0n]);
    assert.equal(left.paid.find(({ kind }) => kind === 'request')?.index, late.operationId);
    // The account, the deposit and the fees of all requests, on top of what was claimed there before.
    const expected = ETHER + (7n * ETHER) / 4n + 6n * L1_DEFAULTS.priorityFeeWei;
    assert.equal(await provider.getBalance(ELSEWHERE), expected);
    assert.deepEqual([...steps].sort(), ['claiming', 'opening', 'paying', 'rebuilding', 'requesting']);

    // The next one of the token comes with the next call; dust stays, until it is asked for.
    const rest = await alone.exitFromL1();
    assert.deepEqual([rest.state, rest.paid.map(({ amount }) => amount)], ['paid', [1n]]);
    assert.deepEqual(
      rest.left.map(({ reason }) => reason),
      ['dust', 'dust'],
    );
    const [one, other] = rest.left.map(({ index }) => index);
    const asked = await alone.exitFromL1({ accounts: [one!] });
    assert.deepEqual([asked.paid.map(({ index }) => index), asked.left[0]?.reason], [[one], 'notChosen']);
    const all = await alone.exitFromL1({ minAmount: 0n });
    assert.deepEqual([all.paid.map(({ index }) => index), all.left], [[other], []]);
    const nothing = await alone.exitFromL1();
    assert.deepEqual(nothing, { state: 'paid', activated: false, paid: [], left: [] });
    assert.equal((await alone.balance()).final, 0n);
    const forBob = await alone.exitFromL1({ owner: bob.address });
    assert.ok(forBob.state === 'paid');
    assert.ok(forBob.paid.some(({ amount }) => amount === ETHER));
    alone.close();
  });
});
