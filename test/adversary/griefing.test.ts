import { strict as assert } from 'node:assert';
import { Arena } from '../support/adversary/arena.ts';
import { GRIEFED_CHUNKS, grief } from '../support/adversary/griefing.ts';
import { assertionsBy, sendDispute } from '../support/optimistic/calls.ts';

describe('false disputes of an honest batch', () => {
  let arena: Arena;
  beforeEach(async () => {
    arena = await Arena.open({ slotsPerChunk: 4, maxChunks: GRIEFED_CHUNKS });
  });

  for (const isSlow of [false, true]) {
    const who = isSlow ? 'in the last moment' : 'at once';
    it(`delay it no longer than the protocol says, whoever answers ${who}`, async () => {
      const report = await grief(arena, { disputes: 20, isSlow });
      const { challengePeriod, stepWindow, disputeBond } = arena.world.optimistic;
      const bound = isSlow ? report.boundSeconds : challengePeriod + stepWindow + 10;
      assert.ok(report.delaySeconds > challengePeriod && report.delaySeconds <= bound, `${report.delaySeconds} s`);
      assert.equal(report.isFinal, true);
      assert.deepEqual(report.stepErrors, ['NoFraud', 'NoFraud', 'NoFraud', 'WrongStateBefore']);
      assert.equal(report.tooLate, 'TooLate');
      assert.equal(report.grieferBondWei, Number(disputeBond));
    });
  }

  it('delay it no longer when they are the asserter’s own', async () => {
    const report = await grief(arena, { disputes: 9, isSlow: true, isSelf: true });
    assert.equal(report.isFinal, true);
    assert.ok(report.delaySeconds <= report.boundSeconds, `${report.delaySeconds} s`);
  });

  it('cost an absent asserter its batch, which counts as harm', async () => {
    const { world } = arena;
    const batch = await arena.assertHonest();
    await sendDispute(world, batch.assertionId, batch.built);
    await arena.pass(world.optimistic.answerWindow + 1);
    await assertionsBy(world, world.bob).rejectUnanswered(batch.assertionId, 0);
    assert.deepEqual(await arena.settleHonest(), [batch]);
  });
});
