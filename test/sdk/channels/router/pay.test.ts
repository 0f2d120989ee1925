/** Payments by the router: the way they take, and that another one begins only when the one before is dead. */

import assert from 'node:assert/strict';
import { RollupError } from '@quittance/protocol';
import type { FinalNonce, RoutedPayment } from '../../../../packages/sdk/channels/index.ts';
import { assertRejects } from '../../../support/assertions.ts';
import {
  createRouterWorld,
  RECEIVER,
  ROLLUP_FEE,
  type RouterWorld,
  type RouterWorldOptions,
} from '../../../support/channels/router-world.ts';

const AMOUNT = 1_000n;
const KEY = 'order 7';

async function setUp(options: RouterWorldOptions = {}) {
  const scene = await createRouterWorld(options);
  const invoice = await scene.invoice(AMOUNT);
  const order = { to: [RECEIVER, invoice], amount: AMOUNT, idempotencyKey: KEY };
  /** Pays, and lets all happen that can. */
  const pay = async (some: object = {}): Promise<RoutedPayment> => {
    const paid = scene.router.pay({ ...order, ...some });
    paid.catch(() => undefined);
    assert.ok(await scene.drive(paid), 'it does not end');
    return paid;
  };
  return { scene, order, pay, invoice, sequencer: scene.sequencer };
}

/** Begins a payment that does not end, since what the hub is told does not arrive. */
async function beginUnheard({ scene, order }: Awaited<ReturnType<typeof setUp>>): Promise<void> {
  scene.world.mute('hub');
  const waiting = new AbortController();
  const paid = scene.router.pay({ ...order, signal: waiting.signal });
  paid.catch(() => undefined);
  assert.equal(await scene.drive(paid), false);
  waiting.abort(new Error('waited enough'));
  await assert.rejects(paid, /waited enough/);
}

const hashOf = (invoice: string): string => /hash=(0x[0-9a-f]{64})/.exec(invoice)![1]!;
const onRollup = (scene: RouterWorld): number => scene.sequencer.signed;

describe('a payment by the router', () => {
  it('goes through the channel, and its secret is the receipt', async () => {
    const { scene, pay, invoice } = await setUp();
    const paid = await pay();
    assert.ok(paid.way === 'channel');
    assert.deepEqual([paid.fee, paid.guarantee], [12n, 'BOTH_SIGNED']);
    const [kept] = await scene.world.node('payee').disk.invoices([hashOf(invoice)]);
    assert.equal(paid.secret, kept!.secret);
    assert.equal(scene.received(), AMOUNT);
    assert.deepEqual(await pay(), paid);
    assert.equal(scene.received(), AMOUNT);
  });

  for (const [title, options, to] of [
    ['no channels are here', { router: { channels: undefined } }, undefined],
    ['the channel has not enough', { capacity: AMOUNT }, undefined],
    ['the payee has no invoice', {}, RECEIVER],
  ] as const) {
    it(`goes over the rollup when ${title}`, async () => {
      const { scene, pay, order } = await setUp(options);
      const paid = await pay({ to: to ?? order.to });
      assert.deepEqual(paid, { way: 'rollup', id: '1', fee: ROLLUP_FEE, guarantee: 'SEQUENCER_PROMISE' });
      assert.deepEqual(await pay({ to: to ?? order.to }), paid);
      assert.deepEqual([scene.received(), onRollup(scene)], [AMOUNT, 1]);
    });
  }

  it('goes over the rollup when the hub gives it back, for that is proof', async () => {
    const { scene, pay } = await setUp();
    scene.world.cut('hub', 'payee');
    assert.equal((await pay()).way, 'rollup');
    assert.equal(scene.world.open(), 0);
    assert.deepEqual([scene.received(), scene.world.money('payee')], [AMOUNT, 0n]);
  });

  it('tells those that ask at the same time of the same payment', async () => {
    const { scene, order } = await setUp();
    const both = Promise.all([scene.router.pay(order), scene.router.pay(order)]);
    assert.ok(await scene.drive(both));
    const [one, other] = await both;
    assert.deepEqual(one, other);
    assert.equal(scene.received(), AMOUNT);
  });
});

