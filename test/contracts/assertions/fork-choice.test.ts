import { headerHash } from '@quittance/protocol';
import { expect } from 'chai';
import { latestTime } from '../../support/contracts/deployment.ts';
import { declaring, refuses } from '../../support/contracts/refusal.ts';
import type { BuiltAssertion } from '../../support/optimistic/asserted-batch.ts';
import {
  assertBatch,
  assertionsBy,
  at,
  buildOn,
  commitTo,
  dispute,
  finalize,
  proveStep,
  sendAnswer,
  sendAssertion,
  sendDispute,
  sendProofs,
  sendStepProof,
  submitFinal,
  submitProven,
} from '../../support/optimistic/calls.ts';
import { assertionsFixture } from '../../support/optimistic/fixture.ts';
import { HOLDERS } from '../../support/optimistic/lie-scene.ts';
import { LIES } from '../../support/optimistic/lies.ts';
import { transferOf } from '../../support/optimistic/slot-scripts.ts';
import { createStepProof } from '../../support/optimistic/step-proof.ts';

const { alice, bob } = HOLDERS;

describe('fork choice', () => {
  /** A lie with two batches on it, and an honest batch beside it. */
  const fixture = assertionsFixture({}, async (world, tip) => {
    for (const { address } of [world.alice, world.owner]) await world.rollup.setProducer(address, true);
    const lie = await buildOn(world, tip, [{ slots: [LIES[0]!.script] }]);
    const child = await buildOn(world, lie, [{ slots: [transferOf(bob, alice.index, 1n)] }]);
    const grandchild = await buildOn(world, child, [{ slots: [transferOf(bob, alice.index, 2n)] }]);
    const honest = await buildOn(world, tip, [{ slots: [transferOf(alice, bob.index, 5n)] }]);
    const next = await buildOn(world, honest, [{ slots: [transferOf(bob, alice.index, 5n)] }]);
    return { tip, lie, child, grandchild, honest, next };
  });

  const creditOf = (signer: { readonly address: string }) => fixture.world.assertions.creditOf(signer.address);
  const release = (id: bigint) => assertionsBy(fixture.world, fixture.world.owner).releaseBond(id);
  const settle = (id: bigint) => assertionsBy(fixture.world, fixture.world.owner).settleDispute(id);
  const assertLieAndChildren = async () => {
    const { world, prepared } = fixture;
    await assertBatch(world, prepared.lie);
    await assertBatch(world, prepared.child, world.alice);
    await assertBatch(world, prepared.grandchild);
  };
  const rejectLie = async () => {
    const { world, prepared } = fixture;
    await dispute(world, 1n, prepared.lie);
    await sendAnswer(world, 1n, prepared.lie);
    await proveStep(world, prepared.lie, { assertionId: 1n, chunk: 0, slot: 0 });
  };

  describe('a rejected batch', () => {
    it('takes all that follow with it, and their asserters get their bonds back', async () => {
      const { world } = fixture;
      const { assertionBond } = world.optimistic;
      await assertLieAndChildren();
      await rejectLie();
      for (const id of [1n, 2n, 3n]) expect(await world.assertions.isPending(id)).to.equal(false);
      for (const number of [2n, 3n, 4n]) expect(await world.assertions.pendingId(number)).to.equal(0n);
      expect(await world.assertions.pendingRange()).to.deep.equal([1n, 1n]);
      expect(await creditOf(world.producer)).to.equal(0n);
      await expect(release(2n)).to.emit(world.assertions, 'BondReleased').withArgs(2);
      await expect(release(3n)).to.emit(world.assertions, 'BondReleased').withArgs(3);
      expect(await creditOf(world.alice)).to.equal(assertionBond);
      expect(await creditOf(world.producer)).to.equal(assertionBond);
      for (const id of [1n, 2n, 3n]) await refuses(world, release(id), 'NoBond', id);
    });

    it('leaves those before it as they were', async () => {
      const { world, prepared } = fixture;
      const lie = await buildOn(world, prepared.honest, [{ slots: [LIES[0]!.script] }]);
      await assertBatch(world, prepared.honest);
      const assertedAt = await latestTime(world);
      await assertBatch(world, lie);
      await dispute(world, 2n, lie);
      await sendAnswer(world, 2n, lie);
      await proveStep(world, lie, { assertionId: 2n, chunk: 0, slot: 0 });
      expect(await world.assertions.pendingRange()).to.deep.equal([1n, 2n]);
      expect(await assertBatch(world, prepared.next)).to.equal(3n);
      await at(world, assertedAt + world.optimistic.challengePeriod + 1);
      await finalize(world, prepared.honest);
    });

    it('gives disputes on removed batches back, answered or not, and nobody can act on them', async () => {
      const { world, prepared } = fixture;
      await assertLieAndChildren();
      await dispute(world, 2n, prepared.child, 0, { signer: world.owner });
      await dispute(world, 3n, prepared.grandchild, 0, { signer: world.owner });
      await sendAnswer(world, 3n, prepared.grandchild);
      await rejectLie();
      await world.l1.networkHelpers.time.increase(10 * world.optimistic.stepWindow);
      await refuses(world, sendAnswer(world, 2n, prepared.child, 0, { signer: world.alice }), 'AssertionNotPending', 2);
      await refuses(world, assertionsBy(world, world.bob).rejectUnanswered(2n, 0), 'AssertionNotPending', 2);
      await refuses(world, sendProofs(world, 2n, prepared.child), 'AssertionNotPending', 2);
      await refuses(world, sendDispute(world, 2n, prepared.child), 'AssertionNotPending', 2);
      for (const id of [1n, 2n, 3n]) {
        await expect(settle(id)).to.emit(world.assertions, 'DisputeSettled').withArgs(id, false);
      }
      expect(await creditOf(world.owner)).to.equal(2n * world.optimistic.disputeBond);
    });

    it('keeps giving disputes on removed batches back when proofs make the same batches final later', async () => {
      const { world, prepared } = fixture;
      const { answerWindow, stepWindow, disputeBond } = world.optimistic;
      await assertBatch(world, prepared.honest);
      await dispute(world, 1n, prepared.honest);
      await assertBatch(world, prepared.next);
      await dispute(world, 2n, prepared.next);
      await sendAnswer(world, 2n, prepared.next);
      await world.l1.networkHelpers.time.increase(answerWindow + stepWindow);
      await assertionsBy(world, world.alice).rejectUnanswered(1n, 0);
      await release(2n);
      await submitFinal(world, prepared.honest);
      await submitFinal(world, prepared.next);
      expect(await world.rollup.headerHash(prepared.next.header.number)).to.equal(prepared.next.headerHash);
      for (const id of [1n, 2n]) {
        await expect(settle(id)).to.emit(world.assertions, 'DisputeSettled').withArgs(id, false);
      }
      expect(await creditOf(world.bob)).to.equal(world.optimistic.assertionBond / 2n + 2n * disputeBond);
    });

    it('keeps giving them back when the same batches are asserted again and become final', async () => {
      const { world, prepared } = fixture;
      const { honest, next } = prepared;
      const { answerWindow, stepWindow, challengePeriod } = world.optimistic;
      await assertBatch(world, honest);
      await dispute(world, 1n, honest);
      await assertBatch(world, next);
      await dispute(world, 2n, next);
      await sendAnswer(world, 2n, next);
      await world.l1.networkHelpers.time.increase(answerWindow + stepWindow);
      await assertionsBy(world, world.alice).rejectUnanswered(1n, 0);
      await release(2n);
      await assertBatch(world, honest);
      await assertBatch(world, next);
      await world.l1.networkHelpers.time.increase(challengePeriod + 1);
      await finalize(world, honest, next);
      for (const id of [1n, 2n]) {
        await expect(settle(id)).to.emit(world.assertions, 'DisputeSettled').withArgs(id, false);
      }
    });

    it('gives the disputes of it back, though its answer stood for S before a step was proven wrong', async () => {
      const { world, prepared } = fixture;
      const { stepWindow, assertionBond, disputeBond } = world.optimistic;
      await assertBatch(world, prepared.lie);
      await dispute(world, 1n, prepared.lie, 0, { signer: world.owner });
      await sendAnswer(world, 1n, prepared.lie);
      await world.l1.networkHelpers.time.increase(stepWindow + 1);
      await proveStep(world, prepared.lie, { assertionId: 1n, chunk: 0, slot: 0 });
      await expect(settle(1n)).to.emit(world.assertions, 'DisputeSettled').withArgs(1, false);
      expect(await creditOf(world.owner)).to.equal(disputeBond);
      expect(await creditOf(world.bob)).to.equal(assertionBond / 2n);
      expect(await creditOf(world.producer)).to.equal(0n);
    });

    it('cannot be asserted on: the parent of the next batch is the one before it', async () => {
      const { world, prepared } = fixture;
      await assertLieAndChildren();
      await rejectLie();
      await refuses(
        world,
        sendAssertion(world, prepared.child),
        'WrongParent',
        headerHash(prepared.tip.header),
        prepared.lie.headerHash,
      );
      expect(await assertBatch(world, prepared.honest)).to.equal(4n);
      expect(await world.assertions.pendingId(2n)).to.equal(4n);
    });

    it('can be asserted again, with a new bond and without the old disputes', async () => {
      const { world, prepared } = fixture;
      await assertLieAndChildren();
      await rejectLie();
      await assertBatch(world, prepared.lie);
      expect(await world.assertions.isPending(4n)).to.equal(true);
      expect(await world.assertions.isPending(1n)).to.equal(false);
      const { firstDisputeId } = await world.assertions.chunkDisputes(4n, 0);
      expect(firstDisputeId).to.equal(0n);
      await refuses(world, sendDispute(world, 1n, prepared.lie), 'AssertionNotPending', 1);
      expect(await dispute(world, 4n, prepared.lie)).to.equal(2n);
    });

    it('of another asserter cannot be finalized under its number', async () => {
      const { world, prepared } = fixture;
      await assertLieAndChildren();
      await rejectLie();
      await assertBatch(world, prepared.honest);
      await world.l1.networkHelpers.time.increase(world.optimistic.challengePeriod + 1);
      await refuses(
        world,
        finalize(world, prepared.lie),
        'WrongAssertion',
        4,
        prepared.honest.headerHash,
        prepared.lie.headerHash,
      );
      await finalize(world, prepared.honest);
    });
  });

  describe('a proof on the last final batch', () => {
    it('overtakes all that waits there', async () => {
      const { world, prepared } = fixture;
      await assertLieAndChildren();
      await submitFinal(world, prepared.honest, world.owner);
      for (const id of [1n, 2n, 3n]) expect(await world.assertions.isPending(id)).to.equal(false);
      expect(await world.assertions.pendingRange()).to.deep.equal([2n, 2n]);
      expect(await world.assertions.isFinalizable()).to.equal(false);
      for (const id of [1n, 2n, 3n]) await release(id);
      expect(await creditOf(world.producer)).to.equal(2n * world.optimistic.assertionBond);
      expect(await creditOf(world.alice)).to.equal(world.optimistic.assertionBond);
    });

    it('gives bonds back in whatever state the disputes were', async () => {
      const { world, prepared } = fixture;
      await assertLieAndChildren();
      await dispute(world, 1n, prepared.lie);
      await dispute(world, 2n, prepared.child);
      await sendAnswer(world, 2n, prepared.child, 0, { signer: world.alice });
      await world.l1.networkHelpers.time.increase(world.optimistic.answerWindow + world.optimistic.stepWindow + 10);
      await submitFinal(world, prepared.honest);
      await refuses(world, assertionsBy(world, world.bob).rejectUnanswered(1n, 0), 'AssertionNotPending', 1);
      for (const id of [1n, 2n]) {
        await expect(settle(id)).to.emit(world.assertions, 'DisputeSettled').withArgs(id, false);
      }
      for (const id of [1n, 2n, 3n]) await release(id);
    });

    it('leaves a chain that is the same batch as it was, final or waiting', async () => {
      const { world, prepared } = fixture;
      await assertBatch(world, prepared.honest);
      await assertBatch(world, prepared.next);
      const assertedAt = await latestTime(world);
      await submitFinal(world, prepared.honest);
      expect(await world.assertions.isPending(1n)).to.equal(false);
      expect(await world.assertions.isPending(2n)).to.equal(true);
      expect(await world.assertions.pendingRange()).to.deep.equal([2n, 3n]);
      await release(1n);
      await at(world, assertedAt + world.optimistic.challengePeriod + 1);
      await finalize(world, prepared.next);
      expect(await world.rollup.headerHash(3)).to.equal(prepared.next.headerHash);
    });

    it('of the same batch is a proof of all its chunks: disputes on it get their bonds back, however late', async () => {
      const { world, prepared } = fixture;
      const { disputeBond, assertionBond, stepWindow } = world.optimistic;
      await assertBatch(world, prepared.honest);
      for (let count = 0; count < 3; count += 1) await dispute(world, 1n, prepared.honest);
      await sendAnswer(world, 1n, prepared.honest);
      await submitFinal(world, prepared.honest);
      const expectBack = (id: bigint) =>
        expect(settle(id)).to.emit(world.assertions, 'DisputeSettled').withArgs(id, false);
      await expectBack(1n);
      await world.l1.networkHelpers.time.increase(10 * stepWindow);
      await expectBack(2n);
      await release(1n);
      await expectBack(3n);
      expect(await creditOf(world.bob)).to.equal(3n * disputeBond);
      expect(await creditOf(world.producer)).to.equal(assertionBond);
    });

    it('of later batches too: what follows a batch of the same number but another hash stays removed', async () => {
      const { world, prepared } = fixture;
      await assertLieAndChildren();
      await submitFinal(world, prepared.honest);
      await submitFinal(world, prepared.next);
      expect(await world.assertions.pendingRange()).to.deep.equal([3n, 3n]);
      expect(await world.assertions.isPending(3n)).to.equal(false);
      const after = await buildOn(world, prepared.next, [{ slots: [] }]);
      expect(await assertBatch(world, after)).to.equal(4n);
      expect(await world.assertions.pendingId(4n)).to.equal(4n);
      expect(await world.assertions.isPending(3n)).to.equal(false);
      expect(await world.assertions.pendingRange()).to.deep.equal([3n, 4n]);
    });

    it('lets the next batch be asserted on it at once', async () => {
      const { world, prepared } = fixture;
      await assertLieAndChildren();
      await submitFinal(world, prepared.honest);
      expect(await assertBatch(world, prepared.next)).to.equal(4n);
      const { header } = prepared.next;
      expect(await world.assertions.pendingId(BigInt(header.number))).to.equal(4n);
      expect(await world.assertions.isPending(2n)).to.equal(false);
      await refuses(world, sendDispute(world, 2n, prepared.child), 'AssertionNotPending', 2);
    });

    it('is not undone by a step proof that comes later', async () => {
      const { world, prepared } = fixture;
      await assertBatch(world, prepared.lie);
      await dispute(world, 1n, prepared.lie);
      await sendAnswer(world, 1n, prepared.lie);
      const proof = createStepProof(prepared.lie, { assertionId: 1n, chunk: 0, slot: 0 });
      await commitTo(world, prepared.lie, proof);
      await submitFinal(world, prepared.honest);
      await refuses(world, sendStepProof(world, proof), 'AssertionNotPending', 1);
      await release(1n);
    });

    it('is refused on a batch that waits', async () => {
      const { world, prepared } = fixture;
      await assertBatch(world, prepared.honest);
      await expect(submitFinal(world, prepared.next)).to.be.revertedWithCustomError(
        declaring(world, 'WrongParent'),
        'WrongParent',
      );
    });
  });

  it('goes on with another producer, on the same waiting chain', async () => {
    const { world, prepared } = fixture;
    await assertBatch(world, prepared.honest);
    await world.rollup.setProducer(world.producer.address, false);
    await assertBatch(world, prepared.next, world.alice);
    await world.l1.networkHelpers.time.increase(world.optimistic.challengePeriod + 1);
    await finalize(world, prepared.honest, prepared.next);
    expect(await creditOf(world.producer)).to.equal(world.optimistic.assertionBond);
    expect(await creditOf(world.alice)).to.equal(world.optimistic.assertionBond);
  });

  it('mixes asserted and proven batches freely', async () => {
    const { world, prepared } = fixture;
    await assertBatch(world, prepared.honest);
    const chain: BuiltAssertion[] = [prepared.honest, prepared.next];
    await submitProven(world, prepared.next, world.alice);
    for (const slots of [[transferOf(alice, bob.index, 1n)], [], []]) {
      chain.push(await buildOn(world, chain.at(-1)!, [{ slots }]));
    }
    await assertBatch(world, chain[2]!);
    await submitProven(world, chain[3]!);
    const assertedAt = await latestTime(world);
    await sendProofs(world, 1n, prepared.honest);
    await finalize(world, chain[0]!, chain[1]!);
    await expect(finalize(world, chain[2]!)).to.be.revertedWithCustomError(declaring(world, 'TooEarly'), 'TooEarly');
    await at(world, assertedAt + world.optimistic.challengePeriod + 1);
    await finalize(world, chain[2]!, chain[3]!);
    await submitFinal(world, chain[4]!);
    expect((await world.rollup.finalState())[0]).to.equal(6n);
  });
});
