/** Payments over three hubs in a row: what comes back and why, and what silence of each of them costs nobody. */

import { strict as assert } from 'node:assert';
import { nextState, secretHash } from '@quittance/protocol';
import { assertRejects } from '../../../support/assertions.ts';
import {
  addressOf,
  createRouteWorld,
  ROUTE_POLICY,
  type RouteWorld,
  type RouteWorldOptions,
  routeOver,
} from '../../../support/channels/route-world.ts';
import { secretOf } from '../../../support/channels/secrets.ts';

const NAMES = ['payer', 'one', 'two', 'three', 'payee'];
const AMOUNT = 1_000n;

type Route = ReturnType<typeof routeOver>;

async function worldOf(some: Partial<RouteWorldOptions> = {}): Promise<RouteWorld> {
  return createRouteWorld({ names: NAMES, ...some });
}

async function invoice(
  world: RouteWorld,
  some: { amount?: bigint; expiresAt?: number } = {},
  seed = 'x',
  name = 'payee',
) {
  const { secret, hash } = secretOf(seed);
  const base = { hash, secret, tokenId: 0, amount: AMOUNT, memo: '', expiresAt: world.now + 3_600 };
  await world.node(name).disk.addInvoice({ ...base, ...some });
  return { secret, hash };
}

/** Begins a payment along a row. */
function pay(world: RouteWorld, hash: string, some: Partial<Route> = {}, names: readonly string[] = NAMES) {
  const [payer, next] = [names[0]!, names[1]!];
  const route = { ...routeOver(names, { amount: AMOUNT, now: world.now }), ...some };
  const paid = world.node(payer).forwarder.pay({ hash, vault: world.vault(payer, next), invoice: 'x', ...route });
  paid.catch(() => undefined);
  return paid;
}

async function assertReason(paid: Promise<unknown>, reason: string): Promise<void> {
  const { data } = await assertRejects(paid, 'CHANNEL_PAYMENT_FAILED', reason);
  assert.equal(data.reason, reason);
}

const moneyOf = (world: RouteWorld) => NAMES.map((name) => world.money(name));

/** Delivers messages until something is so. */
async function stepUntil(world: RouteWorld, condition: () => boolean): Promise<void> {
  for (let steps = 0; !condition(); steps += 1) {
    assert.ok(steps < 500, 'it never came true');
    await world.step();
  }
}

const isLocked = (world: RouteWorld, one: string, other: string) =>
  world.record(one, other).newest.state.htlcs.length > 0 && world.record(other, one).newest.state.htlcs.length > 0;

/** Hours, in which everybody looks at the time every ten minutes. */
async function waitHours(world: RouteWorld, hours: number): Promise<void> {
  for (let minutes = 0; minutes < hours * 60; minutes += 10) await world.advance(600);
}

