import { packOwnerAndToken, RecordKind, RollupState, withdrawalProof } from '@quittance/protocol';
import { expect } from 'chai';
import { record } from '../../support/contracts/batch.ts';
import { declaring, refuses } from '../../support/contracts/refusal.ts';
import type { BuiltAssertion, Tip } from '../../support/optimistic/asserted-batch.ts';
import {
  assertBatch,
  assertionsBy,
  buildOn,
  dispute,
  finalize,
  proveStep,
  sendAnswer,
  sendAssertion,
  sendProofs,
  submitFinal,
} from '../../support/optimistic/calls.ts';
import { deploymentFixture } from '../../support/optimistic/fixture.ts';
import {
  accountAt,
  noop,
  pretending,
  priorityOf,
  type SlotScript,
  withdrawOf,
} from '../../support/optimistic/slot-scripts.ts';
import { createPerson } from '../../support/rollup/person.ts';
import { portableCrypto } from '../../support/rollup/world.ts';

const DEPOSIT = 100n;
const INDEX = 5;

describe('after a rollback', () => {
  /** Alice deposits and asks for an exit; a batch executes both, pays a withdrawal, and lies in its last slot. */
  const fixture = deploymentFixture({}, async (world) => {
    const { rollup, alice, parameters } = world;
    const owner = BigInt(alice.address);
    const holder = { ...createPerson('alice'), owner, index: INDEX };
    const keyY = holder.keyPair.publicKey.y;
    await rollup.deposit(0, DEPOSIT, keyY, alice.address, { value: parameters.priorityFee + DEPOSIT });
    const deposit = record(RecordKind.deposit, [keyY, packOwnerAndToken(owner, 0), DEPOSIT]);
    const genesis: Tip = { header: world.genesis, state: new RollupState(portableCrypto.hasher) };
    const mint: SlotScript = pretending(noop, ({ view }) => ({
      changes: [{ index: INDEX, after: { ...accountAt(view, INDEX), balance: accountAt(view, INDEX).balance + 1n } }],
    }));
    const withdraw = withdrawOf(holder, 30n);
    const lie = await buildOn(world, genesis, [{ slots: [priorityOf(deposit, INDEX), withdraw, mint] }]);
    const honest = await buildOn(world, genesis, [{ slots: [priorityOf(deposit, INDEX), withdraw] }]);
    return { genesis, deposit, lie, honest };
  });

  const reject = async () => {
    const { world, prepared } = fixture;
    await assertBatch(world, prepared.lie);
    await dispute(world, 1n, prepared.lie);
    await sendAnswer(world, 1n, prepared.lie);
    await proveStep(world, prepared.lie, { assertionId: 1n, chunk: 0, slot: 2 });
  };
  const makeFinal = async (...batches: BuiltAssertion[]) => {
    const { world } = fixture;
    await world.l1.networkHelpers.time.increase(world.optimistic.challengePeriod + 1);
    await finalize(world, ...batches);
  };
  const claim = ({ header, withdrawals }: BuiltAssertion) =>
    fixture.world.rollup.claimWithdrawals(header, [
      { index: 0, ...withdrawals[0]!, siblings: withdrawalProof(withdrawals, 0) },
    ]);
  const total = () => fixture.world.rollup.trackedTotal(0) as Promise<bigint>;

  it('the queue stands where the last final batch left it, and its operations are executed again', async () => {
    const { world, prepared } = fixture;
    await reject();
    expect(await world.rollup.finalState()).to.deep.equal([0n, 0n, 0n]);
    expect((await world.rollup.queueState())[0]).to.equal(1n);
    await assertBatch(world, prepared.honest);
    await makeFinal(prepared.honest);
    expect(await world.rollup.finalState()).to.deep.equal([1n, 1n, 0n]);
    expect(await total()).to.equal(DEPOSIT);
    expect(prepared.honest.state.get(INDEX)!.balance).to.equal(DEPOSIT - 30n);
  });

  it('a batch that forgets the operations of the removed one is refused when they are due', async () => {
    const { world, prepared } = fixture;
    await reject();
    const [, deadline] = (await world.rollup.priorityOperation(0n)) as [string, bigint, bigint];
    const late = Number(deadline) + 1;
    await world.l1.networkHelpers.time.increaseTo(late);
    const forgetful = await buildOn(world, prepared.genesis, [{ slots: [] }], late);
    await refuses(world, sendAssertion(world, forgetful), 'OverdueOperationSkipped', 0, deadline, late);
  });

  it('a deposit is never credited twice: not beside, not behind the batch that executes it', async () => {
    const { world, prepared } = fixture;
    await reject();
    await assertBatch(world, prepared.honest);
    const again = await buildOn(world, prepared.honest, [{ slots: [priorityOf(prepared.deposit, INDEX)] }]);
    await refuses(world, sendAssertion(world, again), 'PriorityNotRequested', 1, 2);
    await makeFinal(prepared.honest);
    await refuses(world, sendAssertion(world, again), 'PriorityNotRequested', 1, 2);
    await refuses(world, submitFinal(world, again), 'PriorityNotRequested', 1, 2);
  });

  it('the fee of an operation is credited once, to whoever executed it in the end', async () => {
    const { world, prepared } = fixture;
    await world.rollup.setProducer(world.bob.address, true);
    await reject();
    expect(await world.rollup.collectableFees(world.producer.address)).to.equal(0n);
    await assertBatch(world, prepared.honest, world.bob);
    expect(await world.rollup.collectableFees(world.bob.address)).to.equal(0n);
    await makeFinal(prepared.honest);
    expect(await world.rollup.collectableFees(world.producer.address)).to.equal(0n);
    expect(await world.rollup.collectableFees(world.bob.address)).to.equal(world.parameters.priorityFee);
  });

  it('the fee goes to who asserted, not to who proved or made it final', async () => {
    const { world, prepared } = fixture;
    await assertBatch(world, prepared.honest);
    await sendProofs(world, 1n, prepared.honest);
    await finalize(world, prepared.honest);
    expect(await world.rollup.collectableFees(world.producer.address)).to.equal(world.parameters.priorityFee);
    expect(await world.rollup.collectableFees(world.alice.address)).to.equal(0n);
  });

  it('the fee of a batch that a proof overtook goes to who proved, once', async () => {
    const { world, prepared } = fixture;
    await world.rollup.setProducer(world.bob.address, true);
    await assertBatch(world, prepared.honest);
    await submitFinal(world, prepared.honest, world.bob);
    expect(await world.rollup.collectableFees(world.bob.address)).to.equal(world.parameters.priorityFee);
    expect(await world.rollup.collectableFees(world.producer.address)).to.equal(0n);
    await refuses(world, finalize(world, prepared.honest), 'WrongBatchNumber', 2, 1);
    await world.assertions.releaseBond(1n);
    expect(await world.rollup.collectableFees(world.producer.address)).to.equal(0n);
  });

  it('withdrawals of waiting and of removed batches are not paid, those of the final one once', async () => {
    const { world, prepared } = fixture;
    const { lie, honest } = prepared;
    await assertBatch(world, lie);
    await expect(claim(lie)).to.be.revertedWithCustomError(declaring(world, 'UnknownHeader'), 'UnknownHeader');
    await dispute(world, 1n, lie);
    await sendAnswer(world, 1n, lie);
    await proveStep(world, lie, { assertionId: 1n, chunk: 0, slot: 2 });
    await expect(claim(lie)).to.be.revertedWithCustomError(declaring(world, 'UnknownHeader'), 'UnknownHeader');
    await assertBatch(world, honest);
    await expect(claim(honest)).to.be.revertedWithCustomError(declaring(world, 'UnknownHeader'), 'UnknownHeader');
    await makeFinal(honest);
    await expect(claim(lie)).to.be.revertedWithCustomError(declaring(world, 'UnknownHeader'), 'UnknownHeader');
    await expect(claim(honest)).to.changeEtherBalance(world.ethers, world.alice, 30n);
    await refuses(world, claim(honest), 'AlreadyClaimed', 1, 0);
    expect(await total()).to.equal(DEPOSIT - 30n);
  });

  it('no money of the rollup has moved to Assertions, and none of the bonds to the rollup', async () => {
    const { world, prepared } = fixture;
    const balanceOf = async (contract: { getAddress(): Promise<string> }) =>
      world.ethers.provider.getBalance(await contract.getAddress());
    const inRollup = await balanceOf(world.rollup);
    await reject();
    await assertBatch(world, prepared.honest);
    await makeFinal(prepared.honest);
    expect(await balanceOf(world.rollup)).to.equal(inRollup);
    await world.assertions.settleDispute(1n);
    for (const signer of [world.bob, world.producer]) {
      await assertionsBy(world, signer).collectCredit(signer.address);
    }
    expect(await balanceOf(world.assertions)).to.equal(0n);
    expect(await balanceOf(world.rollup)).to.equal(inRollup);
  });
});
