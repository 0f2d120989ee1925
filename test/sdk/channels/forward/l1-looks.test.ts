/** Looks at L1: a few at a time, each hash now and then, and a secret is shown until L1 has it. */

import { strict as assert } from 'node:assert';
import { createLooks, MOST_LOOKS } from '../../../../packages/sdk/channels/forward/l1-looks.ts';
import { secretOf } from '../../../support/channels/secrets.ts';

const setUp = () => {
  const world = { now: 1_000, asked: [] as string[], shown: [] as string[], failure: undefined as Error | undefined };
  const times = new Map<string, number>();
  const answer = async <T>(value: T): Promise<T> => {
    if (world.failure !== undefined) throw world.failure;
    return value;
  };
  const troubles: Error[] = [];
  const looks = createLooks({
    now: () => world.now,
    onTrouble: (error) => void troubles.push(error),
    l1: {
      time: () => answer(world.now - 30),
      revealedAt(hash) {
        world.asked.push(hash);
        return answer(times.get(hash));
      },
      secretOf: (hash) => answer(times.has(hash) ? `secret of ${hash}` : undefined),
      reveal(secret) {
        world.shown.push(secret);
        return answer(undefined);
      },
    },
  });
  return { world, times, looks, troubles };
};
const { hash, secret } = secretOf('x');
const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('looks at L1 for secrets', () => {
  it('are so many at once, the others come next, and each again after ten seconds', async () => {
    const { world, looks } = setUp();
    await looks.ask();
    const hashes = Array.from({ length: MOST_LOOKS + 3 }, (_, place) => `hash ${place}`);
    assert.equal((await looks.look(hashes)).length, MOST_LOOKS);
    assert.deepEqual(await looks.look(hashes), hashes.slice(MOST_LOOKS));
    assert.deepEqual(await looks.look(hashes), []);
    world.now += 9;
    assert.deepEqual(await looks.look(hashes), []);
    world.now += 1;
    assert.equal((await looks.look(hashes)).length, MOST_LOOKS);
    assert.equal(world.asked.length, 2 * MOST_LOOKS + 3);
  });

  it('say as of which time of L1 there was no secret, and which there is', async () => {
    const { world, times, looks } = setUp();
    assert.deepEqual(looks.timesOf(hash), { now: 1_000, l1: 0, shownAt: undefined, unshownAt: undefined });
    await looks.ask();
    await looks.look([hash]);
    assert.deepEqual(looks.timesOf(hash), { now: 1_000, l1: 970, shownAt: undefined, unshownAt: 970 });
    times.set(hash, 980);
    world.now += 10;
    await looks.look([hash]);
    assert.deepEqual(looks.timesOf(hash), { now: 1_010, l1: 970, shownAt: 980, unshownAt: 970 });
    assert.equal(looks.secretOf(hash), `secret of ${hash}`);
    world.now += 100;
    assert.deepEqual(await looks.look([hash]), []);
    looks.forget(hash);
    assert.equal(looks.shownAt(hash), undefined);
  });

  it('that fail say nothing, and are done again', async () => {
    const { world, looks, troubles } = setUp();
    await looks.ask();
    world.failure = new Error('no answer');
    await looks.ask();
    assert.deepEqual(await looks.look([hash, 'other']), []);
    assert.equal(troubles.length, 3);
    assert.deepEqual(looks.timesOf(hash), { now: 1_000, l1: 970, shownAt: undefined, unshownAt: undefined });
    world.failure = undefined;
    world.now += 10;
    assert.deepEqual(await looks.look([hash]), [hash]);
  });

  it('say that there was no secret as of the block that was read, though another node was further', async () => {
    const { world, looks } = setUp();
    await looks.ask();
    world.now -= 500;
    await looks.ask();
    await looks.look([hash]);
    const { l1, unshownAt } = looks.timesOf(hash);
    assert.deepEqual([l1, unshownAt], [970, 470]);
  });

  it('show a secret once while that is under way, again ten seconds after it failed, and not once L1 has it', async () => {
    const { world, times, looks, troubles } = setUp();
    world.failure = new Error('no answer');
    looks.reveal(hash, secret);
    looks.reveal(hash, secret);
    await turn();
    assert.deepEqual([world.shown.length, troubles.length], [1, 1]);
    world.failure = undefined;
    world.now += 9;
    looks.reveal(hash, secret);
    assert.equal(world.shown.length, 1);
    world.now += 1;
    looks.reveal(hash, secret);
    looks.reveal(hash, secret);
    await turn();
    assert.equal(world.shown.length, 2);
    times.set(hash, 1_005);
    await looks.look([hash]);
    world.now += 100;
    looks.reveal(hash, secret);
    assert.equal(world.shown.length, 2);
  });

  it('show a secret that came into a block again only when L1, later than that, does not have it', async () => {
    const { world, looks } = setUp();
    looks.reveal(hash, secret);
    await turn();
    for (const seconds of [20, 20]) {
      world.now += seconds;
      looks.reveal(hash, secret);
      await turn();
    }
    assert.equal(world.shown.length, 1);
    await looks.ask();
    await looks.look([hash]);
    looks.reveal(hash, secret);
    await turn();
    assert.equal(world.shown.length, 2);
  });
});