describe('payments over hubs', function () {
  this.timeout(20_000);

  it('come to the payee over three hubs, each of which keeps its fee', async () => {
    const world = await worldOf();
    const before = moneyOf(world);
    const { secret, hash } = await invoice(world);
    const paid = pay(world, hash);
    await world.settle();
    assert.equal(await paid, secret);
    const gains = moneyOf(world).map((money, place) => money - before[place]!);
    assert.deepEqual(gains, [-1_038n, 13n, 13n, 12n, 1_000n]);
    assert.equal(world.open(), 0);
    for (const { trouble, disk } of world.nodes.values()) {
      assert.deepEqual(trouble, []);
      assert.deepEqual(await disk.htlcs(), []);
    }
    const [kept] = await world.node('payee').disk.invoices([hash]);
    assert.equal(kept!.paid!.vault, world.vault('three', 'payee'));
    assert.equal((await world.node('payer').disk.payment(hash))!.receipt!.secret, secret);
  });

  it('come over none, one or two hubs, and back', async () => {
    const world = await worldOf({ share: 50_000n });
    for (const names of [NAMES.slice(0, 2), NAMES.slice(0, 3), NAMES.slice(0, 4), NAMES.toReversed().slice(0, 4)]) {
      const payee = names.at(-1)!;
      const { secret, hash } = await invoice(world, {}, `${names}`, payee);
      const before = world.money(payee);
      const paid = pay(world, hash, {}, names);
      await world.settle();
      assert.equal(await paid, secret);
      assert.equal(world.money(payee) - before, AMOUNT);
    }
  });

  it('are made once, however often, be it after a restart and after the invoice has expired', async () => {
    const world = await worldOf();
    const { secret, hash } = await invoice(world);
    const twice = [pay(world, hash), pay(world, hash)];
    await world.settle();
    assert.deepEqual(await Promise.all(twice), [secret, secret]);
    const money = moneyOf(world);
    world.crash('payer');
    await world.start('payer');
    world.connectAll();
    await world.advance(100_000);
    const again = pay(world, hash);
    await world.settle();
    assert.equal(await again, secret);
    assert.deepEqual(moneyOf(world), money);
    assert.equal(await world.node('payer').forwarder.isBegun(hash), true);
    assert.equal(await world.node('payer').forwarder.isBegun(secretHash(hash)), false);
  });

  it('go on where they were after a restart of who pays', async () => {
    const world = await worldOf();
    const { secret, hash } = await invoice(world);
    void pay(world, hash);
    await stepUntil(world, () => isLocked(world, 'payer', 'one'));
    world.crash('payer');
    await world.settle();
    await world.start('payer');
    world.connectAll();
    const again = pay(world, hash);
    await world.settle();
    assert.equal(await again, secret);
    assert.equal(world.money('payee'), AMOUNT);
  });

  it('come back with the reason from wherever they cannot go on, and can be tried again', async () => {
    const world = await worldOf();
    const { hash, secret } = await invoice(world);
    const base = routeOver(NAMES, { amount: AMOUNT, now: world.now });
    const [toTwo, toThree, toPayee] = base.onward;
    const hop = (place: number, some: Partial<typeof toTwo>) => ({
      onward: base.onward.map((one, at) => (at === place ? { ...one, ...some } : one)),
    });
    const cases: [string, Partial<Route>][] = [
      // The first hub, the second, the third.
      ['FEE_TOO_LOW', { amount: base.amount - 1n }],
      ['FEE_TOO_LOW', hop(1, { amount: toThree!.amount + 1n })],
      ['FEE_TOO_LOW', hop(2, { amount: toPayee!.amount + 1n })],
      ['EXPIRY_TOO_SOON', { expiry: base.expiry - 1 }],
      ['EXPIRY_TOO_SOON', hop(1, { expiry: toThree!.expiry + 1 })],
      ['EXPIRY_TOO_SOON', hop(2, { expiry: toPayee!.expiry + 1 })],
      ['NO_CHANNEL', hop(0, { to: addressOf('nobody') })],
      ['NO_CHANNEL', hop(1, { to: addressOf('nobody') })],
      ['NO_CHANNEL', hop(2, { to: addressOf('nobody') })],
      ['ROUTE_WRONG', hop(0, { to: addressOf('one').toUpperCase().replace('X', 'x') })],
      ['ROUTE_WRONG', hop(0, { to: addressOf('payer') })],
      ['ROUTE_WRONG', hop(1, { to: addressOf('one') })],
      ['ROUTE_WRONG', hop(1, { to: addressOf('two') })],
      // The payee, or whom the route takes for it.
      ['AMOUNT_TOO_LOW', hop(2, { amount: AMOUNT - 1n })],
      ['EXPIRY_TOO_SOON', hop(2, { expiry: world.now + ROUTE_POLICY.leastTime - 1 })],
      ['UNKNOWN_HASH', { onward: [] }],
      ['UNKNOWN_HASH', { onward: base.onward.slice(0, 1) }],
      ['UNKNOWN_HASH', { onward: base.onward.slice(0, 2) }],
    ];
    const before = moneyOf(world);
    for (const [reason, some] of cases) {
      const paid = pay(world, hash, some);
      await world.settle();
      await assertReason(paid, reason);
      assert.deepEqual(moneyOf(world), before, reason);
      assert.equal(world.open(), 0, reason);
    }
    const paid = pay(world, hash, {}, NAMES);
    await world.settle();
    assert.equal(await paid, secret);
  });

  it('come back from a payee who has been paid, and for an invoice that has expired', async () => {
    const world = await worldOf({
      pairs: [
        ['payer', 'one'],
        ['one', 'payee'],
        ['two', 'one'],
      ],
      names: ['payer', 'two', 'one', 'payee'],
    });
    const { hash } = await invoice(world);
    const first = pay(world, hash, {}, ['payer', 'one', 'payee']);
    await world.settle();
    await first;
    const second = pay(world, hash, {}, ['two', 'one', 'payee']);
    await world.settle();
    await assertReason(second, 'ALREADY_PAID');
    const late = await invoice(world, { expiresAt: world.now - 1 }, 'late');
    const third = pay(world, late.hash, {}, ['payer', 'one', 'payee']);
    await world.settle();
    await assertReason(third, 'EXPIRED');
    const last = await invoice(world, { expiresAt: world.now }, 'last');
    const fourth = pay(world, last.hash, {}, ['payer', 'one', 'payee']);
    await world.settle();
    assert.equal(await fourth, last.secret);
  });

  it('come back at once where the next party is away or has no money, and the channel of the payer must be there', async () => {
    const world = await worldOf();
    const { hash, secret } = await invoice(world);
    for (const [one, other] of [
      ['one', 'two'],
      ['two', 'three'],
      ['three', 'payee'],
    ] as const) {
      world.cut(one, other);
      const paid = pay(world, hash);
      await world.settle();
      await assertReason(paid, 'PEER_AWAY');
      world.connect(one, other);
    }
    const vault = world.vault('two', 'three');
    const id = secretHash(hash);
    await Promise.all([
      world.node('two').exchange.want(vault, { type: 'pay', by: 'residual', id, amount: 100_000n - 1_011n }),
      world.settle(),
    ]);
    const short = pay(world, hash);
    await world.settle();
    await assertReason(short, 'FUNDS_SHORT');
    const back = { type: 'pay', by: 'senior', id, amount: 1n } as const;
    await Promise.all([world.node('three').exchange.want(vault, back), world.settle()]);
    world.cut('payer', 'one');
    await assertRejects(pay(world, hash), 'CHANNEL_PEER_AWAY');
    world.connect('payer', 'one');
    const paid = pay(world, hash);
    await world.settle();
    assert.equal(await paid, secret);
    await assertRejects(
      world
        .node('payer')
        .forwarder.pay({ hash: id, vault: '0x00', amount: 1n, expiry: world.now + 9_000, onward: [], invoice: '' }),
      'NOT_FOUND',
    );
  });

  it('come back from a hub whose next party is there and silent, but for what it was told of', async () => {
    const world = await worldOf();
    const [first, second] = [await invoice(world), await invoice(world, {}, 'second')];
    const told = pay(world, first.hash);
    // The hub has proposed it, and the payee says nothing.
    await stepUntil(world, () => world.record('three', 'payee').proposal !== undefined);
    world.mute('payee');
    const untold = pay(world, second.hash);
    await world.settle();
    await world.advance(10);
    assert.equal(await Promise.race([untold, 'waits']), 'waits');
    await world.advance(1);
    await assertReason(untold, 'PEER_AWAY');
    world.unmute();
    world.cut('three', 'payee');
    world.connect('three', 'payee');
    await world.settle();
    assert.equal(await told, first.secret);
  });

  it('lock 64 times in a channel at most; what is more comes back at once, and nothing is lost in a flood', async () => {
    const world = await worldOf();
    world.cut('three', 'payee');
    const names = ['payer', 'one', 'two', 'three'];
    const invoices = await Promise.all(
      Array.from({ length: 70 }, (_, place) => invoice(world, {}, `flood ${place}`, 'three')),
    );
    // Nobody at the end fulfills: the line is cut as soon as the second hub has them.
    const held = invoices.slice(0, 64).map(({ hash }) => pay(world, hash, {}, names));
    await stepUntil(world, () => world.record('two', 'one').newest.state.htlcs.length === 64);
    world.cut('two', 'three');
    await assertRejects(pay(world, invoices[64]!.hash, {}, names), 'CHANNEL_CHANGE_REFUSED');
    world.connect('two', 'three');
    await world.settle();
    const outcomes = await Promise.allSettled(held);
    const rest = invoices.slice(64).map(({ hash }) => pay(world, hash, {}, names));
    await world.settle();
    assert.equal((await Promise.allSettled(rest)).filter(({ status }) => status === 'fulfilled').length, 6);
    const made = outcomes.filter(({ status }) => status === 'fulfilled').length + 6;
    assert.equal(world.money('three'), 100_000n + BigInt(made) * AMOUNT);
    assert.equal(world.open(), 0);
  });

  it('come back from a hub whose channel onward is full', async () => {
    const world = await worldOf({
      names: ['payer', 'other', 'one', 'payee'],
      pairs: [
        ['payer', 'one'],
        ['other', 'one'],
        ['one', 'payee'],
      ],
    });
    const seeds = Array.from({ length: 65 }, (_, place) => secretOf(`full ${place}`));
    const names = (place: number) => [place % 2 === 0 ? 'payer' : 'other', 'one', 'payee'];
    // The payee takes what comes, and does nothing about it.
    world.node('payee').forwarder.stop();
    const held = seeds.slice(0, 64).map(({ hash }, place) => pay(world, hash, {}, names(place)));
    await world.settle();
    assert.equal(world.record('one', 'payee').newest.state.htlcs.length, 64);
    const more = pay(world, seeds[64]!.hash, {}, names(64));
    await world.settle();
    await assertReason(more, 'CHANNEL_FULL');
    await waitHours(world, 4);
    for (const paid of held) await assertReason(paid, 'EXPIRED');
    // They stay in the channel of who does nothing, and cost the hub nothing but that.
    assert.equal(world.open(), 64);
    assert.equal(world.money('one') + 64n * AMOUNT, 100_000n);
  });

  it('come back after their time from a payee who falls silent, to everybody', async () => {
    const world = await worldOf();
    const before = moneyOf(world);
    const { hash } = secretOf('silent');
    const paid = pay(world, hash);
    await stepUntil(world, () => isLocked(world, 'three', 'payee'));
    world.crash('payee');
    await waitHours(world, 1);
    assert.equal(world.open(), 4);
    await waitHours(world, 1);
    await assertReason(paid, 'EXPIRED');
    assert.equal(world.l1.reveals, 0);
    assert.equal(world.open(), 1);
    await world.start('payee');
    world.connectAll();
    await world.tick();
    await world.advance(60);
    assert.equal(world.open(), 0);
    assert.deepEqual(moneyOf(world), before);
  });

  it('are kept back from nobody while L1 does not answer', async () => {
    const world = await worldOf();
    const { hash } = secretOf('silent');
    const paid = pay(world, hash);
    await stepUntil(world, () => isLocked(world, 'three', 'payee'));
    world.crash('payee');
    world.l1.isDown = true;
    await waitHours(world, 9);
    assert.equal(world.open(), 4);
    assert.ok(world.node('three').trouble.length > 0);
    world.l1.isDown = false;
    await waitHours(world, 1);
    await assertReason(paid, 'EXPIRED');
  });

  it('are shown on L1 by a hub whose payer falls silent, and taken later without a close', async () => {
    const world = await worldOf();
    const before = moneyOf(world);
    const { secret, hash } = await invoice(world);
    void pay(world, hash);
    await stepUntil(world, () => isLocked(world, 'payer', 'one'));
    world.crash('payer');
    await world.settle();
    assert.equal(world.money('payee'), AMOUNT);
    await waitHours(world, 3);
    assert.equal(world.l1.reveals, 0);
    await waitHours(world, 2);
    assert.equal(world.l1.reveals, 1);
    assert.ok(world.shown.get(hash)!.at <= routeOver(NAMES, { amount: AMOUNT, now: 1_000_000 }).expiry - 1_200);
    await world.start('payer');
    const again = pay(world, hash);
    world.connectAll();
    await waitHours(world, 1);
    assert.equal(await again, secret);
    assert.equal(world.open(), 0);
    const gains = moneyOf(world).map((money, place) => money - before[place]!);
    assert.deepEqual(gains, [-1_038n, 13n, 13n, 12n, 1_000n]);
    assert.equal((await world.node('payer').disk.payment(hash))!.receipt!.secret, secret);
  });

  it('are shown on L1 by a payee whose hub falls silent, which settles every hop', async () => {
    const world = await worldOf();
    const before = moneyOf(world);
    const { secret, hash } = await invoice(world);
    const paid = pay(world, hash);
    await stepUntil(world, () => isLocked(world, 'three', 'payee'));
    world.cut('three', 'payee');
    await waitHours(world, 1);
    assert.equal(world.l1.reveals, 1);
    await world.advance(60);
    // The hub has it from L1, and the payer from the hub.
    assert.equal(await paid, secret);
    assert.equal(world.open(), 1);
    assert.equal(world.l1.reveals, 1);
    await waitHours(world, 2);
    world.connect('three', 'payee');
    await world.advance(60);
    await world.advance(60);
    assert.equal(world.open(), 0);
    const gains = moneyOf(world).map((money, place) => money - before[place]!);
    assert.deepEqual(gains, [-1_038n, 13n, 13n, 12n, 1_000n]);
  });

  it('count for a secret that L1 has in the last second, and not for one that it has a second later', async () => {
    for (const isLate of [false, true]) {
      const world = await worldOf();
      const before = moneyOf(world);
      const { secret, hash } = secretOf('second');
      const { expiry } = routeOver(NAMES, { amount: AMOUNT, now: world.now }).onward.at(-1)!;
      world.node('payee').forwarder.stop();
      const paid = pay(world, hash);
      await stepUntil(world, () => isLocked(world, 'three', 'payee'));
      world.cut('three', 'payee');
      await world.advance(expiry - world.now + (isLate ? 1 : 0));
      world.shown.set(hash, { secret, at: world.now });
      await world.advance(10);
      assert.equal(world.open(), 4);
      await world.advance(40);
      await world.advance(40);
      assert.equal(world.open(), 1);
      // In time for the hops before the last one, whatever the payee has of it.
      assert.equal(await paid, secret);
      // The payee has the secret again.
      const base = { hash, secret, tokenId: 0, amount: AMOUNT, memo: '', expiresAt: world.now + 9 };
      await world.node('payee').disk.addInvoice({ ...base, isShown: true });
      await world.start('payee');
      world.connectAll();
      for (let minute = 0; minute < 4; minute += 1) await world.advance(60);
      assert.equal(world.open(), 0);
      const gains = moneyOf(world).map((money, place) => money - before[place]!);
      assert.deepEqual(gains, [-1_038n, 13n, 13n, ...(isLate ? [1_012n, 0n] : [12n, 1_000n])]);
    }
  });

  it('of a hash that is on its way already come back, also round in a circle', async () => {
    const names = ['payer', 'other', 'one', 'two', 'payee'];
    const pairs = [
      ['payer', 'one'],
      ['other', 'one'],
      ['one', 'two'],
      ['two', 'payee'],
      ['two', 'other'],
    ] as const;
    const world = await worldOf({ names, pairs, share: 50_000n });
    const { hash } = secretOf('held');
    world.node('payee').forwarder.stop();
    const first = pay(world, hash, {}, ['payer', 'one', 'two', 'payee']);
    await world.settle();
    const second = pay(world, hash, {}, ['other', 'one', 'two', 'payee']);
    await world.settle();
    await assertReason(second, 'HASH_IN_USE');
    const circle = secretOf('circle');
    const round = pay(world, circle.hash, {}, ['payer', 'one', 'two', 'other', 'one']);
    await world.settle();
    await assertReason(round, 'HASH_IN_USE');
    // Whoever passes it on pays nothing of its own with it.
    const own = pay(world, hash, {}, ['one', 'two', 'payee']);
    await world.settle();
    assert.equal(await Promise.race([own, 'waits']), 'waits');
    await waitHours(world, 5);
    await assertReason(first, 'EXPIRED');
    assert.equal(world.money('one'), 100_000n + 50_000n);
  });

  it('go on although the parties of a channel swap their roles on the way', async () => {
    const world = await worldOf({ share: 50_000n });
    const { secret, hash } = await invoice(world);
    const swap = async (one: string, other: string) => {
      const vault = world.vault(one, other);
      const { newest, party, capacity } = world.record(one, other);
      const residual = newest.state.residualIsB === (party === 'b') ? one : other;
      await world.node(residual).exchange.want(vault, { type: 'swap', by: 'residual', capacity });
    };
    const paid = pay(world, hash);
    await Promise.all([swap('one', 'two'), swap('two', 'three'), world.settle()]);
    await Promise.all([swap('one', 'two'), swap('payer', 'one'), world.settle()]);
    assert.equal(await paid, secret);
    assert.equal(world.open(), 0);
    assert.equal((await world.node('one').disk.htlcs()).length, 0);
  });

  it('are never passed on once their release was proposed, whatever comes between that and its signature', async () => {
    for (const isSwapped of [false, true]) {
      const world = await worldOf({ share: 50_000n });
      const { hash } = await invoice(world);
      world.cut('one', 'two');
      const paid = pay(world, hash);
      await stepUntil(world, () => isLocked(world, 'payer', 'one'));
      world.mute('payer');
      await world.settle();
      const record = world.record('one', 'payer');
      assert.equal(record.proposal?.changes[0]?.type, 'release');
      world.crash('one');
      world.unmute();
      if (isSwapped) {
        // The hub has another role behind that version: it would ask for its release by that one, in vain.
        const changes = [
          ...record.proposal!.changes,
          { type: 'swap', by: 'residual', capacity: record.capacity } as const,
        ];
        const proposal = {
          ...record.proposal!,
          changes,
          state: nextState(record.newest.state, changes, record, undefined),
        };
        const write = { vault: record.vault, record: { ...record, proposal }, applied: [], at: world.now };
        await world.node('one').disk.commit([write]);
      }
      // The next party is there before the hub looks at it for the first time.
      const { disk } = world.node('one');
      const [looks, { invoices }] = [Promise.withResolvers<void>(), disk];
      disk.invoices = async (hashes) => {
        await looks.promise;
        return invoices(hashes);
      };
      await world.start('one');
      world.connect('one', 'two');
      await world.settle();
      looks.resolve();
      for (let seconds = 0; seconds < 5; seconds += 1) await world.advance(1);
      assert.equal(world.record('one', 'two').newest.state.htlcs.length, 0);
      assert.equal(world.record('one', 'two').newest.state.version, 0);
      if (isSwapped) continue;
      world.connectAll();
      await world.settle();
      await assertReason(paid, 'PEER_AWAY');
      assert.equal(world.open(), 0);
      assert.equal(world.money('payer'), 50_000n);
    }
  });

  it('whose secret a payee has shown on L1 are taken by it after a crash, however little time is left', async () => {
    const world = await worldOf();
    const { secret, hash } = await invoice(world);
    const paid = pay(world, hash);
    await stepUntil(world, () => isLocked(world, 'three', 'payee'));
    world.cut('three', 'payee');
    await waitHours(world, 1);
    assert.equal(world.l1.reveals, 1);
    // Not even the wish to fulfill is on its disk.
    const record = { ...world.record('payee', 'three'), asked: [] };
    world.crash('payee');
    await world.node('payee').disk.commit([{ vault: record.vault, record, applied: [], at: world.now }]);
    await world.start('payee');
    world.connectAll();
    await world.advance(60);
    assert.equal(await paid, secret);
    assert.equal(world.money('payee'), AMOUNT);
    assert.equal(world.open(), 0);
  });

  it('whose secret was proposed in time, and signed too late, are given back in its place', async () => {
    const world = await worldOf();
    const { secret, hash } = await invoice(world, {}, 'x', 'two');
    const paid = pay(world, hash, {}, ['payer', 'one', 'two']);
    await stepUntil(world, () => isLocked(world, 'one', 'two'));
    world.mute('one');
    await world.settle();
    assert.equal(world.record('two', 'one').proposal?.changes[0]?.type, 'fulfill');
    // Nobody heard of the secret, and who has it is away until it is too late.
    world.crash('two');
    world.unmute();
    await waitHours(world, 2);
    await assertReason(paid, 'EXPIRED');
    await world.start('two');
    world.connectAll();
    for (let minutes = 0; minutes < 5; minutes += 1) await world.advance(60);
    assert.equal(world.open(), 0);
    assert.equal(world.shown.get(hash), undefined);
    assert.equal(world.money('two'), 100_000n);
    const again = await invoice(world, {}, 'again', 'two');
    assert.notEqual(again.secret, secret);
    const next = pay(world, again.hash, {}, ['payer', 'one', 'two']);
    await world.settle();
    assert.equal(await next, again.secret);
  });

  it('are uncertain where the copy of a channel was too old to know, and are not made a second time', async () => {
    const world = await worldOf();
    const { hash } = await invoice(world);
    const old = world.record('payer', 'one');
    const paid = pay(world, hash);
    await world.settle();
    await paid;
    const { disk } = world.node('payer');
    const { receipt: _, ...payment } = (await disk.payment(hash))!;
    world.crash('payer');
    const route = routeOver(NAMES, { amount: AMOUNT, now: world.now });
    const lock = { type: 'lock', by: 'residual', htlc: { hash, amount: route.amount, expiry: route.expiry } } as const;
    const asked = [{ ...lock, onward: route.onward }];
    await disk.commit([{ vault: old.vault, record: { ...old, asked }, applied: [], at: world.now }]);
    await disk.putPayment(payment);
    await world.start('payer');
    world.connectAll();
    await world.settle();
    assert.equal(world.record('payer', 'one').newest.state.version, 2);
    await assertRejects(pay(world, hash), 'CHANNEL_PAYMENT_UNCERTAIN');
    assert.equal(world.money('payee'), AMOUNT);
  });

  it('and invoices that came to nothing are forgotten after a month, once an hour', async () => {
    const world = await worldOf({ names: ['payer', 'one'] });
    const { disk } = world.node('payer');
    const calls: number[] = [];
    disk.forget = async (before) => {
      calls.push(before);
      throw new Error('the disk is slow');
    };
    await world.start('payer');
    await world.advance(3_599);
    assert.deepEqual(calls, []);
    await world.advance(1);
    await world.advance(3_599);
    assert.deepEqual(calls, [world.now - 3_599 - 30 * 86_400]);
    await world.advance(1);
    assert.equal(calls.length, 2);
    assert.equal(world.node('payer').trouble.length, 2);
  });

  it('end with the exchange, and nobody waits for ever', async () => {
    const world = await worldOf();
    const { hash } = secretOf('end');
    const paid = pay(world, hash);
    await stepUntil(world, () => isLocked(world, 'payer', 'one'));
    await world.node('payer').exchange.stop();
    await assertRejects(paid, 'SHUTTING_DOWN');
    await assertRejects(pay(world, hash), 'SHUTTING_DOWN');
  });
});
