/** Who makes another batch final by a proof than waited there loses its own bonds (docs/protocol.md, Fork choice). */

import { expect } from 'chai';
import { latestTime } from '../../support/contracts/deployment.ts';
import { refuses } from '../../support/contracts/refusal.ts';
import {
  assertBatch,
  assertionsBy,
  at,
  buildOn,
  dispute,
  finalize,
  submitFinal,
  submitProven,
} from '../../support/optimistic/calls.ts';
import { assertionsFixture } from '../../support/optimistic/fixture.ts';
import { HOLDERS } from '../../support/optimistic/lie-scene.ts';
import { transferOf } from '../../support/optimistic/slot-scripts.ts';
import { BURN_ADDRESS } from '../../support/play/rollup-calls.ts';

const { alice, bob } = HOLDERS;

describe('overtaking by a proof', () => {
  /** An honest batch with two on it, and another honest one beside it with one on it. */
  const fixture = assertionsFixture({}, async (world, tip) => {
    for (const { address } of [world.alice, world.owner]) await world.rollup.setProducer(address, true);
    const first = await buildOn(world, tip, [{ slots: [transferOf(alice, bob.index, 5n)] }]);
    const second = await buildOn(world, first, [{ slots: [transferOf(bob, alice.index, 1n)] }]);
    const third = await buildOn(world, second, [{ slots: [transferOf(bob, alice.index, 2n)] }]);
    const other = await buildOn(world, tip, [{ slots: [transferOf(alice, bob.index, 6n)] }]);
    const behind = await buildOn(world, other, [{ slots: [transferOf(bob, alice.index, 3n)] }]);
    return { tip, first, second, third, other, behind };
  });

  const release = (id: bigint) => assertionsBy(fixture.world, fixture.world.bob).releaseBond(id);
  const creditOf = ({ address }: { readonly address: string }) =>
    fixture.world.assertions.creditOf(address) as Promise<bigint>;
  const expectForfeited = async (id: bigint) => {
    const { world } = fixture;
    const sent = release(id);
    await expect(sent).to.emit(world.assertions, 'BondForfeited').withArgs(id);
    await expect(sent).to.not.emit(world.assertions, 'BondReleased');
    await expect(sent).to.changeEtherBalance(world.ethers, BURN_ADDRESS, world.optimistic.assertionBond);
    await refuses(world.assertions, release(id), 'NoBond', id);
  };
  const expectReleased = (id: bigint) =>
    expect(release(id)).to.emit(fixture.world.assertions, 'BondReleased').withArgs(id);

  it('costs the asserter itself its bond, a second before its honest batch can become final too', async () => {
    const { world, prepared } = fixture;
    await assertBatch(world, prepared.first);
    await at(world, (await latestTime(world)) + world.optimistic.challengePeriod);
    await expect(submitFinal(world, prepared.other))
      .to.emit(world.assertions, 'BatchesOvertaken')
      .withArgs(2, world.producer.address);
    await expectForfeited(1n);
    expect(await creditOf(world.producer)).to.equal(0n);
    expect(await world.ethers.provider.getBalance(await world.assertions.getAddress())).to.equal(0n);
  });

  it('costs the bonds of all its own batches that waited, and nobody else’s', async () => {
    const { world, prepared } = fixture;
    await assertBatch(world, prepared.first, world.alice);
    await assertBatch(world, prepared.second);
    await assertBatch(world, prepared.third, world.alice);
    await submitFinal(world, prepared.other, world.alice);
    for (const id of [1n, 3n]) await expectForfeited(id);
    await expectReleased(2n);
    expect(await creditOf(world.producer)).to.equal(world.optimistic.assertionBond);
    expect(await creditOf(world.alice)).to.equal(0n);
  });

  it('by another producer, which may be another key of the same, gives all bonds back', async () => {
    const { world, prepared } = fixture;
    await assertBatch(world, prepared.first);
    await assertBatch(world, prepared.second, world.alice);
    await expect(submitFinal(world, prepared.other, world.owner))
      .to.emit(world.assertions, 'BatchesOvertaken')
      .withArgs(2, world.owner.address);
    for (const id of [1n, 2n]) await expectReleased(id);
  });

  it('is none with the very batch that waits, nor where nothing waits', async () => {
    const { world, prepared } = fixture;
    await assertBatch(world, prepared.first);
    await assertBatch(world, prepared.second);
    await expect(submitFinal(world, prepared.first)).to.not.emit(world.assertions, 'BatchesOvertaken');
    await expectReleased(1n);
    await expect(submitFinal(world, prepared.second)).to.not.emit(world.assertions, 'BatchesOvertaken');
    await expect(submitFinal(world, prepared.third)).to.not.emit(world.assertions, 'BatchesOvertaken');
    await expectReleased(2n);
    expect(await creditOf(world.producer)).to.equal(2n * world.optimistic.assertionBond);
  });

  it('is one of what waits behind a batch that was proven itself', async () => {
    const { world, prepared } = fixture;
    await assertBatch(world, prepared.first);
    await assertBatch(world, prepared.second);
    await submitFinal(world, prepared.first);
    const instead = await buildOn(world, prepared.first, [{ slots: [] }]);
    await expect(submitFinal(world, instead))
      .to.emit(world.assertions, 'BatchesOvertaken')
      .withArgs(3, world.producer.address);
    await expectReleased(1n);
    await expectForfeited(2n);
  });

  it('is one too when the first batch that waits came with proofs', async () => {
    const { world, prepared } = fixture;
    await assertBatch(world, prepared.first);
    await submitProven(world, prepared.second);
    await assertBatch(world, prepared.third);
    await submitFinal(world, prepared.first);
    const instead = await buildOn(world, prepared.first, [{ slots: [] }]);
    await submitFinal(world, instead);
    await expectForfeited(3n);
  });

  it('is none once the chain was cut: bonds of what a lie of another took along go back', async () => {
    const { world, prepared } = fixture;
    await assertBatch(world, prepared.first, world.alice);
    await assertBatch(world, prepared.second);
    await dispute(world, 1n, prepared.first);
    await world.l1.networkHelpers.time.increase(world.optimistic.answerWindow + 1);
    await assertionsBy(world, world.bob).rejectUnanswered(1n, 0);
    await expect(submitFinal(world, prepared.other)).to.not.emit(world.assertions, 'BatchesOvertaken');
    await expectReleased(2n);
  });

  it('is none by who goes on where another overtook: nothing waits there any more', async () => {
    const { world, prepared } = fixture;
    await assertBatch(world, prepared.first);
    await assertBatch(world, prepared.second);
    await submitFinal(world, prepared.other, world.owner);
    await expect(submitFinal(world, prepared.behind)).to.not.emit(world.assertions, 'BatchesOvertaken');
    for (const id of [1n, 2n]) await expectReleased(id);
  });

  it('is remembered: neither another overtaking nor batches that become final later free the bonds', async () => {
    const { world, prepared } = fixture;
    await assertBatch(world, prepared.first);
    await assertBatch(world, prepared.second);
    await submitFinal(world, prepared.other);
    await assertBatch(world, prepared.behind);
    const instead = await buildOn(world, prepared.other, [{ slots: [] }]);
    await submitFinal(world, instead);
    const last = await buildOn(world, instead, [{ slots: [] }]);
    await assertBatch(world, last);
    await at(world, (await latestTime(world)) + world.optimistic.challengePeriod + 1);
    await finalize(world, last);
    for (const id of [1n, 2n, 3n]) await expectForfeited(id);
    expect(await creditOf(world.producer)).to.equal(world.optimistic.assertionBond);
  });

  it('of what another put there spares the bonds that the silence of that other took along a moment before', async () => {
    const { world, prepared } = fixture;
    await assertBatch(world, prepared.first, world.alice);
    await assertBatch(world, prepared.second);
    await assertBatch(world, prepared.third);
    await dispute(world, 1n, prepared.first);
    await world.l1.networkHelpers.time.increase(world.optimistic.answerWindow + 1);
    // The proof of the first one is on its way when alice lets it be rejected and puts another in its place.
    await assertionsBy(world, world.bob).rejectUnanswered(1n, 0);
    await assertBatch(world, prepared.other, world.alice);
    await expect(submitFinal(world, prepared.first))
      .to.emit(world.assertions, 'BatchesOvertaken')
      .withArgs(2, world.producer.address);
    for (const id of [2n, 3n, 4n]) await expectReleased(id);
    expect(await creditOf(world.producer)).to.equal(2n * world.optimistic.assertionBond);
  });

  it('spares what the asserter lost before, and not what it asserted on the batch that it overtakes', async () => {
    const { world, prepared } = fixture;
    await assertBatch(world, prepared.first);
    await submitFinal(world, prepared.other, world.owner);
    await assertBatch(world, prepared.behind, world.alice);
    const onBehind = await buildOn(world, prepared.behind, [{ slots: [] }]);
    await assertBatch(world, onBehind);
    const instead = await buildOn(world, prepared.other, [{ slots: [] }]);
    await submitFinal(world, instead);
    for (const id of [1n, 2n]) await expectReleased(id);
    await expectForfeited(3n);
  });

  it('gives the bonds of disputes back, answered or not', async () => {
    const { world, prepared } = fixture;
    await assertBatch(world, prepared.first);
    await dispute(world, 1n, prepared.first);
    await submitFinal(world, prepared.other);
    await expectForfeited(1n);
    await world.l1.networkHelpers.time.increase(world.optimistic.answerWindow + world.optimistic.stepWindow + 1);
    await expect(world.assertions.settleDispute(1n)).to.emit(world.assertions, 'DisputeSettled').withArgs(1, false);
    expect(await creditOf(world.bob)).to.equal(world.optimistic.disputeBond);
  });

  it('is told by the rollup only', async () => {
    const { world } = fixture;
    await refuses(
      world,
      assertionsBy(world, world.producer).noteProof(2, world.alice.address),
      'NotRollup',
      world.producer.address,
    );
  });
});
