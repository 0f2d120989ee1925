/** Payments as a wallet hears of them, over connections that end. */

import assert from 'node:assert/strict';
import type { IncomingPayment, Wallet } from '@quittance/sdk';
import { type CuttingProxy, startCuttingProxy } from '../../support/sdk/cutting-proxy.ts';
import { type PaidWallets, startPaidWallets, VALID_FOR_SECONDS } from '../../support/sdk/paid-wallets.ts';
import { until } from '../../support/until.ts';

const TERMS = { fee: 10n, validForSeconds: VALID_FOR_SECONDS } as const;

describe('a wallet that watches', () => {
  let scene: PaidWallets;
  let proxy: CuttingProxy;
  let alice: Wallet;
  let bob: Wallet;

  /** The same watch without its end: who stops taking from it goes on later. */
  const resumable = (watching: AsyncIterable<IncomingPayment>): AsyncIterable<IncomingPayment> => {
    const iterator = watching[Symbol.asyncIterator]();
    return { [Symbol.asyncIterator]: () => ({ next: () => iterator.next() }) };
  };
  /** The next `count` payments of a watch. */
  async function take(watching: AsyncIterable<IncomingPayment>, count: number): Promise<IncomingPayment[]> {
    const found: IncomingPayment[] = [];
    for await (const payment of watching) {
      found.push(payment);
      if (found.length === count) return found;
    }
    throw new Error('the watch ended');
  }
  const pay = (amount: bigint, reference?: string) =>
    alice.transfer({ to: bob.receiver, amount, ...TERMS, ...(reference === undefined ? {} : { reference }) });
  /** Behind the last entry of Bob's history. */
  const now = async (): Promise<number> => {
    for await (const { sequence } of bob.history()) return sequence + 1;
    return 1;
  };
  const amounts = (payments: readonly IncomingPayment[]) => payments.map(({ amount }) => amount);

  before(async () => {
    scene = await startPaidWallets();
    proxy = await startCuttingProxy(scene.api.url);
    alice = await scene.open(1);
    await scene.fund(alice, 1_000_000n);
    bob = await scene.open(2, { rpcUrl: proxy.url });
  });
  after(async () => {
    alice.close();
    bob.close();
    await proxy.stop();
    await scene.stop();
  });

  it('hears of the first payment, which opens its account, and what it is for', async () => {
    const first = take(bob.watch({ stage: 'accepted', fromSequence: 1 }), 1);
    await pay(100n, 'order 1');
    const [payment] = await first;
    assert.deepEqual(
      [payment!.amount, payment!.referenceText, payment!.from?.owner, payment!.token.symbol, payment!.status],
      [100n, 'order 1', alice.address.toLowerCase(), 'ETH', 'pending'],
    );
  });

  it('hears of a payment once it is final, if it is not told otherwise', async () => {
    const lookups = () => proxy.counts.get('rollup_getAccounts') ?? 0;
    const before = lookups();
    const watching = take(bob.watch(), 1);
    // It looks for where to begin, and for the accounts to watch after that.
    await until(() => lookups() >= before + 2, 'the beginning of the watch');
    await pay(101n);
    await scene.harness.settle();
    const [payment] = await watching;
    assert.deepEqual([payment!.amount, payment!.status], [101n, 'final']);
  });

  it('goes on where it stopped, with what came meanwhile, in order', async () => {
    const all = await take(bob.watch({ fromSequence: 1 }), 2);
    assert.deepEqual(amounts(all), [100n, 101n]);
    await pay(102n);
    await pay(103n);
    await scene.harness.settle();
    const behind = await take(bob.watch({ fromSequence: all[1]!.sequence + 1 }), 2);
    assert.deepEqual(amounts(behind), [102n, 103n]);
    assert.ok(behind[0]!.sequence < behind[1]!.sequence);
  });

  it('neither loses nor repeats a payment when its connection ends, again and again', async () => {
    const watching = bob.watch({ stage: 'accepted', fromSequence: await now() });
    const found: bigint[] = [];
    for (const [before, during] of [
      [200n, 201n],
      [202n, 203n],
      [204n, 205n],
    ] as const) {
      await pay(before);
      found.push(...amounts(await take(resumable(watching), 1)));
      proxy.close();
      await pay(during);
      proxy.open();
      found.push(...amounts(await take(resumable(watching), 1)));
    }
    assert.deepEqual(found, [200n, 201n, 202n, 203n, 204n, 205n]);
  });

  it('hears of everything where there is no WebSocket', async () => {
    const platform = globalThis.WebSocket;
    Reflect.deleteProperty(globalThis, 'WebSocket');
    try {
      const watching = take(bob.watch({ stage: 'accepted', fromSequence: await now() }), 2);
      await pay(400n);
      await pay(401n);
      assert.deepEqual(amounts(await watching), [400n, 401n]);
    } finally {
      globalThis.WebSocket = platform;
    }
  });
});
