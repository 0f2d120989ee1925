import { keccak } from '@quittance/protocol';
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
  sendAnswer,
  sendDispute,
  sendProofs,
} from '../../support/optimistic/calls.ts';
import { assertionsFixture } from '../../support/optimistic/fixture.ts';
import { HOLDERS } from '../../support/optimistic/lie-scene.ts';
import { transferOf } from '../../support/optimistic/slot-scripts.ts';

const { alice, bob } = HOLDERS;
const OTHER_HASH = `0x${'11'.repeat(32)}`;

describe('disputes of asserted batches', () => {
  const fixture = assertionsFixture({}, async (world, tip) => {
    const built = await buildOn(world, tip, [
      { slots: [transferOf(alice, bob.index, 5n)] },
      { slots: [transferOf(bob, alice.index, 7n)] },
    ]);
    await assertBatch(world, built);
    return { tip, built, assertedAt: await latestTime(world) };
  });

  const chunkDisputes = (chunk: number) => fixture.world.assertions.chunkDisputes(1n, chunk);
  const disputeOf = (id: bigint) => fixture.world.assertions.dispute(id);
  const rejectUnanswered = (chunk: number, id = 1n) =>
    assertionsBy(fixture.world, fixture.world.alice).rejectUnanswered(id, chunk);

  describe('openDispute', () => {
    it('takes the bond and keeps who disputes what since when', async () => {
      const { world, prepared } = fixture;
      const { assertions, bob: disputer, optimistic } = world;
      const sent = sendDispute(world, 1n, prepared.built, 1);
      await expect(sent).to.changeEtherBalance(world.ethers, assertions, optimistic.disputeBond);
      await expect(sent).to.emit(assertions, 'DisputeOpened').withArgs(1, 1, 1, disputer.address);
      const now = BigInt(await latestTime(world));
      expect(await disputeOf(1n)).to.deep.equal([1n, 1n, disputer.address, now, false]);
      expect(await chunkDisputes(1)).to.deep.equal([`0x${'00'.repeat(32)}`, 1n, now, now, 0n]);
      expect((await assertions.assertion(1n)).disputedChunks).to.equal(0b10n);
      expect(await assertions.counts()).to.deep.equal([1n, 1n]);
    });

    it('takes any number on one chunk and on several, also by the same account', async () => {
      const { world, prepared } = fixture;
      const first = await latestTime(world);
      for (const [position, chunk] of [1, 1, 0, 1].entries()) {
        await at(world, first + 10 * (position + 1));
        await dispute(world, 1n, prepared.built, chunk, { signer: position === 1 ? world.alice : world.bob });
      }
      expect((await chunkDisputes(1)).slice(1)).to.deep.equal([1n, first + 10, first + 40, 0].map(BigInt));
      expect((await chunkDisputes(0)).slice(1)).to.deep.equal([3n, first + 30, first + 30, 0].map(BigInt));
      expect((await world.assertions.assertion(1n)).disputedChunks).to.equal(0b11n);
    });

    it('is taken at C and refused a second later', async () => {
      const { world, prepared } = fixture;
      const last = prepared.assertedAt + world.optimistic.challengePeriod;
      await at(world, last);
      await dispute(world, 1n, prepared.built, 0);
      await at(world, last + 1);
      await refuses(world, sendDispute(world, 1n, prepared.built, 0), 'TooLate', last, last + 1);
    });

    it('is taken on a chunk that was answered already', async () => {
      const { world, prepared } = fixture;
      await dispute(world, 1n, prepared.built, 0);
      await sendAnswer(world, 1n, prepared.built, 0);
      expect(await dispute(world, 1n, prepared.built, 0)).to.equal(2n);
    });

    it('refuses any bond but the exact one', async () => {
      const { world, prepared } = fixture;
      const { disputeBond } = world.optimistic;
      for (const value of [0n, disputeBond - 1n, disputeBond + 1n]) {
        await refuses(world, sendDispute(world, 1n, prepared.built, 0, { value }), 'WrongBond', disputeBond, value);
      }
    });

    it('refuses unknown ids, another header, chunks beyond the last, and proven ones', async () => {
      const { world, prepared } = fixture;
      const { built } = prepared;
      for (const id of [0n, 2n]) await refuses(world, sendDispute(world, id, built, 0), 'UnknownAssertion', id);
      await refuses(
        world,
        sendDispute(world, 1n, { headerHash: OTHER_HASH }, 0),
        'WrongAssertion',
        1,
        built.headerHash,
        OTHER_HASH,
      );
      for (const chunk of [2, 255, 256])
        await refuses(world, sendDispute(world, 1n, built, chunk), 'ChunkOutOfRange', 2, chunk);
      await sendProofs(world, 1n, built, 0, 1);
      await refuses(world, sendDispute(world, 1n, built, 0), 'ChunkProven', 1, 0);
      await dispute(world, 1n, built, 1);
    });

    it('refuses a final batch', async () => {
      const { world, prepared } = fixture;
      await sendProofs(world, 1n, prepared.built);
      await finalize(world, prepared.built);
      await refuses(world, sendDispute(world, 1n, prepared.built, 0), 'AssertionNotPending', 1);
    });
  });

  describe('answerDispute', () => {
    beforeEach(async () => {
      await dispute(fixture.world, 1n, fixture.prepared.built, 1);
    });

    it('keeps the hash of the states and publishes them', async () => {
      const { world, prepared } = fixture;
      const { answer } = prepared.built.claims[1]!;
      expect(answer.length).to.equal(3);
      await expect(sendAnswer(world, 1n, prepared.built, 1))
        .to.emit(world.assertions, 'ChunkAnswered')
        .withArgs(1, 1, answer);
      const { answerHash, answeredAt } = await chunkDisputes(1);
      const encoded = world.ethers.AbiCoder.defaultAbiCoder().encode(['bytes32[]'], [answer]);
      expect(answerHash).to.equal(keccak(world.ethers.getBytes(encoded)));
      expect(answeredAt).to.equal(BigInt(await latestTime(world)));
    });

    it('is the asserter’s alone', async () => {
      const { world, prepared } = fixture;
      await refuses(
        world,
        sendAnswer(world, 1n, prepared.built, 1, { signer: world.bob }),
        'NotAsserter',
        world.producer.address,
        world.bob.address,
      );
    });

    it('is taken from an asserter that is no producer any more', async () => {
      const { world, prepared } = fixture;
      await world.rollup.setProducer(world.producer.address, false);
      await sendAnswer(world, 1n, prepared.built, 1);
    });

    it('is taken once per chunk', async () => {
      const { world, prepared } = fixture;
      await sendAnswer(world, 1n, prepared.built, 1);
      await refuses(world, sendAnswer(world, 1n, prepared.built, 1), 'AlreadyAnswered', 1, 1);
      await dispute(world, 1n, prepared.built, 1);
      await refuses(world, sendAnswer(world, 1n, prepared.built, 1), 'AlreadyAnswered', 1, 1);
      await dispute(world, 1n, prepared.built, 0);
      await sendAnswer(world, 1n, prepared.built, 0);
    });

    it('is taken until A after the first dispute, whatever disputes follow', async () => {
      const { world, prepared } = fixture;
      const { firstDisputeAt } = await chunkDisputes(1);
      const last = Number(firstDisputeAt) + world.optimistic.answerWindow;
      await at(world, last - 1);
      await dispute(world, 1n, prepared.built, 1);
      const snapshot = await world.l1.networkHelpers.takeSnapshot();
      await at(world, last);
      await sendAnswer(world, 1n, prepared.built, 1);
      await snapshot.restore();
      await at(world, last + 1);
      await refuses(world, sendAnswer(world, 1n, prepared.built, 1), 'TooLate', last, last + 1);
    });

    it('has exactly M − 1 states', async () => {
      const { world, prepared } = fixture;
      const { answer } = prepared.built.claims[1]!;
      for (const commitments of [[], answer.slice(1), [...answer, OTHER_HASH]]) {
        await refuses(
          world,
          sendAnswer(world, 1n, prepared.built, 1, { commitments }),
          'WrongListLength',
          'commitments',
          3,
          commitments.length,
        );
      }
    });

    it('is refused where nobody disputes, on proven chunks, with another header or id', async () => {
      const { world, prepared } = fixture;
      const { built } = prepared;
      await refuses(world, sendAnswer(world, 1n, built, 0), 'ChunkNotDisputed', 1, 0);
      await refuses(
        world,
        sendAnswer(world, 1n, { ...built, headerHash: OTHER_HASH }, 1),
        'WrongAssertion',
        1,
        built.headerHash,
        OTHER_HASH,
      );
      await refuses(world, sendAnswer(world, 2n, built, 1), 'UnknownAssertion', 2);
      await sendProofs(world, 1n, built, 1, 1);
      await refuses(world, sendAnswer(world, 1n, built, 1), 'ChunkProven', 1, 1);
    });
  });

  describe('rejectUnanswered', () => {
    it('rejects a second after A, and pays half of the bond to the first disputer of that chunk', async () => {
      const { world, prepared } = fixture;
      const { assertions, optimistic } = world;
      await dispute(world, 1n, prepared.built, 0, { signer: world.owner });
      await dispute(world, 1n, prepared.built, 1, { signer: world.bob });
      await dispute(world, 1n, prepared.built, 1, { signer: world.alice });
      await sendAnswer(world, 1n, prepared.built, 0);
      const { firstDisputeAt } = await chunkDisputes(1);
      const last = Number(firstDisputeAt) + optimistic.answerWindow;
      await at(world, last);
      await refuses(world, rejectUnanswered(1), 'TooEarly', last, last);
      await at(world, last + 1);
      await expect(rejectUnanswered(1))
        .to.emit(assertions, 'AssertionRejected')
        .withArgs(1, 2, world.bob.address, true);
      const { assertionBond } = optimistic;
      expect(await assertions.creditOf(world.bob.address)).to.equal(assertionBond / 2n);
      expect(await assertions.creditOf(world.producer.address)).to.equal(0n);
      expect(await assertions.isPending(1n)).to.equal(false);
      expect((await assertions.assertion(1n)).isRejected).to.equal(true);
      await refuses(world, assertions.releaseBond(1n), 'NoBond', 1);
      await refuses(world, rejectUnanswered(1), 'AssertionNotPending', 1);
    });

    it('is refused where nobody disputes, where there is an answer, and where there is a proof', async () => {
      const { world, prepared } = fixture;
      const { built } = prepared;
      await refuses(world, rejectUnanswered(0), 'ChunkNotDisputed', 1, 0);
      await dispute(world, 1n, built, 0);
      await sendAnswer(world, 1n, built, 0);
      await dispute(world, 1n, built, 1);
      await sendProofs(world, 1n, built, 1, 1);
      await world.l1.networkHelpers.time.increase(10 * world.optimistic.answerWindow);
      await refuses(world, rejectUnanswered(0), 'AlreadyAnswered', 1, 0);
      await refuses(world, rejectUnanswered(1), 'ChunkProven', 1, 1);
      await refuses(world, rejectUnanswered(2), 'ChunkNotDisputed', 1, 2);
      await refuses(world, rejectUnanswered(0, 2n), 'UnknownAssertion', 2);
    });

    it('is possible until the batch is proven, however late, and not afterwards', async () => {
      const { world, prepared } = fixture;
      await dispute(world, 1n, prepared.built, 1);
      await world.l1.networkHelpers.time.increase(100 * world.optimistic.challengePeriod);
      const snapshot = await world.l1.networkHelpers.takeSnapshot();
      await rejectUnanswered(1);
      await snapshot.restore();
      await sendProofs(world, 1n, prepared.built);
      await finalize(world, prepared.built);
      await refuses(world, rejectUnanswered(1), 'AssertionNotPending', 1);
    });
  });
});
