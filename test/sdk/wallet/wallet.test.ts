/** A wallet on a real sequencer, whose L1 and prover are doubles. */

import assert from 'node:assert/strict';
import { createWallet, parseReceiver, type Wallet } from '@quittance/sdk';
import { assertRejects } from '../../support/assertions.ts';
import { startRpcStub } from '../../support/l1/rpc-stub.ts';
import { type PaidWallets, startPaidWallets, VALID_FOR_SECONDS } from '../../support/sdk/paid-wallets.ts';

const FUNDS = 10n ** 18n;
const TERMS = { fee: 10n, validForSeconds: VALID_FOR_SECONDS } as const;

describe('a wallet', () => {
  let scene: PaidWallets;
  let alice: Wallet;
  let bob: Wallet;
  let aliceIndex: number;
  let bobIndex: number;

  before(async () => {
    scene = await startPaidWallets();
    [alice, bob] = await Promise.all([scene.open(1), scene.open(2)]);
    aliceIndex = await scene.fund(alice, FUNDS);
    bobIndex = await scene.fund(bob, 500n);
  });
  after(async () => {
    alice.close();
    bob.close();
    await scene.stop();
  });

  it('has one receiver, whichever way it is opened, and finds its accounts by owner', async () => {
    const again = await scene.open(1);
    assert.equal(again.receiver, alice.receiver);
    assert.deepEqual(
      (await alice.accounts()).map(({ index }) => index),
      [aliceIndex],
    );
    assert.equal((await scene.open(1, { rollupSecret: `0x${'42'.repeat(32)}` })).receiver === alice.receiver, false);
    again.close();
  });

  it('knows its tokens by id and by address', async () => {
    const tokens = await alice.tokens();
    assert.deepEqual(tokens[0], { tokenId: 0, address: `0x${'00'.repeat(20)}`, symbol: 'ETH', decimals: 18 });
    assert.equal((await alice.balance(`0x${'00'.repeat(20)}`)).soft, FUNDS);
    await assertRejects(alice.balance(77), 'NOT_FOUND');
  });

  it('pays a receiver, an index and an address, and follows each to its end', async () => {
    const payments = [];
    for (const to of [bob.receiver, bobIndex, bob.address]) {
      payments.push(await alice.transfer({ to, amount: 100n, ...TERMS }));
    }
    assert.deepEqual(
      payments.map(({ amount, fee, nonce }) => [amount, fee, nonce]),
      [0, 1, 2].map((nonce) => [100n, 10n, nonce]),
    );
    assert.equal((await payments[0]!.accepted()).status, 'pending');
    const late = await payments[0]!.outcome('final', { timeoutMs: 0 });
    assert.equal(late.ok ? 'in time' : late.error.code, 'TIMEOUT');
    const soft = await bob.balance();
    assert.deepEqual([soft.soft, soft.final], [800n, 500n]);
    await Promise.all([scene.harness.settle(), ...payments.map((payment) => payment.final())]);
    assert.equal((await bob.balance()).final, 800n);
    assert.equal((await alice.handleOf(payments[1]!.id).final()).status, 'final');
    await assertRejects(alice.handleOf('12345').accepted(), 'NOT_FOUND');
  });

  it('opens one account for a new receiver, however many payments are made to it at once', async () => {
    const carol = await scene.open(3);
    const outcomes = await alice.transferMany([1n, 2n, 3n].map((amount) => ({ to: carol.receiver, amount, ...TERMS })));
    assert.ok(outcomes.every(({ ok }) => ok));
    assert.deepEqual(
      (await carol.accounts()).map(({ balance }) => balance),
      ['6'],
    );
    carol.close();
  });

  it('says of each of many what became of it', async () => {
    const outcomes = await alice.transferMany([
      { to: bob.receiver, amount: 5n, ...TERMS },
      { to: bob.receiver, amount: 10n * FUNDS, ...TERMS },
      { to: bob.receiver, amount: 6n, ...TERMS },
      { to: 9_999, amount: 6n, ...TERMS },
      { to: alice.receiver, amount: 6n, ...TERMS },
    ]);
    assert.deepEqual(
      outcomes.map((outcome) => (outcome.ok ? outcome.value.amount : outcome.error.code)),
      [5n, 'INSUFFICIENT_BALANCE', 6n, 'RECEIVER_EMPTY', 'SELF_TRANSFER'],
    );
  });

  it('tells the receiver what a payment is for, as bytes and as text', async () => {
    await alice.transfer({ to: bob.receiver, amount: 7n, reference: 'Rechnung № 7', ...TERMS });
    await alice.transfer({ to: bob.receiver, amount: 8n, reference: Uint8Array.of(0xff, 0x00), ...TERMS });
    const items = [];
    for await (const item of bob.history()) {
      items.push(item);
      if (items.length === 2) break;
    }
    assert.deepEqual(
      items.map(({ amount, referenceText, referenceBytes }) => [amount, referenceText, referenceBytes]),
      [
        ['8', null, Uint8Array.of(0xff, 0x00)],
        ['7', 'Rechnung № 7', new TextEncoder().encode('Rechnung № 7')],
      ],
    );
    for (const reference of ['', 'x'.repeat(141)]) {
      await assertRejects(alice.transfer({ to: bob.receiver, amount: 7n, reference, ...TERMS }), 'WRONG_LENGTH');
    }
  });

  it('reads its history page by page, to the end', async () => {
    const sequences = [];
    for await (const { sequence } of alice.history()) sequences.push(sequence);
    assert.deepEqual(
      sequences,
      sequences.toSorted((one, other) => other - one),
    );
    const [, second] = sequences;
    for await (const { sequence } of alice.history({ before: second! })) {
      assert.equal(sequence, sequences[2]);
      break;
    }
  });

  it('asks for the fee, and takes none that is out of proportion', async () => {
    assert.ok((await alice.estimateFee()) >= 10n);
    const { data } = await assertRejects(alice.transfer({ to: bob.receiver, amount: 20n }), 'FEE_DISPROPORTIONATE');
    assert.equal(data.amount, 20n);
    const fee = await alice.estimateFee();
    const request = { to: bob.receiver, amount: 10n * fee, validForSeconds: VALID_FOR_SECONDS };
    assert.equal((await alice.transfer(request)).fee, fee);
  });

  it('signs no amount that no record can state, but the next below if it may', async () => {
    const odd = 2n ** 35n + 1n;
    const request = { to: bob.receiver, amount: odd, ...TERMS };
    const { data } = await assertRejects(alice.transfer(request), 'NOT_REPRESENTABLE');
    assert.ok(data.below! < odd && odd < data.above!);
    const rounded = await alice.transfer({ ...request, roundDown: true });
    assert.equal(rounded.amount, data.below);
  });

  it('pays nobody at an address that has accounts of several keys, or none', async () => {
    const { owner } = parseReceiver(bob.receiver);
    await alice.transfer({ to: `${bob.receiver.slice(0, 42)}:${alice.receiver.slice(43)}`, amount: 1n, ...TERMS });
    const { data } = await assertRejects(
      alice.transfer({ to: bob.address, amount: 1n, ...TERMS }),
      'RECEIVER_AMBIGUOUS',
    );
    assert.equal(data.keyCount, 2);
    assert.equal(BigInt(data.owner), owner);
    const nobody = `0x${'5a'.repeat(20)}`;
    await assertRejects(alice.transfer({ to: nobody, amount: 1n, ...TERMS }), 'NOT_FOUND');
    for (const [to, code] of [
      [`0x${'00'.repeat(20)}`, 'ZERO_OWNER'],
      ['bob', 'INVALID_KEY'],
      [`${alice.receiver.slice(0, 42)}:0x${'00'.repeat(32)}`, 'INVALID_KEY'],
      [`0xAB${'cd'.repeat(19)}:${alice.receiver.slice(43)}`, 'INVALID_ADDRESS'],
    ] as const) {
      await assertRejects(alice.transfer({ to, amount: 1n, ...TERMS }), code);
    }
  });

  it('withdraws, and goes on with what was signed before a crash', async () => {
    const kept: Parameters<Wallet['resume']>[0][] = [];
    const withdrawal = await alice.withdraw({ amount: 50n, ...TERMS, onSigned: (signed) => void kept.push(signed) });
    assert.equal(kept[0]!.id, withdrawal.id);
    const resumed = await alice.resume(kept[0]!);
    assert.deepEqual([resumed.id, resumed.amount, resumed.nonce], [withdrawal.id, 50n, withdrawal.nonce]);
    // Signed and never sent, before another transfer took its nonce: it was not paid and never will be.
    const failing = alice.withdraw({
      ...{ amount: 60n, ...TERMS },
      onSigned(signed) {
        kept.push(signed);
        throw new Error('crashed');
      },
    });
    await assert.rejects(failing, /crashed/);
    await alice.withdraw({ amount: 70n, ...TERMS });
    await assertRejects(alice.resume(kept[1]!), 'NONCE_USED');
  });

  it('says what a verb needs that it was not given', async () => {
    for (const [verb, name] of [
      [alice.deposit({ amount: 1n }), 'l1'],
      [alice.claim(), 'l1'],
      [alice.forceExit(), 'l1'],
      [alice.exitFromL1(), 'l1'],
      [createWallet({ secret: scene.secretOf(1) }), 'rpcUrl or l1'],
    ] as const) {
      const { data } = await assertRejects(verb, 'CONFIG_INVALID');
      assert.equal(data['name'], name);
    }
  });

  it('signs nothing for another chain or contract than all of them speak of', async () => {
    const l1 = await startRpcStub(({ method }) => {
      if (method === 'eth_chainId') return '0x5';
      if (method === 'eth_getCode') return '0x60';
      return `0x${'00'.repeat(31)}01`;
    });
    let signatures = 0;
    const signer = {
      address: alice.address,
      chainId: async () => 5n,
      signMessage: async () => {
        signatures += 1;
        return '0x';
      },
      sendTransaction: async () => '0x',
    };
    const { chainId } = alice;
    try {
      const rpcUrl = scene.api.url;
      const onOther = await assertRejects(createWallet({ signer, rpcUrl, l1: { url: l1.url } }), 'L1_WRONG_CHAIN');
      assert.deepEqual([onOther.data['expected'], onOther.data['actual']], [chainId, 5n]);
      const contract = `0x${'c1'.repeat(20)}`;
      await assertRejects(createWallet({ signer, rpcUrl, l1: { url: l1.url, contract } }), 'WRONG_DOMAIN');
      const wrongSigner = await assertRejects(createWallet({ signer, rpcUrl }), 'SIGNER_WRONG_CHAIN');
      assert.deepEqual([wrongSigner.data.expected, wrongSigner.data.actual], [chainId, 5n]);
      await assertRejects(createWallet({ signer, l1: { url: l1.url } }), 'CONFIG_INVALID');
      assert.equal(signatures, 0);
    } finally {
      await l1.stop();
    }
  });

  it('ends what it does when it is closed, or its caller gives up', async () => {
    const dave = await scene.open(4);
    const watching = dave.watch();
    const next = watching[Symbol.asyncIterator]().next();
    dave.close();
    await assert.rejects(next, /closed/);
    await assert.rejects(dave.transfer({ to: bob.receiver, amount: 1n, ...TERMS }), /closed/);
    const signal = AbortSignal.abort(new Error('gave up'));
    await assert.rejects(alice.balance(0, { signal }), /gave up/);
    const [outcome] = await alice.transferMany([{ to: bob.receiver, amount: 1n, ...TERMS }], { signal });
    assert.equal(outcome?.ok === false && outcome.error.code, 'CANCELLED');
  });
});
