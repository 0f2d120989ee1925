/** A failure at each write, send and receipt of payers, hubs and payees, by 200 seeds: nobody loses, and nothing is left over. */

import { strict as assert } from 'node:assert';
import { createRouteWorld, type FaultPoint, ROUTE_POLICY, routeOver } from '../../../support/channels/route-world.ts';
import { secretOf } from '../../../support/channels/secrets.ts';
import { createRandom } from '../../../support/property/random.ts';

const NAMES = ['payer', 'one', 'two', 'three', 'payee'];
const SEEDS = 200;
const PAYMENTS = 4;

/** A payment that is tried, from one end of a part of the row to its other. */
interface Attempt {
  readonly hash: string;
  readonly secret: string;
  readonly path: readonly string[];
  readonly route: ReturnType<typeof routeOver>;
  readonly isInvoiced: boolean;
}

async function run(seed: number): Promise<{ readonly paid: number; readonly faults: number }> {
  const random = createRandom(`route failures ${seed}`);
  const rate = random.pick([0.01, 0.03, 0.08]);
  let count = 0;
  const faults = (point: FaultPoint) => {
    if (!random.chance(rate)) return 'none';
    count += 1;
    return point === 'write' || point === 'written' ? 'crash' : random.pick(['crash', 'cut'] as const);
  };
  const world = await createRouteWorld({ names: NAMES, share: 40_000n, faults });
  const before = new Map(NAMES.map((name) => [name, world.money(name)]));

  const attempts: Attempt[] = [];
  for (let place = 0; place < PAYMENTS; place += 1) {
    const row = random.chance(0.3) ? NAMES.toReversed() : NAMES;
    const path = row.slice(0, 2 + random.below(4));
    const amount = BigInt(1_000 + random.below(2_000));
    const { secret, hash } = secretOf(`${seed} ${place}`);
    const isInvoiced = random.chance(0.85);
    const invoice = { hash, secret, tokenId: 0, amount, memo: '', expiresAt: world.now + 7_200 };
    if (isInvoiced) await world.node(path.at(-1)!).disk.addInvoice(invoice);
    attempts.push({ hash, secret, path, isInvoiced, route: routeOver(path, { amount, now: world.now }) });
  }
  const outcomes = new Map<string, string>();
  const begin = ({ hash, path, route }: Attempt): void => {
    const [payer, next] = [path[0]!, path[1]!];
    if (!world.node(payer).isUp) return;
    const paid = world.node(payer).forwarder.pay({ hash, vault: world.vault(payer, next), invoice: 'x', ...route });
    paid.then((secret) => outcomes.set(hash, secret)).catch(() => undefined);
  };
  const revive = async (): Promise<void> => {
    for (const node of world.nodes.values()) if (!node.isUp) await world.start(node.name);
    world.connectAll();
  };

  const swap = (): void => {
    const { vault, between } = random.pick(world.wires);
    const node = world.node(random.pick(between));
    if (!node.isUp) return;
    const { capacity } = node.exchange.record(vault)!;
    node.exchange.want(vault, { type: 'swap', by: 'residual', capacity }).catch(() => undefined);
  };

  for (let step = 0; step < 120; step += 1) {
    if (random.chance(0.05)) swap();
    world.l1.isDown = random.chance(0.1);
    if (random.chance(0.1)) begin(random.pick(attempts));
    for (let deliveries = random.below(8); deliveries > 0; deliveries -= 1) await world.step();
    if (random.chance(0.15)) await revive();
    if (random.chance(0.1)) await world.advance(random.below(60));
    if (random.chance(0.02)) {
      // Nobody is away for longer than policies have time for: who is, may lose.
      world.l1.isDown = false;
      await revive();
      await world.tick();
      await world.advance(random.below(ROUTE_POLICY.revealBefore));
    }
  }
  world.stopFaults();
  world.l1.isDown = false;
  for (let hour = 0; hour < 50 && (hour < 3 || world.open() > 0); hour += 1) {
    await revive();
    await world.settle();
    await world.advance(900);
  }
  await world.advance(60);

  assert.equal(world.open(), 0, 'HTLCs are left');
  const expected = new Map(before);
  const move = (name: string, amount: bigint): void => void expected.set(name, expected.get(name)! + amount);
  let paidCount = 0;
  for (const { hash, secret, path, route } of attempts) {
    const [payer, payee] = [path[0]!, path.at(-1)!];
    const [invoice] = await world.node(payee).disk.invoices([hash]);
    const receipt = (await world.node(payer).disk.payment(hash))?.receipt?.secret;
    const isPaid = invoice?.paid !== undefined;
    assert.equal(receipt, isPaid ? secret : undefined, 'the payer has the receipt if and only if the payee was paid');
    if (outcomes.has(hash)) assert.equal(outcomes.get(hash), secret);
    if (!isPaid) continue;
    paidCount += 1;
    const amounts = [route.amount, ...route.onward.map(({ amount }) => amount)];
    for (const [place, amount] of amounts.entries()) {
      move(path[place]!, -amount);
      move(path[place + 1]!, amount);
    }
  }
  for (const name of NAMES) assert.equal(world.money(name), expected.get(name), `money of ${name}`);
  for (const { name, disk } of world.nodes.values()) assert.deepEqual(await disk.htlcs(), [], `kept by ${name}`);
  return { paid: paidCount, faults: count };
}

describe('payments over hubs that fail', () => {
  it('are made once or not at all, for 200 seeds', async function () {
    this.timeout(120_000);
    const total = { paid: 0, faults: 0 };
    for (let seed = 0; seed < SEEDS; seed += 1) {
      try {
        const { paid, faults } = await run(seed);
        total.paid += paid;
        total.faults += faults;
      } catch (error) {
        throw new Error(`seed ${seed}: ${(error as Error).message}`, { cause: error });
      }
    }
    assert.ok(total.paid > SEEDS && total.faults > 2 * SEEDS, JSON.stringify(total));
  });
});