describe('a payment in a channel whose fate is not known', () => {
  it('is followed, and nothing else is begun, until it is paid', async () => {
    const world = await setUp();
    await beginUnheard(world);
    const { scene, order, pay } = world;
    for (const _ of [1, 2]) {
      const again = scene.router.pay(order);
      again.catch(() => undefined);
      assert.equal(await scene.drive(again), false);
      assert.equal(onRollup(scene), 0);
      await scene.restart();
    }
    scene.world.unmute();
    await scene.restart();
    assert.equal((await pay()).way, 'channel');
    assert.deepEqual([scene.received(), onRollup(scene)], [AMOUNT, 0]);
  });

  it('is followed by the next process while the hub is away, and while the channel has nothing left for another one', async () => {
    const world = await setUp({ capacity: AMOUNT + 12n });
    await beginUnheard(world);
    const { scene, order } = world;
    scene.world.unmute();
    scene.world.crash('payer');
    await scene.revive('hub');
    const paid = scene.router.pay(order);
    assert.equal(await scene.drive(paid), false);
    assert.equal(onRollup(scene), 0);
    scene.world.connect('payer', 'hub');
    scene.world.connect('hub', 'payee');
    assert.ok(await scene.drive(paid));
    assert.equal((await paid).way, 'channel');
    assert.deepEqual([scene.received(), onRollup(scene)], [AMOUNT, 0]);
  });

  it('is paid on the rollup once L1 is sure that it expired', async () => {
    const world = await setUp();
    await beginUnheard(world);
    const { scene, order } = world;
    const paid = scene.router.pay(order);
    await scene.world.advance(8_000);
    assert.equal(await scene.drive(paid), false);
    assert.equal(onRollup(scene), 0);
    await scene.world.advance(1_000);
    assert.ok(await scene.drive(paid));
    assert.equal((await paid).way, 'rollup');
    scene.world.unmute();
    await scene.restart();
    await scene.world.advance(60);
    assert.deepEqual([scene.received(), scene.world.open()], [AMOUNT, 0]);
  });

  it('is not paid anew when the process ends, the channels shut down or the line is cut', async () => {
    const world = await setUp();
    await beginUnheard(world);
    const { scene, order } = world;
    const paid = scene.router.pay(order);
    scene.world.cut('payer', 'hub');
    assert.equal(await scene.drive(paid), false);
    scene.world.node('payer').forwarder.stop();
    await assertRejects(paid, 'SHUTTING_DOWN');
    assert.equal(onRollup(scene), 0);
  });

  for (const [reason, make] of [
    ['UNCERTAIN', makeUncertain],
    ['ALREADY_PAID', payBefore],
  ] as const) {
    it(`is never paid by another way when it failed as ${reason}`, async () => {
      const world = await setUp();
      await make(world);
      const { scene, pay } = world;
      const before = scene.received();
      const { data } = await assertRejects(pay(), 'CHANNEL_PAYMENT_UNCERTAIN');
      assert.equal(data.reason, reason);
      // Later, when the channel is not there any more: still not.
      await scene.restart();
      await scene.world.advance(200_000);
      scene.world.cut('payer', 'hub');
      await assertRejects(pay(), 'CHANNEL_PAYMENT_UNCERTAIN');
      assert.deepEqual([scene.received(), onRollup(scene)], [before, 0]);
    });
  }
});

type Scene = Awaited<ReturnType<typeof setUp>>;

/** What was paid through the channel is not known to our copy of it. */
async function makeUncertain({ scene, invoice }: Scene): Promise<void> {
  const { disk } = scene.world.node('payer');
  const hash = hashOf(invoice);
  const vault = scene.world.vault('payer', 'hub');
  await disk.putPayment({ hash, invoice, vault, amount: AMOUNT, at: 0, isUncertain: true });
}

/** The invoice was paid, and nothing here knows of that. */
async function payBefore({ scene, invoice }: Scene): Promise<void> {
  const { disk } = scene.world.node('payee');
  const hash = hashOf(invoice);
  const [kept] = await disk.invoices([hash]);
  await disk.addInvoice({ ...kept!, paid: { vault: `0x${'01'.repeat(20)}`, version: 1, at: 0 } });
}

