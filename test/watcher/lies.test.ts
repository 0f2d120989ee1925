import { strict as assert } from 'node:assert';
import { assertionsFixture } from '../support/assertions-fixture.ts';
import { assertBatch, buildOn, sendAnswer } from '../support/assertions-world.ts';
import { HOLDERS } from '../support/lie-scene.ts';
import { LIES } from '../support/lies.ts';
import { transferOf } from '../support/slot-scripts.ts';
import { actionsOf, chunkOf, HONEST, watch } from './support.ts';

const { alice, bob } = HOLDERS;

describe('Watcher: every lie that a record can tell', () => {
  const fixture = assertionsFixture();

  for (const { name, script } of LIES) {
    it(`is found at the first look and overturned: ${name}`, async () => {
      const { world, prepared } = fixture;
      const lying = chunkOf(transferOf(bob, alice.index, 5n), script);
      const built = await buildOn(world, prepared.tip, [HONEST, lying]);
      const id = await assertBatch(world, built);
      const watcher = await watch(world, prepared.tip, { mode: 'challenge', signer: world.bob });
      assert.deepEqual(actionsOf(await watcher.poll()), ['dispute done']);
      await sendAnswer(world, id, built, 1);
      assert.deepEqual(actionsOf(await watcher.poll()), ['commit done']);
      assert.deepEqual(actionsOf(await watcher.poll()), ['prove done']);
      assert.equal((await watcher.poll()).waiting.length, 0);
      const { isRejected } = (await world.assertions.getFunction('assertion')(id)) as { isRejected: boolean };
      assert.equal(isRejected, true);
    });
  }
});
