/**
 * The payer's process ends, or its disk fails, at each point at which something is written or sent; the next process pays once,
 * counted on both ledgers. In memory, and with its channels and its journal in a file of which nothing is left but what was written.
 */

import assert from 'node:assert/strict';
import { assertRejects } from '../../../support/assertions.ts';
import {
  createRouterWorld,
  RECEIVER,
  type RouterWorld,
  type RouterWorldOptions,
} from '../../../support/channels/router-world.ts';
import { createStoreDisk, DISK_FAILURES, failCommits, type StoreDisk } from '../../../support/channels/store-disk.ts';

const AMOUNT = 1_000n;

/** How the world is, so that a payment takes each of the ways. */
const SCENES: readonly (readonly [title: string, way: string, options: RouterWorldOptions, isPayeeAway: boolean])[] = [
  ['in a channel', 'channel', {}, false],
  ['on the rollup', 'rollup', { capacity: AMOUNT }, false],
  ['on the rollup until it is final', 'rollup', { capacity: AMOUNT, router: { finalAbove: () => 1n } }, false],
  ['on the rollup, after a channel gave it back', 'rollup', {}, true],
];

interface RunOptions {
  readonly isPayeeAway: boolean;
  readonly comesBack: boolean;
  readonly crashAt: number;
  readonly disk?: StoreDisk | undefined;
}

const withDisk = (disk: StoreDisk | undefined) => (disk === undefined ? {} : { disk });

async function prepare(options: RouterWorldOptions, isPayeeAway: boolean) {
  const scene = await createRouterWorld(options);
  if (isPayeeAway) scene.world.cut('hub', 'payee');
  scene.sequencer.finals.resolve();
  const order = { to: [RECEIVER, await scene.invoice(AMOUNT)], amount: AMOUNT, idempotencyKey: 'order 7' };
  return { scene, order, before: scene.world.money('payer') };
}
type Prepared = Awaited<ReturnType<typeof prepare>>;

/** Pays with the key that was used before a failure. @returns the payment, which was made once. */
async function payAgain({ scene, order, before }: Prepared, when: string) {
  const { world } = scene;
  const again = scene.router.pay(order);
  assert.ok(await scene.drive(again), `no end ${when}`);
  const paid = await again;
  await world.settle();
  await world.advance(60);
  assert.equal(scene.received(), AMOUNT, `paid ${scene.received()} ${when}`);
  assert.equal(world.open(), 0);
  const left = before - world.money('payer');
  assert.equal(left, paid.way === 'channel' ? AMOUNT + paid.fee : 0n);
  assert.equal(scene.sequencer.taken.size, paid.way === 'rollup' ? 1 : 0);
  return paid;
}

/** The receipt is there for whatever process comes later. */
async function requireReceipt(scene: RouterWorld, paid: Awaited<ReturnType<typeof payAgain>>, text: string) {
  if (paid.way !== 'channel') return;
  const hash = /hash=(0x[0-9a-f]{64})/.exec(text)![1]!;
  assert.equal((await scene.world.node('payer').disk.payment(hash))?.receipt?.secret, paid.secret);
}

/** @returns how many points there were, and the way that paid. */
async function run(options: RouterWorldOptions, { isPayeeAway, comesBack, crashAt, disk }: RunOptions) {
  const prepared = await prepare({ ...options, crashAt, ...withDisk(disk) }, isPayeeAway);
  const { scene, order } = prepared;
  scene.begin();
  const first = scene.router.pay(order);
  first.catch(() => undefined);
  const isOver = await scene.drive(first);
  const { points } = scene;
  await scene.revive(isPayeeAway && !comesBack ? 'payee' : undefined);
  const when = `after a crash at ${crashAt}`;
  const paid = await payAgain(prepared, when);
  if (isOver) assert.deepEqual(await first, paid);
  await scene.restart();
  assert.deepEqual(await payAgain(prepared, `${when}, and another one`), paid);
  await requireReceipt(scene, paid, `${order.to[1]}`);
  return { points, way: paid.way, isOver };
}

