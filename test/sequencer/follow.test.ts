import assert from 'node:assert/strict';
import { silentLogger } from '../../runtime/index.ts';
import { createFollowing, type FollowOptions } from '../../sequencer/replica/follow.ts';
import { createManualClock } from '../support/manual-clock.ts';

/** A follower of a journal that says to have so many entries, and gives those up to `given`. */
function createWorld(said: number) {
  const clock = createManualClock();
  const world = { given: 0, applied: 0, reads: 0 };
  const options = {
    storage: { log: { head: () => ({ sequence: world.applied, chain: Buffer.alloc(0) }) } },
    journal: {
      head: async () => ({ sequence: said }),
      async *read({ sequence }: { readonly sequence: number }) {
        world.reads += 1;
        for (let last = sequence + 1; last <= world.given; last += 1) yield { last, epoch: 1 };
      },
      watch: () => () => undefined,
    },
    applier: {
      async apply({ last }: { readonly last: number }) {
        world.applied = last;
      },
    },
    ...{ clock, logger: silentLogger, halt: () => assert.fail('it halts') },
  };
  return { world, clock, following: createFollowing(options as unknown as FollowOptions) };
}

describe('Replica: catching up', () => {
  it('has all that the journal had when it was asked', async () => {
    const { world, following } = createWorld(3);
    world.given = 3;
    assert.equal(await following.caughtUp(), true);
    assert.deepEqual([world.applied, world.reads], [3, 1]);
  });

  it('waits between two looks at a journal that gives less than it says to have', async () => {
    const { world, clock, following } = createWorld(3);
    world.given = 1;
    const caughtUp = following.caughtUp();
    for (let turn = 0; turn < 50; turn += 1) await clock.advance(0);
    assert.ok(world.reads <= 2, `${world.reads} reads in no time`);
    await clock.advance(5_000);
    assert.ok(world.reads <= 8, `${world.reads} reads in five seconds`);
    world.given = 3;
    await clock.advance(1_000);
    assert.equal(await caughtUp, true);
    assert.equal(world.applied, 3);
  });

  it('ends with what it has when it is stopped meanwhile', async () => {
    const { clock, following } = createWorld(3);
    const caughtUp = following.caughtUp();
    await clock.advance(0);
    await following.stop();
    await clock.advance(1_000);
    assert.equal(await caughtUp, false);
  });
});