describe('a payment on the rollup whose fate is not known', () => {
  const dead = { finalNonce: async () => ({ nonce: 0, time: 2 }) };
  const begin = async (fate: RouterWorld['sequencer']['fate'], router: RouterWorldOptions['router'] = dead) => {
    const world = await setUp({ router });
    world.scene.world.cut('hub', 'payee');
    world.sequencer.fate = fate;
    await assertRejects(world.pay(), fate === 'is away' ? 'PAYMENT_IMPOSSIBLE' : 'TRANSFER_UNCERTAIN');
    world.scene.world.connect('hub', 'payee');
    return world;
  };

  it('is sent again as it was, and never paid through a channel that is there by then', async () => {
    const { scene, pay, sequencer } = await begin('loses the answer');
    await assertRejects(pay(), 'TRANSFER_UNCERTAIN');
    sequencer.fate = 'is away';
    await assertRejects(pay(), 'TRANSFER_UNCERTAIN');
    sequencer.fate = 'answers';
    assert.equal((await pay()).way, 'rollup');
    assert.deepEqual([scene.received(), onRollup(scene), scene.world.money('payee')], [AMOUNT, 1, 0n]);
  });

  it('is looked for when it is over: what was taken in time is paid', async () => {
    const { scene, pay, sequencer } = await begin('loses the answer');
    sequencer.fate = 'answers';
    sequencer.isOver = true;
    assert.equal((await pay()).way, 'rollup');
    assert.deepEqual([scene.received(), onRollup(scene)], [AMOUNT, 1]);
  });

  for (const proof of ['NONCE_USED', 'EXPIRED'] as const) {
    it(`is paid anew by whatever way is there once ${proof} is shown`, async () => {
      const { scene, pay, sequencer } = await begin('loses the answer');
      sequencer.taken.clear(); // it never arrived
      if (proof === 'EXPIRED') sequencer.isOver = true;
      sequencer.fate = 'answers';
      assert.equal((await pay()).way, 'channel');
      assert.deepEqual([scene.received(), onRollup(scene)], [AMOUNT, 1]);
    });
  }

  const DOUBTS: readonly [string, FinalNonce | undefined, RegExp][] = [
    ['nobody can say how far the account is', undefined, /see `finalNonce` of the router/],
    ['its nonce is used in a final state', { nonce: 1, time: 1_000 }, /its nonce is used in a final state/],
    ['no final batch is behind its end', { nonce: 0, time: 1 }, /no final batch is later than its end, 1: try again/],
  ];
  for (const [what, final, message] of DOUBTS) {
    it(`is not paid anew by the word of the sequencer while ${what}`, async () => {
      const router = final === undefined ? {} : { finalNonce: async () => final };
      const { scene, pay, sequencer } = await begin('loses the answer', router);
      sequencer.taken.clear(); // as it says
      sequencer.isOver = true;
      sequencer.fate = 'answers';
      const { message: said } = await assertRejects(pay(), 'TRANSFER_UNCERTAIN');
      assert.match(said, message);
      assert.deepEqual([scene.received(), onRollup(scene)], [0n, 1]);
    });
  }
});

describe('a payment above finalAbove', () => {
  const above = { router: { finalAbove: () => AMOUNT - 1n } };

  it('is waited for on the rollup until it is final, also by the next process', async () => {
    const { scene, order } = await setUp({ ...above, capacity: AMOUNT });
    const first = scene.router.pay(order);
    assert.equal(await scene.drive(first), false);
    await scene.restart();
    const paid = scene.router.pay(order);
    assert.equal(await scene.drive(paid), false);
    scene.sequencer.finals.resolve();
    assert.ok(await scene.drive(paid));
    assert.deepEqual(await paid, { way: 'rollup', id: '1', fee: ROLLUP_FEE, guarantee: 'FINAL_ON_L1' });
    // It is written down: nobody is asked any more.
    scene.sequencer.fate = 'is away';
    assert.deepEqual(await scene.router.pay(order), await paid);
    assert.deepEqual([scene.received(), onRollup(scene)], [AMOUNT, 1]);
  });

  it('is final at once in a channel, and the bound itself is not above', async () => {
    assert.equal((await (await setUp(above)).pay()).guarantee, 'BOTH_SIGNED');
    const { pay } = await setUp({ router: { finalAbove: () => AMOUNT, channels: undefined } });
    assert.equal((await pay()).guarantee, 'SEQUENCER_PROMISE');
  });
});

