import { strict as assert } from 'node:assert';
import { Arena } from '../support/adversary/arena.ts';
import { REFUSALS, tryRefusal, trySkipping } from '../support/adversary/refusals.ts';

describe('the adversary: what L1 refuses at once', () => {
  let arena: Arena;
  before(async () => {
    arena = await Arena.open();
  });

  for (const refusal of REFUSALS) {
    it(`is ${refusal.name}`, async () => {
      assert.equal(await tryRefusal(arena, refusal), refusal.error);
    });
  }

  it('is leaving an operation that is overdue', async () => {
    assert.equal(await trySkipping(arena), 'OverdueOperationSkipped');
  });

  it('is nothing of an honest batch', async () => {
    await arena.assertHonest();
    assert.equal(arena.operations.length, 0);
    assert.deepEqual(await arena.settleHonest(), []);
  });
});
