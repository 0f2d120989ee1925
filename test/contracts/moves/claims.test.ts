import { L1_DEFAULTS } from '@quittance/protocol';
import { expect } from 'chai';
import { deployOptimistic, fixtureOf } from '../../support/contracts/deployment.ts';
import { deployTwo, finalizeWith, moveProof, moveTo } from '../../support/contracts/moves.ts';
import { refuses } from '../../support/contracts/refusal.ts';
import { connectedTo } from '../../support/contracts/types.ts';

const FEE = L1_DEFAULTS.priorityFeeWei;
const { livenessTimeoutSeconds: LIVENESS, maxBatchAgeSeconds: MAX_AGE } = L1_DEFAULTS;
const WEEK = 7 * 86_400;

describe('claims of moves', () => {
  const fixture = fixtureOf(
    () => deployTwo(),
    async (world) => {
      const { rollup, owner, alice, bob, destination } = world;
      await rollup.deposit(0, 1_000n, 1n, owner.address, { value: 1_000n + FEE });
      const withdrawals = [alice, alice, bob].map(({ address }, index) =>
        moveTo(destination, address, BigInt(10 + index)),
      );
      return { withdrawals, header: await finalizeWith(world, world.genesis, withdrawals) };
    },
  );

  const proofs = (...indices: number[]) => indices.map((index) => moveProof(fixture.prepared.withdrawals, index));
  const claimableAt = () => fixture.prepared.header.time + WEEK + MAX_AGE + LIVENESS;
  const asAlice = () => connectedTo(fixture.world.rollup, fixture.world.alice);

  it('pay the owner that asks at once, like a withdrawal', async () => {
    const { rollup, ethers, destination, alice } = fixture.world;
    const claimed = asAlice().claimMoves(fixture.prepared.header, destination, proofs(0, 1));
    await expect(claimed).to.changeEtherBalances(ethers, [alice, rollup], [21n, -21n]);
    await expect(claimed).to.emit(rollup, 'WithdrawalClaimed').withArgs(1, 1, alice.address, 0, 11n);
    expect(await rollup.trackedTotal(0)).to.equal(979n);
    const again = asAlice().claimMoves(fixture.prepared.header, destination, proofs(0));
    await refuses(rollup, again, 'AlreadyClaimed', 1, 0);
  });

  it('by others have to wait until nobody would have moved it, and pay the owner then', async () => {
    const { rollup, ethers, destination, alice, bob, l1 } = fixture.world;
    const { header } = fixture.prepared;
    expect(await rollup.moveClaimDelay()).to.equal(BigInt(claimableAt() - header.time));
    await refuses(rollup, rollup.claimMoves(header, destination, proofs(2)), 'MoveClaimTooEarly', claimableAt());
    // One of another's is enough.
    await refuses(rollup, asAlice().claimMoves(header, destination, proofs(0, 2)), 'MoveClaimTooEarly', claimableAt());
    await l1.networkHelpers.time.setNextBlockTimestamp(claimableAt() - 1);
    await refuses(rollup, rollup.claimMoves(header, destination, proofs(2)), 'MoveClaimTooEarly', claimableAt());
    await l1.networkHelpers.time.setNextBlockTimestamp(claimableAt());
    await expect(rollup.claimMoves(header, destination, proofs(0, 2))).to.changeEtherBalances(
      ethers,
      [alice, bob],
      [10n, 12n],
    );
  });

  it('wait for longer than any honest batch does: 7 days are left at least once it is final', async () => {
    const { rollup, optimistic } = await deployOptimistic();
    const wait = optimistic.challengePeriod + optimistic.answerWindow + optimistic.stepWindow;
    expect(Number(await rollup.moveClaimDelay())).to.be.above(WEEK + MAX_AGE + wait);
  });

  it('go to whom the owner names, and nobody else names anybody', async () => {
    const { rollup, ethers, destination, bob } = fixture.world;
    const { header } = fixture.prepared;
    const claimTo = (receiver: string, ...indices: number[]) =>
      asAlice().claimMovesTo(header, destination, proofs(...indices), receiver);
    await fixture.world.l1.networkHelpers.time.increaseTo(claimableAt());
    await refuses(rollup, claimTo(bob.address, 0, 2), 'NotOwner', bob.address, fixture.world.alice.address);
    for (const receiver of [ethers.ZeroAddress, await rollup.getAddress()]) {
      await refuses(rollup, claimTo(receiver, 0), 'NoReceiver', receiver);
    }
    await expect(claimTo(bob.address, 0, 1)).to.changeEtherBalance(ethers, bob, 21n);
  });

  it('are for the destination that the move names, whether it was registered or not', async () => {
    const { world, prepared } = fixture;
    const other = asAlice().claimMoves(prepared.header, world.destination + 1, proofs(0));
    await expect(other).to.be.revertedWithCustomError(world.rollup, 'WrongWithdrawalsRoot');
    const withdrawals = [moveTo(99, world.alice.address, 30n)];
    const header = await finalizeWith(world, prepared.header, withdrawals);
    const moves = [moveProof(withdrawals, 0)];
    await refuses(world.rollup, world.rollup.executeMoves(header, 99, moves), 'UnknownDestination', 99);
    await expect(asAlice().claimMoves(header, 99, moves)).to.changeEtherBalance(world.ethers, world.alice, 30n);
  });

  it('of none do nothing', async () => {
    const { rollup, destination } = fixture.world;
    await rollup.claimMoves(fixture.prepared.header, destination, []);
    expect(await rollup.trackedTotal(0)).to.equal(1_000n);
  });
});
