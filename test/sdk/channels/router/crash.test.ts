/** The payer's process ends at each point at which something is written or sent; the next one pays once, counted on both ledgers. */

import assert from 'node:assert/strict';
import { createRouterWorld, RECEIVER, type RouterWorldOptions } from '../../../support/channels/router-world.ts';

const AMOUNT = 1_000n;

/** How the world is, so that a payment takes each of the ways. */
const SCENES: readonly (readonly [title: string, way: string, options: RouterWorldOptions, isPayeeAway: boolean])[] = [
  ['in a channel', 'channel', {}, false],
  ['on the rollup', 'rollup', { capacity: AMOUNT }, false],
  ['on the rollup until it is final', 'rollup', { capacity: AMOUNT, router: { finalAbove: () => 1n } }, false],
  ['on the rollup, after a channel gave it back', 'rollup', {}, true],
];

/** @returns how many points there were, and the way that paid. */
async function run(
  options: RouterWorldOptions,
  { isPayeeAway, comesBack, crashAt }: { isPayeeAway: boolean; comesBack: boolean; crashAt: number },
) {
  const scene = await createRouterWorld({ ...options, crashAt });
  const { world } = scene;
  if (isPayeeAway) world.cut('hub', 'payee');
  scene.sequencer.finals.resolve();
  const order = { to: [RECEIVER, await scene.invoice(AMOUNT)], amount: AMOUNT, idempotencyKey: 'order 7' };
  const before = world.money('payer');
  scene.begin();
  const first = scene.router.pay(order);
  first.catch(() => undefined);
  const isOver = await scene.drive(first);
  const { points } = scene;
  await scene.revive(isPayeeAway && !comesBack ? 'payee' : undefined);
  const second = scene.router.pay(order);
  assert.ok(await scene.drive(second), `no end after a crash at ${crashAt}`);
  const paid = await second;
  await world.settle();
  await world.advance(60);
  assert.equal(scene.received(), AMOUNT, `paid ${scene.received()} after a crash at ${crashAt}`);
  assert.equal(world.open(), 0);
  const left = before - world.money('payer');
  assert.equal(left, paid.way === 'channel' ? AMOUNT + paid.fee : 0n);
  assert.equal(scene.sequencer.taken.size, paid.way === 'rollup' ? 1 : 0);
  if (isOver) assert.deepEqual(await first, paid);
  return { points, way: paid.way, isOver };
}

describe('a payment by the router of a process that ends', () => {
  for (const [title, way, options, isPayeeAway] of SCENES) {
    it(`at any point is made once ${title}`, async () => {
      const whole = await run(options, { isPayeeAway, comesBack: false, crashAt: -1 });
      assert.ok(whole.isOver && whole.points >= 6, `${whole.points} points`);
      assert.equal(whole.way, way);
      for (let crashAt = 0; crashAt < whole.points; crashAt += 1) {
        for (const comesBack of [false, true]) {
          const { way: taken } = await run(options, { isPayeeAway, comesBack, crashAt });
          // Another way is there by then: taken only if nothing was signed for the rollup.
          if (!isPayeeAway || !comesBack) assert.equal(taken, way, `${crashAt}`);
        }
      }
    });
  }
});
