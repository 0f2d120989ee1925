import { strict as assert } from 'node:assert';
import { Arena } from '../support/adversary/arena.ts';
import { SEQUENCES } from '../support/adversary/sequences.ts';

describe('the adversary against the watcher, with company', () => {
  let arena: Arena;
  before(async () => {
    arena = await Arena.open();
  });
  beforeEach(() => arena.assertHonest());

  for (const [name, sequence] of Object.entries(SEQUENCES)) {
    it(`overturns ${name}`, async () => {
      const { overturned, polls } = await sequence(arena);
      assert.deepEqual([overturned, polls], [true, 1]);
    });
  }

  it('leaves the honest batches between them alone', async () => {
    assert.deepEqual(await arena.settleHonest(), []);
  });
});