describe('a payment that no way leads to', () => {
  it('ends with one error that says of every way why, and the key can be used again', async () => {
    const { scene, pay } = await setUp();
    scene.world.cut('payer', 'hub');
    scene.sequencer.fate = 'is away';
    const { data, message } = await assertRejects(pay(), 'PAYMENT_IMPOSSIBLE');
    assert.deepEqual(data, {
      ...{ channel: 'CHANNEL_PEER_AWAY', rollup: 'RPC_UNREACHABLE', certified: 'NOT_AVAILABLE' },
    });
    for (const part of ['is not connected', 'the sequencer is away', 'do not exist yet']) {
      assert.ok(message.includes(part), message);
    }
    scene.world.connect('payer', 'hub');
    await scene.world.settle();
    assert.equal((await pay()).way, 'channel');
  });

  it('says what became of ways that were tried', async () => {
    const { scene, pay, invoice } = await setUp();
    scene.world.cut('hub', 'payee');
    const { data } = await assertRejects(pay({ to: [404, invoice] }), 'PAYMENT_IMPOSSIBLE');
    assert.deepEqual([data.channel, data.rollup], ['CHANNEL_PAYMENT_FAILED', 'NOT_FOUND']);
    assert.deepEqual([scene.received(), onRollup(scene)], [0n, 0]);
  });

  it('may be in haste: there are no certified payments yet', async () => {
    const { pay } = await setUp({ capacity: AMOUNT });
    assert.equal((await pay({ urgent: true })).way, 'rollup');
  });
});

describe('an idempotency key', () => {
  it('is refused for another payment, while it is made, afterwards, and after a failure', async () => {
    const { scene, order, pay, invoice } = await setUp();
    const others: readonly object[] = [
      { to: [8, invoice] },
      { to: RECEIVER },
      { to: invoice },
      { amount: AMOUNT + 1n },
      { token: 1 },
    ];
    const running = scene.router.pay(order);
    for (const other of others) await assertRejects(scene.router.pay({ ...order, ...other }), 'PAYMENT_KEY_REUSED');
    assert.ok(await scene.drive(running));
    for (const other of others) await assertRejects(pay(other), 'PAYMENT_KEY_REUSED');
    await scene.restart();
    for (const other of others) await assertRejects(pay(other), 'PAYMENT_KEY_REUSED');
    // In another order, and in haste, it is the same payment.
    assert.deepEqual(await pay({ to: [invoice, RECEIVER], urgent: true }), await running);
    assert.equal(scene.received(), AMOUNT);
  });

  it('has 1 to 128 characters', async () => {
    const { pay } = await setUp();
    for (const idempotencyKey of ['', 'x'.repeat(129)]) await assertRejects(pay({ idempotencyKey }), 'WRONG_LENGTH');
    assert.equal((await pay({ idempotencyKey: 'x'.repeat(128) })).way, 'channel');
  });

  it('pays nothing when what is kept of it cannot be read, or cannot be kept', async () => {
    const { scene, pay } = await setUp();
    scene.journal.texts.set(KEY, '{"order":{}}');
    await assertRejects(pay(), 'DATABASE_DAMAGED');
    scene.journal.texts.clear();
    scene.journal.put = () => Promise.reject(new Error('the disk is full'));
    await assert.rejects(pay(), /the disk is full/);
    assert.deepEqual([scene.received(), onRollup(scene)], [0n, 0]);
  });

  it('pays nothing when what was signed cannot be kept, and says so', async () => {
    const { scene, pay } = await setUp({ capacity: AMOUNT });
    const { put } = scene.journal;
    scene.journal.put = async (key, text) => {
      if (text.includes('signed')) throw new RollupError('DISK_FULL', 'the disk is full', {} as never);
      await put(key, text);
    };
    await assertRejects(pay(), 'DISK_FULL');
    assert.equal(scene.received(), 0n);
    scene.journal.put = put;
    assert.equal((await pay()).way, 'rollup');
    assert.equal(scene.received(), AMOUNT);
  });

  it('is of channels that are still there', async () => {
    const router: { channels?: undefined } = {};
    const world = await setUp({ router });
    await beginUnheard(world);
    router.channels = undefined;
    await world.scene.restart();
    await assertRejects(world.pay(), 'CONFIG_INVALID');
    assert.equal(onRollup(world.scene), 0);
  });
});
