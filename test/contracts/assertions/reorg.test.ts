import { expect } from 'chai';
import { refuses } from '../../support/contracts/refusal.ts';
import {
  assertBatch,
  buildOn,
  commitTo,
  dispute,
  finalize,
  sendAnswer,
  sendDispute,
  sendProofs,
  sendStepProof,
} from '../../support/optimistic/calls.ts';
import { assertionsFixture } from '../../support/optimistic/fixture.ts';
import { HOLDERS } from '../../support/optimistic/lie-scene.ts';
import { LIES } from '../../support/optimistic/lies.ts';
import { transferOf } from '../../support/optimistic/slot-scripts.ts';
import { createStepProof } from '../../support/optimistic/step-proof.ts';

const { alice, bob } = HOLDERS;

describe('after a reorg gave an id to another batch', () => {
  /** What was prepared for `first`, the old batch 1, meets `second`, the new one. Both have the same number and id. */
  const fixture = assertionsFixture({}, async (world, tip) => {
    const first = await buildOn(world, tip, [{ slots: [LIES[0]!.script] }]);
    const second = await buildOn(world, tip, [{ slots: [transferOf(alice, bob.index, 5n)] }]);
    const snapshot = await world.l1.networkHelpers.takeSnapshot();
    expect(await assertBatch(world, first)).to.equal(1n);
    await dispute(world, 1n, first);
    await sendAnswer(world, 1n, first);
    await snapshot.restore();
    expect(await assertBatch(world, second)).to.equal(1n);
    return { first, second };
  });

  const refusesOther = (sent: Promise<unknown>) =>
    refuses(
      fixture.world.assertions,
      sent,
      'WrongAssertion',
      1,
      fixture.prepared.second.headerHash,
      fixture.prepared.first.headerHash,
    );
  const refusesContent = (sent: Promise<unknown>) =>
    refuses(
      fixture.world.assertions,
      sent,
      'WrongContent',
      fixture.prepared.second.contentHash,
      fixture.prepared.first.contentHash,
    );

  it('a dispute of the old one is refused: no bond is lost to an honest batch', async () => {
    const { world, prepared } = fixture;
    await refusesOther(sendDispute(world, 1n, prepared.first));
  });

  it('an answer for the old one is refused: the one answer is kept for the new one', async () => {
    const { world, prepared } = fixture;
    await dispute(world, 1n, prepared.second);
    await refusesOther(sendAnswer(world, 1n, prepared.first));
    await sendAnswer(world, 1n, prepared.second);
  });

  it('proofs of the old one are refused', async () => {
    const { world, prepared } = fixture;
    await refusesContent(sendProofs(world, 1n, prepared.first));
    await sendProofs(world, 1n, prepared.second);
  });

  it('a step of the old one is refused', async () => {
    const { world, prepared } = fixture;
    await dispute(world, 1n, prepared.second);
    await sendAnswer(world, 1n, prepared.second);
    const proof = createStepProof(prepared.first, { assertionId: 1n, chunk: 0, slot: 0 });
    await commitTo(world, prepared.first, proof);
    await refusesContent(sendStepProof(world, proof));
  });

  it('the old one cannot be made final', async () => {
    const { world, prepared } = fixture;
    await world.l1.networkHelpers.time.increase(world.optimistic.challengePeriod + 1);
    await refusesOther(finalize(world, prepared.first));
    await finalize(world, prepared.second);
  });
});
