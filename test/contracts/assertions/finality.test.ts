import { headerHash, packOwnerAndToken, RecordKind, ZERO_BYTES32 } from '@quittance/protocol';
import { expect } from 'chai';
import { record } from '../../support/contracts/batch.ts';
import { latestTime, readHeader } from '../../support/contracts/deployment.ts';
import { refuses } from '../../support/contracts/refusal.ts';
import {
  assertBatch,
  at,
  buildOn,
  dispute,
  finalize,
  sendAnswer,
  sendDispute,
  sendProofs,
} from '../../support/optimistic/calls.ts';
import { assertionsFixture } from '../../support/optimistic/fixture.ts';
import { HOLDERS } from '../../support/optimistic/lie-scene.ts';
import { priorityOf, transferOf } from '../../support/optimistic/slot-scripts.ts';

const { alice, bob } = HOLDERS;

describe('Assertions.finalizeBatches', () => {
  const fixture = assertionsFixture({}, async (world, tip) => {
    const built = await buildOn(world, tip, [
      { slots: [transferOf(alice, bob.index, 5n)] },
      { slots: [transferOf(bob, alice.index, 7n)] },
    ]);
    const next = await buildOn(world, built, [{ slots: [transferOf(alice, bob.index, 1n)] }]);
    return { tip, built, next };
  });

  const clocks = () => {
    const { challengePeriod: C, answerWindow: A, stepWindow: S } = fixture.world.optimistic;
    return { C, A, S };
  };
  /** What the view says in a block of this time. */
  const isFinalizableAt = async (time: number): Promise<boolean> => {
    const { assertions, l1 } = fixture.world;
    const snapshot = await l1.networkHelpers.takeSnapshot();
    await at(fixture.world, time);
    await l1.networkHelpers.mine();
    const answer = (await assertions.isFinalizable()) as boolean;
    await snapshot.restore();
    return answer;
  };

  it('makes an undisputed batch final a second after C, and not at C', async () => {
    const { world, prepared } = fixture;
    const { C } = clocks();
    await assertBatch(world, prepared.built);
    const assertedAt = await latestTime(world);
    expect(await isFinalizableAt(assertedAt + C)).to.equal(false);
    expect(await isFinalizableAt(assertedAt + C + 1)).to.equal(true);
    await at(world, assertedAt + C);
    await refuses(world, finalize(world, prepared.built), 'TooEarly', assertedAt + C, assertedAt + C);
    await at(world, assertedAt + C + 1);
    await finalize(world, prepared.built);
    expect(await readHeader(world.rollup, 2)).to.deep.equal(prepared.built.header);
    expect(await world.rollup.headerHash(2)).to.equal(prepared.built.headerHash);
  });

  it('gives the bond back, once, to whoever asserted', async () => {
    const { world, prepared } = fixture;
    const { assertionBond } = world.optimistic;
    const id = await assertBatch(world, prepared.built);
    await at(world, (await latestTime(world)) + clocks().C + 1);
    await expect(finalize(world, prepared.built)).to.emit(world.assertions, 'BondReleased').withArgs(id);
    expect(await world.assertions.creditOf(world.producer.address)).to.equal(assertionBond);
    const { isReleased } = await world.assertions.assertion(id);
    expect(isReleased).to.equal(true);
    await refuses(world, world.assertions.releaseBond(id), 'NoBond', id);
  });

  it('forgets what waited: nothing does', async () => {
    const { world, prepared } = fixture;
    const id = await assertBatch(world, prepared.built);
    await at(world, (await latestTime(world)) + clocks().C + 1);
    await finalize(world, prepared.built);
    expect(await world.assertions.pendingRange()).to.deep.equal([2n, 2n]);
    expect(await world.assertions.pendingId(2n)).to.equal(0n);
    expect(await world.assertions.isPending(id)).to.equal(false);
    expect(await world.assertions.isFinalizable()).to.equal(false);
    await refuses(world, finalize(world, prepared.built), 'WrongBatchNumber', 3, 2);
    await refuses(world, finalize(world, prepared.next), 'AssertionNotPending', 0);
  });

  it('takes waiting batches in order only, all or none', async () => {
    const { world, prepared } = fixture;
    const { built, next } = prepared;
    await assertBatch(world, built);
    await assertBatch(world, next);
    await at(world, (await latestTime(world)) + clocks().C + 1);
    await world.l1.networkHelpers.mine();
    await refuses(world, finalize(world, next), 'WrongBatchNumber', 2, 3);
    await refuses(world, finalize(world, next, built), 'WrongBatchNumber', 2, 3);
    await refuses(world, finalize(world, built, built), 'WrongBatchNumber', 3, 2);
    expect((await world.rollup.finalState())[0]).to.equal(1n);
    await finalize(world, built, next);
    expect((await world.rollup.finalState())[0]).to.equal(3n);
  });

  it('takes none of them when the last one is too early', async () => {
    const { world, prepared } = fixture;
    const { built, next } = prepared;
    await assertBatch(world, built);
    const first = await latestTime(world);
    await at(world, first + 100);
    await assertBatch(world, next);
    const { C } = clocks();
    await at(world, first + C + 1);
    await refuses(world, finalize(world, built, next), 'TooEarly', first + 100 + C, first + C + 1);
    await finalize(world, built);
    await at(world, first + 100 + C + 1);
    await finalize(world, next);
  });

  it('refuses a header that does not wait', async () => {
    const { world, prepared } = fixture;
    const { built } = prepared;
    await assertBatch(world, built);
    await at(world, (await latestTime(world)) + clocks().C + 1);
    await world.l1.networkHelpers.mine();
    const other = { header: { ...built.header, stateRoot: built.header.stateRoot + 1n } };
    await refuses(world, finalize(world, other), 'WrongAssertion', 1, built.headerHash, headerHash(other.header));
  });

  it('refuses a rejected batch behind the last one that waits, and one that was never asserted', async () => {
    const { world, prepared } = fixture;
    const { built, next } = prepared;
    await assertBatch(world, built);
    const assertedAt = await latestTime(world);
    await assertBatch(world, next);
    await dispute(world, 2n, next);
    await world.l1.networkHelpers.time.increase(clocks().A + 1);
    await world.assertions.rejectUnanswered(2n, 0);
    await at(world, assertedAt + 2 * clocks().C + 1);
    await world.l1.networkHelpers.mine();
    await refuses(world, finalize(world, built, next), 'AssertionNotPending', 0);
    await finalize(world, built);
    await refuses(world, finalize(world, next), 'AssertionNotPending', 0);
    const unknown = { header: { ...next.header, number: 4 } };
    await refuses(world, finalize(world, next, unknown), 'AssertionNotPending', 0);
    expect(await world.rollup.headerHash(3)).to.equal(ZERO_BYTES32);
  });

  describe('of a disputed batch', () => {
    let assertedAt: number;
    beforeEach(async () => {
      await assertBatch(fixture.world, fixture.prepared.built);
      assertedAt = await latestTime(fixture.world);
    });

    it('waits for the answer', async () => {
      const { world, prepared } = fixture;
      const { C, A, S } = clocks();
      await dispute(world, 1n, prepared.built, 1);
      await at(world, assertedAt + C + A + S + 1_000_000);
      await refuses(world, finalize(world, prepared.built), 'NotAnswered', 1, 1);
    });

    it('waits S after an answer that came last', async () => {
      const { world, prepared } = fixture;
      const { C, A, S } = clocks();
      await at(world, assertedAt + C);
      await dispute(world, 1n, prepared.built, 1);
      await at(world, assertedAt + C + A);
      await sendAnswer(world, 1n, prepared.built, 1);
      const deadline = assertedAt + C + A + S;
      await at(world, deadline);
      await refuses(world, finalize(world, prepared.built), 'TooEarly', deadline, deadline);
      await at(world, deadline + 1);
      await finalize(world, prepared.built);
    });

    it('waits S after a dispute that came last', async () => {
      const { world, prepared } = fixture;
      const { C, S } = clocks();
      await dispute(world, 1n, prepared.built, 1);
      await sendAnswer(world, 1n, prepared.built, 1);
      await at(world, assertedAt + C);
      await dispute(world, 1n, prepared.built, 1);
      const deadline = assertedAt + C + S;
      await at(world, deadline);
      await refuses(world, finalize(world, prepared.built), 'TooEarly', deadline, deadline);
      await at(world, deadline + 1);
      await finalize(world, prepared.built);
    });

    it('waits for every disputed chunk', async () => {
      const { world, prepared } = fixture;
      const { C, S } = clocks();
      await dispute(world, 1n, prepared.built, 0);
      await dispute(world, 1n, prepared.built, 1);
      await sendAnswer(world, 1n, prepared.built, 0);
      await at(world, assertedAt + C + S + 1);
      await refuses(world, finalize(world, prepared.built), 'NotAnswered', 1, 1);
    });

    it('is never before C, however early the disputes were answered and S is over', async () => {
      const { world, prepared } = fixture;
      const { C, S } = clocks();
      await dispute(world, 1n, prepared.built, 0);
      await sendAnswer(world, 1n, prepared.built, 0);
      const over = (await latestTime(world)) + S + 1;
      expect(over).to.be.below(assertedAt + C);
      expect(await isFinalizableAt(over)).to.equal(false);
      await at(world, over);
      await refuses(fixture.world, finalize(world, prepared.built), 'TooEarly', assertedAt + C, over);
      await at(world, assertedAt + C);
      await refuses(fixture.world, finalize(world, prepared.built), 'TooEarly', assertedAt + C, assertedAt + C);
      await at(world, assertedAt + C + 1);
      await finalize(world, prepared.built);
    });

    it('does not wait for a disputed chunk that was proven, but for C', async () => {
      const { world, prepared } = fixture;
      const { C } = clocks();
      await at(world, assertedAt + C);
      await dispute(world, 1n, prepared.built, 1);
      await at(world, assertedAt + C + 1);
      await sendProofs(world, 1n, prepared.built, 1);
      await finalize(world, prepared.built);
    });

    it('does not wait at all when all chunks are proven', async () => {
      const { world, prepared } = fixture;
      await dispute(world, 1n, prepared.built, 1);
      await sendProofs(world, 1n, prepared.built, 0, 1);
      await refuses(world, finalize(world, prepared.built), 'NotAnswered', 1, 1);
      await sendProofs(world, 1n, prepared.built, 1, 1);
      expect(await world.assertions.isFinalizable()).to.equal(true);
      await finalize(world, prepared.built);
    });
  });

  it('is within C + A + S of the assertion, whatever number of false disputes and however late the answers', async () => {
    const { world, prepared } = fixture;
    const { C, A, S } = clocks();
    await assertBatch(world, prepared.built);
    const assertedAt = await latestTime(world);
    for (const chunk of [0, 1]) await dispute(world, 1n, prepared.built, chunk, { signer: world.alice });
    for (const chunk of [0, 1]) {
      await at(world, assertedAt + A + chunk);
      await sendAnswer(world, 1n, prepared.built, chunk);
    }
    await world.l1.networkHelpers.time.increaseTo(assertedAt + C - 60);
    for (let count = 0; count < 20; count += 1) await dispute(world, 1n, prepared.built, count % 2);
    await at(world, assertedAt + C + 1);
    await refuses(world, sendDispute(world, 1n, prepared.built, 0), 'TooLate', assertedAt + C, assertedAt + C + 1);
    await at(world, assertedAt + C + S + 1);
    await finalize(world, prepared.built);
    expect(await latestTime(world)).to.be.at.most(assertedAt + C + A + S);
  });

  it('credits the fees of priority operations to the asserter once, and moves the cursor', async () => {
    const { world, prepared } = fixture;
    const { priorityFee } = world.parameters;
    const exits = [1, 2].map((index) =>
      record(RecordKind.forcedExit, [0n, packOwnerAndToken(BigInt(world.owner.address), 0), 0n], index),
    );
    for (const index of [1, 2]) await world.rollup.requestExit(index, 0, { value: priorityFee });
    const built = await buildOn(world, prepared.tip, [{ slots: exits.map((exit) => priorityOf(exit)) }]);
    await assertBatch(world, built);
    expect(await world.rollup.collectableFees(world.producer.address)).to.equal(0n);
    await at(world, (await latestTime(world)) + clocks().C + 1);
    const fee = BigInt(world.parameters.priorityFee);
    await expect(finalize(world, built))
      .to.emit(world.rollup, 'FeesCredited')
      .withArgs(world.producer.address, 2n * fee);
    expect(await world.rollup.collectableFees(world.producer.address)).to.equal(2n * fee);
    expect(await world.rollup.finalState()).to.deep.equal([2n, 2n, 0n]);
  });
});
