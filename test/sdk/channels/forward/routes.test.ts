/** Payments over three hubs in a row. */

import { strict as assert } from 'node:assert';
import { assertRejects } from '../../../support/assertions.ts';
import { createRouteWorld, type RouteWorld, routeOver } from '../../../support/channels/route-world.ts';
import { secretOf } from '../../../support/channels/secrets.ts';

const NAMES = ['payer', 'one', 'two', 'three', 'payee'];
const AMOUNT = 1_000n;

async function invoice(
  world: RouteWorld,
  name = 'payee',
  some: { amount?: bigint; expiresAt?: number } = {},
  seed = 'x',
) {
  const { secret, hash } = secretOf(seed);
  const base = { hash, secret, tokenId: 0, amount: AMOUNT, memo: '', expiresAt: world.now + 3_600 };
  await world.node(name).disk.addInvoice({ ...base, ...some });
  return { secret, hash };
}

/** Begins a payment along the row. */
function pay(world: RouteWorld, hash: string, some: Partial<ReturnType<typeof routeOver>> = {}, names = NAMES) {
  const route = { ...routeOver(names, { amount: AMOUNT, now: world.now }), ...some };
  const paid = world.node('payer').forwarder.pay({ hash, vault: world.vault('payer', 'one'), invoice: 'x', ...route });
  paid.catch(() => undefined);
  return paid;
}

describe('payments over hubs', () => {
  it('come to the payee over three hubs, each of which keeps its fee', async () => {
    const world = await createRouteWorld({ names: NAMES });
    const before = NAMES.map(world.money);
    const { secret, hash } = await invoice(world);
    const paid = pay(world, hash);
    await world.settle();
    assert.equal(await paid, secret);
    const gains = NAMES.map((name, place) => world.money(name) - before[place]!);
    assert.deepEqual(gains, [-1_038n, 13n, 13n, 12n, 1_000n]);
    assert.equal(world.open(), 0);
    for (const { trouble } of world.nodes.values()) assert.deepEqual(trouble, []);
  });
});
