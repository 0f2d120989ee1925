import { expect } from 'chai';
import { type Signer, ZeroAddress } from 'ethers';
import { deployContract, latestTime } from '../../support/contracts/deployment.ts';
import { refuses } from '../../support/contracts/refusal.ts';
import {
  assertBatch,
  assertionsBy,
  at,
  buildOn,
  dispute,
  finalize,
  proveStep,
  sendAnswer,
  sendProofs,
} from '../../support/optimistic/calls.ts';
import { assertionsFixture } from '../../support/optimistic/fixture.ts';
import { HOLDERS } from '../../support/optimistic/lie-scene.ts';
import { LIES } from '../../support/optimistic/lies.ts';
import { transferOf } from '../../support/optimistic/slot-scripts.ts';

const { alice, bob } = HOLDERS;
const BURNED = `0x${'00'.repeat(18)}dEaD`;
/** Odd, so that halves do not come out even. */
const BONDS = { assertionBond: 1_000_001n, disputeBond: 501n };

describe('bonds', () => {
  const fixture = assertionsFixture({ optimistic: BONDS }, async (world, tip) => {
    const built = await buildOn(world, tip, [{ slots: [transferOf(alice, bob.index, 5n)] }, { slots: [] }]);
    const lie = await buildOn(world, tip, [{ slots: [LIES[0]!.script] }]);
    return { tip, built, lie };
  });

  const creditOf = async (account: { readonly address: string }) =>
    await fixture.world.assertions.creditOf(account.address);
  const held = async () => {
    const { ethers, assertions } = fixture.world;
    return ethers.provider.getBalance(await assertions.getAddress());
  };
  const burned = async () => fixture.world.ethers.provider.getBalance(BURNED);
  const clocks = () => {
    const { challengePeriod: C, answerWindow: A, stepWindow: S } = fixture.world.optimistic;
    return { C, A, S };
  };
  const settle = (id: bigint) => assertionsBy(fixture.world, fixture.world.owner).settleDispute(id);
  /** Everybody takes what is theirs; whatever is left then belongs to nobody. */
  const collectAll = async () => {
    const { world } = fixture;
    for (const signer of [world.owner, world.producer, world.alice, world.bob]) {
      if ((await creditOf(signer)) > 0n) await assertionsBy(world, signer).collectCredit(signer.address);
    }
  };

  it('of an assertion stay while it waits, disputed or not', async () => {
    const { world, prepared } = fixture;
    const release = (id: bigint) => assertionsBy(world, world.producer).releaseBond(id);
    await assertBatch(world, prepared.built);
    await refuses(fixture.world, release(1n), 'AssertionPending', 1);
    await dispute(world, 1n, prepared.built, 0);
    await world.l1.networkHelpers.time.increase(10 * clocks().C);
    await refuses(fixture.world, release(1n), 'AssertionPending', 1);
    for (const id of [0n, 2n]) await refuses(fixture.world, release(id), 'UnknownAssertion', id);
    expect(await creditOf(world.producer)).to.equal(0n);
  });

  describe('of a dispute that the answer stood for S', () => {
    beforeEach(async () => {
      const { world, prepared } = fixture;
      await assertBatch(world, prepared.built);
      await dispute(world, 1n, prepared.built, 0);
      await sendAnswer(world, 1n, prepared.built, 0);
    });

    it('go to the asserter by half, and burn by half, a second after S', async () => {
      const { world } = fixture;
      const lostAt = (await latestTime(world)) + clocks().S;
      await at(world, lostAt);
      await refuses(fixture.world, settle(1n), 'DisputeRuns', 1);
      await at(world, lostAt + 1);
      const before = await burned();
      await expect(settle(1n)).to.emit(world.assertions, 'DisputeSettled').withArgs(1, true);
      expect(await creditOf(world.producer)).to.equal(250n);
      expect((await burned()) - before).to.equal(251n);
      expect(await held()).to.equal(BONDS.assertionBond + 250n);
      await refuses(fixture.world, settle(1n), 'DisputeNotOpen', 1);
    });

    it('are lost S after the opening when that came after the answer', async () => {
      const { world, prepared } = fixture;
      await world.l1.networkHelpers.time.increase(100);
      await dispute(world, 1n, prepared.built, 0, { signer: world.alice });
      const lostAt = (await latestTime(world)) + clocks().S;
      await at(world, lostAt);
      await refuses(fixture.world, settle(2n), 'DisputeRuns', 2);
      const snapshot = await world.l1.networkHelpers.takeSnapshot();
      await expect(settle(1n)).to.emit(world.assertions, 'DisputeSettled').withArgs(1, true);
      await snapshot.restore();
      await at(world, lostAt + 1);
      await expect(settle(2n)).to.emit(world.assertions, 'DisputeSettled').withArgs(2, true);
    });

    it('are lost after the batch became final too', async () => {
      const { world, prepared } = fixture;
      const { C, S } = clocks();
      await world.l1.networkHelpers.time.increase(C + S);
      await finalize(world, prepared.built);
      await expect(settle(1n)).to.emit(world.assertions, 'DisputeSettled').withArgs(1, true);
      await collectAll();
      expect(await held()).to.equal(0n);
    });

    it('go back when a proof of the chunk came, before S and after it', async () => {
      const { world, prepared } = fixture;
      const { S } = clocks();
      await sendProofs(world, 1n, prepared.built, 0, 1);
      const snapshot = await world.l1.networkHelpers.takeSnapshot();
      await expect(settle(1n)).to.emit(world.assertions, 'DisputeSettled').withArgs(1, false);
      expect(await creditOf(world.bob)).to.equal(BONDS.disputeBond);
      await snapshot.restore();
      await world.l1.networkHelpers.time.increase(S + 1);
      await expect(settle(1n)).to.emit(world.assertions, 'DisputeSettled').withArgs(1, false);
    });
  });

  it('of a dispute without an answer cannot be lost, however late', async () => {
    const { world, prepared } = fixture;
    await assertBatch(world, prepared.built);
    await dispute(world, 1n, prepared.built, 0);
    await world.l1.networkHelpers.time.increase(100 * clocks().C);
    await refuses(world, settle(1n), 'DisputeRuns', 1);
    await assertionsBy(world, world.alice).rejectUnanswered(1n, 0);
    await expect(settle(1n)).to.emit(world.assertions, 'DisputeSettled').withArgs(1, false);
  });

  it('of disputes that are unknown are nobody’s', async () => {
    for (const id of [0n, 1n, 2n ** 64n - 1n]) await refuses(fixture.world, settle(id), 'DisputeNotOpen', id);
  });

  it('of a lie: half to the prover, half burned, and all disputers get theirs back', async () => {
    const { world, prepared } = fixture;
    const { lie } = prepared;
    await assertBatch(world, lie);
    await dispute(world, 1n, lie, 0, { signer: world.alice });
    await sendAnswer(world, 1n, lie, 0);
    await dispute(world, 1n, lie, 0, { signer: world.owner });
    const before = await burned();
    await proveStep(world, lie, { assertionId: 1n, chunk: 0, slot: 0 }, world.bob);
    expect(await creditOf(world.bob)).to.equal(500_000n);
    expect((await burned()) - before).to.equal(500_001n);
    for (const [id, signer] of [
      [1n, world.alice],
      [2n, world.owner],
    ] as const) {
      await expect(settle(id)).to.emit(world.assertions, 'DisputeSettled').withArgs(id, false);
      expect(await creditOf(signer)).to.equal(BONDS.disputeBond);
    }
    await collectAll();
    expect(await held()).to.equal(0n);
  });

  it('of a lie are not lost by disputes that should have been settled before the rejection', async () => {
    const { world, prepared } = fixture;
    const { lie } = prepared;
    await assertBatch(world, lie);
    await dispute(world, 1n, lie, 0);
    await sendAnswer(world, 1n, lie, 0);
    await world.l1.networkHelpers.time.increase(clocks().S + 1);
    await proveStep(world, lie, { assertionId: 1n, chunk: 0, slot: 0 }, world.alice);
    await expect(settle(1n)).to.emit(world.assertions, 'DisputeSettled').withArgs(1, false);
  });

  it('of a liar that challenges itself burn by half: it cannot lie for free', async () => {
    const { world, prepared } = fixture;
    const { lie } = prepared;
    await assertBatch(world, lie);
    await dispute(world, 1n, lie, 0, { signer: world.producer });
    const before = await burned();
    await sendAnswer(world, 1n, lie, 0);
    await proveStep(world, lie, { assertionId: 1n, chunk: 0, slot: 0 }, world.producer);
    await settle(1n);
    expect(await creditOf(world.producer)).to.equal(500_000n + BONDS.disputeBond);
    expect((await burned()) - before).to.equal(500_001n);
  });

  it('of a liar that never answers burn by half too', async () => {
    const { world, prepared } = fixture;
    await assertBatch(world, prepared.lie);
    await dispute(world, 1n, prepared.lie, 0, { signer: world.producer });
    const before = await burned();
    await world.l1.networkHelpers.time.increase(clocks().A + 1);
    await assertionsBy(world, world.producer).rejectUnanswered(1n, 0);
    await settle(1n);
    await collectAll();
    expect((await burned()) - before).to.equal(500_001n);
    expect(await held()).to.equal(0n);
  });

  it('of an honest asserter that disputes itself: it loses half of that bond to nobody', async () => {
    const { world, prepared } = fixture;
    await assertBatch(world, prepared.built);
    await dispute(world, 1n, prepared.built, 0, { signer: world.producer });
    await sendAnswer(world, 1n, prepared.built, 0);
    await world.l1.networkHelpers.time.increase(clocks().S + 1);
    await settle(1n);
    expect(await creditOf(world.producer)).to.equal(250n);
  });

  describe('collectCredit', () => {
    const earn = async (signer: Signer) => {
      const { world, prepared } = fixture;
      await assertBatch(world, prepared.built);
      await dispute(world, 1n, prepared.built, 0, { signer });
      await sendProofs(world, 1n, prepared.built, 0, 1);
      await settle(1n);
    };

    it('pays the caller’s credit to whom it names, once', async () => {
      const { world } = fixture;
      await earn(world.bob);
      const receiver = world.ethers.Wallet.createRandom().address;
      await expect(assertionsBy(world, world.bob).collectCredit(receiver))
        .to.emit(world.assertions, 'CreditCollected')
        .withArgs(world.bob.address, receiver, BONDS.disputeBond);
      expect(await world.ethers.provider.getBalance(receiver)).to.equal(BONDS.disputeBond);
      await refuses(world, assertionsBy(world, world.bob).collectCredit(receiver), 'NoCredit', world.bob.address);
    });

    it('pays the caller when it names nobody: what goes to the address 0 is gone', async () => {
      const { world } = fixture;
      await earn(world.bob);
      const sent = assertionsBy(world, world.bob).collectCredit(ZeroAddress);
      await expect(sent).to.changeEtherBalance(world.ethers, world.bob, BONDS.disputeBond);
      await expect(sent)
        .to.emit(world.assertions, 'CreditCollected')
        .withArgs(world.bob.address, world.bob.address, BONDS.disputeBond);
    });

    it('refuses who has none', async () => {
      const { world } = fixture;
      await refuses(
        world,
        assertionsBy(world, world.alice).collectCredit(world.alice.address),
        'NoCredit',
        world.alice.address,
      );
    });

    it('keeps the credit when the receiver does not take it', async () => {
      const { world } = fixture;
      await earn(world.bob);
      const refusing = await world.verifier.getAddress();
      await refuses(
        world,
        assertionsBy(world, world.bob).collectCredit(refusing),
        'PaymentFailed',
        refusing,
        BONDS.disputeBond,
      );
      expect(await creditOf(world.bob)).to.equal(BONDS.disputeBond);
    });

    it('pays once when the receiver calls again', async () => {
      const { world, prepared } = fixture;
      const { assertions } = world;
      const receiver = await deployContract(world.ethers, 'ReentrantReceiver');
      const [address, target] = [await receiver.getAddress(), await assertions.getAddress()];
      const call = (name: string, args: unknown[]) => assertions.interface.encodeFunctionData(name, args);
      await assertBatch(world, prepared.built);
      await receiver.forward(target, call('openDispute', [1n, prepared.built.headerHash, 0]), {
        value: BONDS.disputeBond,
      });
      await sendProofs(world, 1n, prepared.built, 0, 1);
      await settle(1n);
      const collect = call('collectCredit', [address]);
      await receiver.setCall(collect);
      await receiver.forward(target, collect);
      expect(await receiver.payments()).to.equal(1n);
      expect(await receiver.entries()).to.equal(0n);
      expect(await world.ethers.provider.getBalance(address)).to.equal(BONDS.disputeBond);
      expect(await held()).to.equal(BONDS.assertionBond);
    });
  });

  it('are not taken by plain payments', async () => {
    const { world } = fixture;
    const to = await world.assertions.getAddress();
    await expect(world.bob.sendTransaction({ to, value: 1n })).to.be.revertedWithoutReason(world.ethers);
  });
});