for (const [where, createDisk] of [
  ['in memory', () => undefined],
  ['on a disk', createStoreDisk],
] as const) {
  describe(`a payment by the router of a process that ends, with its journal ${where}`, () => {
    for (const [title, way, options, isPayeeAway] of SCENES) {
      it(`at any point is made once ${title}`, async () => {
        const runOnce = async (crashAt: number, comesBack: boolean) => {
          const disk = createDisk();
          try {
            return await run(options, { isPayeeAway, comesBack, crashAt, disk });
          } finally {
            disk?.remove();
          }
        };
        const whole = await runOnce(-1, false);
        assert.ok(whole.isOver && whole.points >= 6, `${whole.points} points`);
        assert.equal(whole.way, way);
        for (let crashAt = 0; crashAt < whole.points; crashAt += 1) {
          for (const comesBack of [false, true]) {
            const { way: taken } = await runOnce(crashAt, comesBack);
            // Another way is there by then: taken only if nothing was signed for the rollup.
            if (!isPayeeAway || !comesBack) assert.equal(taken, way, `${crashAt}`);
          }
        }
      });
    }
  });
}

describe('a payment by the router of a process whose disk fails', () => {
  /** Commits before anything is said of the payment: the entry, and what is begun. */
  const FIRST = 2;
  let disk: StoreDisk;
  beforeEach(() => {
    disk = createStoreDisk();
  });
  afterEach(() => disk.remove());

  /** @returns how many commits a payment has that fails from one of them on, and is made by the next process. */
  async function runFailing(
    options: RouterWorldOptions,
    isPayeeAway: boolean,
    { from, failure }: { readonly from: number; readonly failure: (typeof DISK_FAILURES)[number] },
  ): Promise<number> {
    const prepared = await prepare({ ...options, disk }, isPayeeAway);
    const { scene, order, before } = prepared;
    const failing = failCommits(from, failure);
    const first = scene.router.pay(order);
    const told = first.then(
      () => 'paid',
      (error: { readonly code?: string }) => error.code,
    );
    const isOver = await scene.drive(first).finally(failing.mend);
    if (isOver && from < failing.commits) assert.equal(await told, failure);
    if (from < FIRST) {
      assert.ok(isOver);
      assert.deepEqual([scene.sequencer.taken.size, scene.world.open(), scene.world.money('payer')], [0, 0, before]);
    }
    const { commits } = failing;
    scene.world.crash('payer');
    await scene.revive(isPayeeAway ? 'payee' : undefined);
    await payAgain(prepared, `after ${failure} from commit ${from} on`);
    return commits;
  }

  for (const [title, , options, isPayeeAway] of SCENES) {
    for (const failure of DISK_FAILURES) {
      it(`with ${failure} at any commit is made once ${title}, and not begun before it is written down`, async () => {
        const commits = await runFailing(options, isPayeeAway, { from: Number.MAX_SAFE_INTEGER, failure });
        assert.ok(commits >= FIRST, `${commits} commits`);
        for (let from = 0; from < commits; from += 1) {
          disk.remove();
          disk = createStoreDisk();
          await runFailing(options, isPayeeAway, { from, failure });
        }
      });
    }
  }

  it('is refused when what the journal has of it is of no state that is known', async () => {
    const { scene, order } = await prepare({ disk }, false);
    const known = { order: { receiver: RECEIVER, invoice: order.to[1], amount: `${AMOUNT}`, tokenId: 0 } };
    for (const step of [{ type: 'soon' }, { type: 'channel' }, { type: 'paid', paid: { way: 'by hand', fee: '1' } }]) {
      await disk.store.journal.put(order.idempotencyKey, JSON.stringify({ ...known, step }));
      const paid = scene.router.pay(order);
      assert.ok(await scene.drive(paid));
      await assertRejects(paid, 'DATABASE_DAMAGED');
      await scene.restart();
    }
    assert.deepEqual([scene.received(), scene.sequencer.signed], [0n, 0]);
    await disk.store.journal.put(order.idempotencyKey, JSON.stringify({ ...known, step: { type: 'open' } }));
    const paid = scene.router.pay(order);
    assert.ok(await scene.drive(paid));
    assert.equal((await paid).way, 'channel');
  });
});
