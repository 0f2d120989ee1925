import { packOwnerAndToken, RecordKind } from '@quittance/protocol';
import { expect } from 'chai';
import { record } from '../../support/contracts/batch.ts';
import { latestTime } from '../../support/contracts/deployment.ts';
import { refuses } from '../../support/contracts/refusal.ts';
import { connectedTo } from '../../support/contracts/types.ts';
import {
  assertBatch,
  assertionsBy,
  at,
  buildOn,
  dispute,
  finalize,
  sendAnswer,
  sendAssertion,
  sendDispute,
  sendProofs,
  sendProven,
} from '../../support/optimistic/calls.ts';
import { assertionsFixture } from '../../support/optimistic/fixture.ts';
import { HOLDERS } from '../../support/optimistic/lie-scene.ts';
import { priorityOf, transferOf } from '../../support/optimistic/slot-scripts.ts';

const { alice, bob } = HOLDERS;
const LEAF = 40;

describe('the exodus with batches that wait', () => {
  /** A deposit waits; `honest` executes it, `skipping` does not. */
  const fixture = assertionsFixture({}, async (world, tip) => {
    const { rollup, parameters } = world;
    await rollup.deposit(0, 70n, 9n, world.bob.address, { value: parameters.priorityFee + 70n });
    const [, deadline] = await rollup.priorityOperation(0n);
    const deposit = record(RecordKind.deposit, [9n, packOwnerAndToken(BigInt(world.bob.address), 0), 70n]);
    const honest = await buildOn(world, tip, [{ slots: [priorityOf(deposit, LEAF)] }]);
    const skipping = await buildOn(world, tip, [{ slots: [transferOf(alice, bob.index, 1n)] }]);
    const next = await buildOn(world, skipping, [{ slots: [transferOf(alice, bob.index, 2n)] }]);
    return { tip, deposit, deadline: Number(deadline), honest, skipping, next };
  });

  const activate = (header = fixture.prepared.tip.header) =>
    connectedTo(fixture.world.rollup, fixture.world.alice).activateExodus(header);
  /** The first second at which the exodus may open. */
  const due = () => fixture.prepared.deadline + fixture.world.parameters.exodusDelay + 1;

  it('is refused while a waiting batch can be made final, which comes first', async () => {
    const { world, prepared } = fixture;
    await assertBatch(world, prepared.honest);
    await at(world, due());
    await refuses(world, activate(), 'BatchesFinalizable');
    await finalize(world, prepared.honest);
    await refuses(world, activate(prepared.honest.header), 'ExodusNotDue');
  });

  it('is refused while a batch that does not help can be made final, and opens behind it', async () => {
    const { world, prepared } = fixture;
    await assertBatch(world, prepared.skipping);
    await at(world, due());
    await refuses(world, activate(), 'BatchesFinalizable');
    await finalize(world, prepared.skipping);
    await expect(activate(prepared.skipping.header))
      .to.emit(world.rollup, 'ExodusActivated')
      .withArgs(2, prepared.skipping.header.stateRoot, 0);
  });

  describe('when it opens', () => {
    /** `skipping` waits for its answer and `next` for its parent. */
    beforeEach(async () => {
      const { world, prepared } = fixture;
      await assertBatch(world, prepared.skipping);
      await assertBatch(world, prepared.next);
      await dispute(world, 1n, prepared.skipping, 0, { signer: world.alice });
      await dispute(world, 2n, prepared.next, 0, { signer: world.alice });
      await sendAnswer(world, 2n, prepared.next);
      await at(world, due());
      await activate();
    });

    it('removes all that waits and gives all bonds back', async () => {
      const { world } = fixture;
      const { assertions, optimistic } = world;
      for (const id of [1n, 2n]) expect(await world.assertions.isPending(id)).to.equal(false);
      for (const number of [2n, 3n]) expect(await world.assertions.pendingId(number)).to.equal(0n);
      expect(await world.assertions.pendingRange()).to.deep.equal([1n, 1n]);
      expect(await world.assertions.isFinalizable()).to.equal(false);
      for (const id of [1n, 2n]) {
        await expect(assertions.releaseBond(id)).to.emit(assertions, 'BondReleased').withArgs(id);
        await expect(assertions.settleDispute(id)).to.emit(assertions, 'DisputeSettled').withArgs(id, false);
      }
      expect(await world.assertions.creditOf(world.producer.address)).to.equal(2n * optimistic.assertionBond);
      expect(await world.assertions.creditOf(world.alice.address)).to.equal(2n * optimistic.disputeBond);
      for (const signer of [world.producer, world.alice]) {
        await assertionsBy(world, signer).collectCredit(signer.address);
      }
      expect(await world.ethers.provider.getBalance(await assertions.getAddress())).to.equal(0n);
    });

    it('ends assertions, proofs, disputes, answers and finality', async () => {
      const { world, prepared } = fixture;
      await refuses(world, sendAssertion(world, prepared.honest), 'ExodusActive');
      await refuses(world, sendProven(world, prepared.next), 'ExodusActive');
      await refuses(world, sendProofs(world, 1n, prepared.skipping), 'AssertionNotPending', 1);
      await refuses(world, sendDispute(world, 1n, prepared.skipping), 'AssertionNotPending', 1);
      await refuses(world, sendAnswer(world, 1n, prepared.skipping), 'AssertionNotPending', 1);
      await refuses(world, assertionsBy(world, world.bob).rejectUnanswered(1n, 0), 'AssertionNotPending', 1);
      await refuses(world, finalize(world, prepared.skipping), 'AssertionNotPending', 0);
    });

    it('gives the deposit back that no batch executed', async () => {
      const { world, prepared } = fixture;
      const { words } = prepared.deposit;
      await expect(world.rollup.reclaimOperation(0, [[4n << 120n, ...words]], 0)).to.changeEtherBalance(
        world.ethers,
        world.bob,
        70n,
      );
    });
  });

  it('opens below a rejected batch that had executed the operation, and gives the deposit back', async () => {
    const { world, prepared } = fixture;
    await assertBatch(world, prepared.honest);
    await dispute(world, 1n, prepared.honest, 0, { signer: world.alice });
    await at(world, due());
    await activate();
    const { words } = prepared.deposit;
    await world.rollup.reclaimOperation(0, [[4n << 120n, ...words]], 0);
    expect(await world.rollup.collectableFees(world.producer.address)).to.equal(0n);
    expect(await world.rollup.collectableFees(world.bob.address)).to.equal(world.parameters.priorityFee);
    await world.assertions.releaseBond(1n);
  });

  it('cannot come before a dispute of an honest batch has run its course', async () => {
    const { world } = fixture;
    const { challengePeriod, answerWindow, stepWindow } = world.optimistic;
    const { exodusDelay, priorityDelay, maxBatchAge, livenessTimeout } = world.parameters;
    const worst = challengePeriod + answerWindow + stepWindow;
    expect(exodusDelay).to.be.greaterThan(priorityDelay + maxBatchAge + worst);
    expect(livenessTimeout).to.be.greaterThan(worst);
    expect(await latestTime(world)).to.be.greaterThan(0);
  });
});
