import { headerHash } from '@quittance/protocol';
import { expect } from 'chai';
import { deployContract, latestTime } from '../../support/contracts/deployment.ts';
import { declaring, refuses } from '../../support/contracts/refusal.ts';
import {
  assertBatch,
  assertionsBy,
  at,
  buildOn,
  dispute,
  finalize,
  proofsOf,
  provenArguments,
  sendAssertion,
  sendDispute,
  sendProofs,
  sendProven,
  submitProven,
} from '../../support/optimistic/calls.ts';
import { assertionsFixture } from '../../support/optimistic/fixture.ts';
import { HOLDERS } from '../../support/optimistic/lie-scene.ts';
import { transferOf } from '../../support/optimistic/slot-scripts.ts';
import { evmContent } from '../../support/optimistic/step-proof.ts';

const { alice, bob } = HOLDERS;

describe('proofs of waiting batches', () => {
  const fixture = assertionsFixture({ optimistic: { maxPending: 3 } }, async (world, tip) => {
    const built = await buildOn(world, tip, [
      { slots: [transferOf(alice, bob.index, 5n)] },
      { slots: [transferOf(bob, alice.index, 7n)] },
      { slots: [] },
    ]);
    const next = await buildOn(world, built, [{ slots: [transferOf(alice, bob.index, 1n)] }]);
    await assertBatch(world, built);
    return { built, next, assertedAt: await latestTime(world) };
  });

  const refusesProof = (sent: Promise<unknown>) => refuses(fixture.world, sent, 'InvalidProof');
  const provenChunks = async (id = 1n) => Number((await fixture.world.assertions.assertion(id)).provenChunks);

  describe('submitProofs', () => {
    it('proves all chunks at once, by anyone, and the batch is final a block later', async () => {
      const { world, prepared } = fixture;
      await expect(sendProofs(world, 1n, prepared.built))
        .to.emit(world.assertions, 'ChunksProven')
        .withArgs(1, 0, 3);
      expect(await provenChunks()).to.equal(0b111);
      await finalize(world, prepared.built);
      expect((await world.rollup.finalState())[0]).to.equal(2n);
    });

    it('proves chunks one by one, in any order, and the same ones again', async () => {
      const { world, prepared } = fixture;
      const { built } = prepared;
      await sendProofs(world, 1n, built, 2, 1);
      expect(await provenChunks()).to.equal(0b100);
      await sendProofs(world, 1n, built, 0, 1);
      expect(await provenChunks()).to.equal(0b101);
      await sendProofs(world, 1n, built, 0, 2);
      expect(await provenChunks()).to.equal(0b111);
      await sendProofs(world, 1n, built);
      expect(await provenChunks()).to.equal(0b111);
    });

    it('refuses proofs of other chunks, of other inputs and in another order', async () => {
      const { world, prepared } = fixture;
      const { built } = prepared;
      const proofs = proofsOf(world, built);
      const send = (first: number, list: typeof proofs) =>
        assertionsBy(world, world.alice).submitProofs(1n, evmContent(built.content), first, list);
      await refusesProof(send(1, proofs.slice(0, 1)));
      await refusesProof(send(0, [proofs[1]!, proofs[0]!, proofs[2]!]));
      await refusesProof(send(0, [{ ...proofs[0]!, cX: proofs[0]!.cX + 1n }]));
      await refusesProof(send(0, proofsOf(world, prepared.next)));
      expect(await provenChunks()).to.equal(0);
    });

    it('refuses none, and proofs beyond the last chunk', async () => {
      const { world, prepared } = fixture;
      const { built } = prepared;
      const proofs = proofsOf(world, built);
      const send = (first: number | bigint, list: typeof proofs) =>
        assertionsBy(world, world.alice).submitProofs(1n, evmContent(built.content), first, list);
      await refuses(fixture.world, send(0, []), 'WrongProofCount', 0, 0);
      await refuses(fixture.world, send(1, proofs), 'ChunkOutOfRange', 3, 3);
      await refuses(fixture.world, send(3, proofs.slice(0, 1)), 'ChunkOutOfRange', 3, 3);
      for (const first of [2n ** 256n - 1n, 2n ** 255n]) {
        await refuses(fixture.world, send(first, proofs.slice(0, 2)), 'ChunkOutOfRange', 3, first);
      }
    });

    it('refuses content of which any word was changed', async () => {
      const { world, prepared } = fixture;
      const { built } = prepared;
      const proofs = proofsOf(world, built);
      const content = evmContent(built.content);
      const { inputs } = content;
      const changes = [
        ...inputs.flatMap((row, chunk) =>
          row.map((input, position) => ({ inputs: inputs.with(chunk, row.with(position, input + 1n)) })),
        ),
        { inputs: inputs.slice(1) },
        { form: 1 },
        { form: 2 },
        ...(['dataHashes', 'authorizationHashes', 'visibleHashes'] as const).flatMap((list) => [
          { [list]: content[list].with(0, `0x${'11'.repeat(32)}`) },
          { [list]: content[list].slice(1) },
        ]),
      ];
      for (const change of changes) {
        await expect(
          assertionsBy(world, world.alice).submitProofs(1n, { ...content, ...change }, 0, proofs),
        ).to.be.revertedWithCustomError(declaring(world, 'WrongContent'), 'WrongContent');
      }
    });

    it('refuses unknown, removed, rejected and final assertions', async () => {
      const { world, prepared } = fixture;
      const { built } = prepared;
      await refuses(world, sendProofs(world, 0n, built), 'UnknownAssertion', 0);
      await refuses(world, sendProofs(world, 2n, built), 'UnknownAssertion', 2);
      await sendProofs(world, 1n, built);
      await finalize(world, built);
      await refuses(world, sendProofs(world, 1n, built), 'AssertionNotPending', 1);
    });

    it('end the disputes of their chunks and keep new ones out', async () => {
      const { world, prepared } = fixture;
      const { built } = prepared;
      await dispute(world, 1n, built, 1);
      await sendProofs(world, 1n, built, 1, 1);
      await refuses(world, sendDispute(world, 1n, built, 1), 'ChunkProven', 1, 1);
      await expect(world.assertions.settleDispute(1n)).to.emit(world.assertions, 'DisputeSettled').withArgs(1, false);
      await dispute(world, 1n, built, 0);
    });

    it('are taken until the batch is final, long after C', async () => {
      const { world, prepared } = fixture;
      const { built, assertedAt } = prepared;
      await dispute(world, 1n, built, 1);
      const { challengePeriod, answerWindow, stepWindow } = world.optimistic;
      await at(world, assertedAt + challengePeriod + answerWindow + stepWindow + 1_000);
      await sendProofs(world, 1n, built);
      await finalize(world, built);
    });
  });

  describe('submitBatch on a waiting parent', () => {
    it('waits without a bond and becomes final right behind its parent', async () => {
      const { world, prepared } = fixture;
      const { built, next, assertedAt } = prepared;
      const sent = sendProven(world, next);
      await expect(sent).to.changeEtherBalance(world.ethers, world.assertions, 0n);
      await expect(sent)
        .to.emit(world.assertions, 'BatchAsserted')
        .withArgs(2n, 3n, next.headerHash, world.producer.address, true, Object.values(next.header));
      const kept = await world.assertions.assertion(2n);
      expect([kept.isReleased, kept.provenChunks, kept.chunkCount]).to.deep.equal([true, 1n, 1n]);
      const ends = assertedAt + world.optimistic.challengePeriod;
      await at(world, ends);
      await refuses(world, finalize(world, built, next), 'TooEarly', ends, ends);
      await at(world, ends + 1);
      await finalize(world, built, next);
      expect(await world.rollup.headerHash(3)).to.equal(next.headerHash);
      await refuses(world, world.assertions.releaseBond(2n), 'NoBond', 2);
      // The bond of the first alone.
      const credit = await world.assertions.creditOf(world.producer.address);
      expect(credit).to.equal(world.optimistic.assertionBond);
    });

    it('cannot be disputed', async () => {
      const { world, prepared } = fixture;
      await submitProven(world, prepared.next);
      await refuses(world, sendDispute(world, 2n, prepared.next), 'ChunkProven', 2, 0);
    });

    it('is refused with a wrong proof, a wrong number of proofs and a bond', async () => {
      const { world, prepared } = fixture;
      const [parent, batch, data, proofs] = provenArguments(world, prepared.next);
      const by = assertionsBy(world, world.producer);
      await refusesProof(by.submitBatch(parent, batch, data, [{ ...proofs[0]!, cX: proofs[0]!.cX + 1n }]));
      await refuses(world, by.submitBatch(parent, batch, data, []), 'WrongListLength', 'proofs', 1, 0);
      const twice = [...proofs, ...proofs];
      await refuses(world, by.submitBatch(parent, batch, data, twice), 'WrongListLength', 'proofs', 1, 2);
    });

    it('is refused from anyone but a producer with a plain account', async () => {
      const { world, prepared } = fixture;
      await refuses(world, sendProven(world, prepared.next, world.alice), 'NotProducer', world.alice.address);
    });

    it('is refused from a contract, and in any encoding but abi.encode’s own', async () => {
      const { world, prepared } = fixture;
      const args = provenArguments(world, prepared.next);
      const data = world.assertions.interface.encodeFunctionData('submitBatch', args);
      const to = await world.assertions.getAddress();
      const forwarder = await deployContract(world.ethers, 'Forwarder');
      await world.rollup.setProducer(await forwarder.getAddress(), true);
      await refuses(
        world,
        forwarder.forward(to, data),
        'CallerNotPlainAccount',
        await forwarder.getAddress(),
        world.owner.address,
      );
      for (const behind of ['00', '00'.repeat(32)]) {
        await refuses(
          world.rollup,
          world.producer.sendTransaction({ to, data: `${data}${behind}` }),
          'CalldataNotCanonical',
        );
      }
      await world.producer.sendTransaction({ to, data });
      expect(await world.assertions.isPending(2n)).to.equal(true);
    });

    it('is refused on the last final batch, which is the rollup’s own business', async () => {
      const { world, prepared } = fixture;
      await sendProofs(world, 1n, prepared.built);
      await finalize(world, prepared.built);
      await refuses(world, sendProven(world, prepared.next), 'ParentIsFinal', prepared.built.headerHash);
    });

    it('is refused on a parent that is not the last waiting one', async () => {
      const { world, prepared } = fixture;
      const { built, next } = prepared;
      await submitProven(world, next);
      await refuses(world, sendProven(world, next), 'WrongParent', next.headerHash, headerHash(built.header));
    });

    it('takes no place among those that wait: as many with bonds are asserted behind it', async () => {
      const { world, prepared } = fixture;
      const { maxPending } = world.optimistic;
      let tip = prepared.next;
      await submitProven(world, tip);
      for (let count = 2; count <= maxPending; count += 1) {
        tip = await buildOn(world, tip, [{ slots: [] }]);
        await assertBatch(world, tip);
      }
      const more = await buildOn(world, tip, [{ slots: [] }]);
      await refuses(world, sendAssertion(world, more), 'TooManyPending', maxPending);
      await submitProven(world, more);
    });
  });
});
