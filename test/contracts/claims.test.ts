import {
  L1_DEFAULTS,
  packOwnerAndToken,
  RecordKind,
  type StoredHeader,
  type Withdrawal,
  withdrawalLeaf,
  withdrawalProof,
} from '@quittance/protocol';
import { expect } from 'chai';
import { ZeroHash } from 'ethers';
import { buildBatch, record, submit } from '../support/contracts/batch.ts';
import { type DeployedRollup, deployContract, latestTime, rollupFixture } from '../support/contracts/deployment.ts';
import { refuses } from '../support/contracts/refusal.ts';
import { connectedTo, type RollupContract } from '../support/contracts/types.ts';

const FEE = L1_DEFAULTS.priorityFeeWei;

/** A withdrawal of a batch with its proof, as the contract takes it. */
function claimOf(withdrawals: readonly Withdrawal[], index: number) {
  return { index, ...withdrawals[index]!, siblings: withdrawalProof(withdrawals, index) };
}

/** Makes a batch with these withdrawals final. */
async function finalize(
  world: DeployedRollup,
  withdrawals: readonly Withdrawal[],
  parent: StoredHeader = world.genesis,
) {
  const records = withdrawals.map(({ ownerAndToken, amount }) =>
    record(RecordKind.withdraw, [0n, ownerAndToken, amount], 1),
  );
  const { slotsPerChunk } = world.parameters;
  const chunks = Array.from({ length: Math.max(1, Math.ceil(records.length / slotsPerChunk)) }, (_, chunk) =>
    records.slice(chunk * slotsPerChunk, (chunk + 1) * slotsPerChunk),
  );
  const built = buildBatch(world, { parent, time: await latestTime(world), chunks });
  await submit(world, built);
  return built.header;
}

describe('claims', () => {
  const fixture = rollupFixture({ slotsPerChunk: 6 }, async (world) => {
    const { ethers, rollup, owner } = world;
    const token = await deployContract(ethers, 'TestToken', ['Test', 'TST']);
    await rollup.registerToken(await token.getAddress());
    await token.mint(owner.address, 1_000_000n);
    await token.approve(await rollup.getAddress(), 1_000_000n);
    await rollup.deposit(0, 10_000n, 1n, owner.address, { value: 10_000n + FEE });
    await rollup.deposit(1, 10_000n, 1n, owner.address, { value: FEE });
    return { token };
  });

  const to = (address: string, amount: bigint, tokenId = 0): Withdrawal => ({
    ownerAndToken: packOwnerAndToken(BigInt(address), tokenId),
    amount,
  });

  it('pay ETH and tokens to their owners, several at once and whoever asks', async () => {
    const { world, prepared } = fixture;
    const withdrawals = [to(world.alice.address, 5n), to(world.bob.address, 7n, 1), to(world.alice.address, 9n)];
    const header = await finalize(world, withdrawals);
    const rollup = world.rollup.connect(world.producer) as RollupContract;
    const sent = rollup.claimWithdrawals(header, [claimOf(withdrawals, 0), claimOf(withdrawals, 1)]);
    await expect(sent).to.changeEtherBalances(world.ethers, [world.alice, world.rollup], [5n, -5n]);
    await expect(sent).to.changeTokenBalances(world.ethers, prepared.token, [world.bob, world.rollup], [7n, -7n]);
    await expect(sent).to.emit(world.rollup, 'WithdrawalClaimed').withArgs(1, 1, world.bob.address, 1, 7n);
    expect(await world.rollup.trackedTotal(0)).to.equal(9_995n);
    expect(await world.rollup.trackedTotal(1)).to.equal(9_993n);
    expect(await Promise.all([0, 1, 2].map((index) => world.rollup.isClaimed(1, index)))).to.deep.equal([
      true,
      true,
      false,
    ]);
  });

  it('work for every index of every count, of a full batch and of a single one', async () => {
    const { world } = fixture;
    const snapshot = await world.l1.networkHelpers.takeSnapshot();
    for (const count of [1, 2, 3, 4, 5, 7, 8, 9, 17, 18]) {
      const withdrawals = Array.from({ length: count }, (_, index) => to(world.alice.address, BigInt(index + 1)));
      const header = await finalize(world, withdrawals);
      expect(header.withdrawalCount).to.equal(count);
      const sent = world.rollup.claimWithdrawals(
        header,
        withdrawals.map((_, index) => claimOf(withdrawals, index)),
      );
      await expect(sent).to.changeEtherBalance(world.ethers, world.alice, (BigInt(count) * BigInt(count + 1)) / 2n);
      await snapshot.restore();
    }
  });

  it('go on for old batches, each with bits of its own', async () => {
    const { world } = fixture;
    const withdrawals = [to(world.alice.address, 5n)];
    const first = await finalize(world, withdrawals);
    const second = await finalize(world, withdrawals, first);
    await world.rollup.claimWithdrawals(second, [claimOf(withdrawals, 0)]);
    await world.rollup.claimWithdrawals(first, [claimOf(withdrawals, 0)]);
    expect(await world.rollup.trackedTotal(0)).to.equal(9_990n);
  });

  describe('are refused', () => {
    const four = () => [1n, 2n, 3n, 4n, 5n].map((amount) => to(fixture.world.alice.address, amount));

    it('twice, also within one call', async () => {
      const { world } = fixture;
      const header = await finalize(world, four());
      const claim = claimOf(four(), 2);
      await refuses(world, world.rollup.claimWithdrawals(header, [claim, claim]), 'AlreadyClaimed', 1, 2);
      await world.rollup.claimWithdrawals(header, [claim]);
      await refuses(world, world.rollup.claimWithdrawals(header, [claim]), 'AlreadyClaimed', 1, 2);
    });

    it('under a header with any field changed or of no batch', async () => {
      const { world } = fixture;
      const header = await finalize(world, four());
      const claims = [claimOf(four(), 0)];
      for (const change of [
        { time: header.time + 1 },
        { parentHash: ZeroHash },
        { stateRoot: 1n },
        { chunksHash: ZeroHash },
        { withdrawalsRoot: withdrawalLeaf(to(world.alice.address, 10_000n)) },
        { withdrawalCount: 8 },
        { priorityCount: 1 },
        { transferToNewCount: 1 },
        { number: 2 },
        { number: 0 },
      ]) {
        await expect(world.rollup.claimWithdrawals({ ...header, ...change }, claims)).to.be.revertedWithCustomError(
          world.rollup,
          'UnknownHeader',
        );
      }
    });

    it('with an index beyond the count, though the tree has that place', async () => {
      const { world } = fixture;
      const header = await finalize(world, four());
      for (const index of [5, 7, 8, 2 ** 32 - 1]) {
        await refuses(
          world,
          world.rollup.claimWithdrawals(header, [{ ...claimOf(four(), 4), index }]),
          'WithdrawalIndexTooLarge',
          5,
          index,
        );
      }
      const none = await finalize(world, [], header);
      await refuses(
        world,
        world.rollup.claimWithdrawals(none, [{ index: 0, ...to(world.alice.address, 1n), siblings: [] }]),
        'WithdrawalIndexTooLarge',
        0,
        0,
      );
    });

    it('with more or fewer siblings', async () => {
      const { world } = fixture;
      const header = await finalize(world, four());
      const claim = claimOf(four(), 0);
      for (const siblings of [claim.siblings.slice(1), [...claim.siblings, ZeroHash], []]) {
        await refuses(
          world,
          world.rollup.claimWithdrawals(header, [{ ...claim, siblings }]),
          'WrongProofLength',
          3,
          siblings.length,
        );
      }
    });

    it('with another owner, token, amount, index or sibling', async () => {
      const { world } = fixture;
      const header = await finalize(world, four());
      const claim = claimOf(four(), 1);
      for (const changed of [
        { ...claim, ownerAndToken: packOwnerAndToken(BigInt(world.bob.address), 0) },
        { ...claim, ownerAndToken: claim.ownerAndToken + (1n << 160n) },
        { ...claim, ownerAndToken: claim.ownerAndToken + (1n << 192n) },
        { ...claim, amount: 3n },
        { ...claim, index: 0 },
        { ...claim, index: 3 },
        ...claim.siblings.map((_, level) => ({ ...claim, siblings: claim.siblings.with(level, ZeroHash) })),
      ]) {
        await expect(world.rollup.claimWithdrawals(header, [changed])).to.be.revertedWithCustomError(
          world.rollup,
          'WrongWithdrawalsRoot',
        );
      }
    });

    it('with an inner node in the place of a leaf', async () => {
      const { world } = fixture;
      const withdrawals = four();
      const header = await finalize(world, withdrawals);
      // 64 bytes of two leaves cannot be a withdrawal: its leaf is hashed twice.
      const forged = {
        index: 0,
        ownerAndToken: BigInt(withdrawalLeaf(withdrawals[0]!)),
        amount: BigInt(withdrawalLeaf(withdrawals[1]!)),
        siblings: claimOf(withdrawals, 0).siblings,
      };
      await expect(world.rollup.claimWithdrawals(header, [forged])).to.be.revertedWithCustomError(
        world.rollup,
        'WrongWithdrawalsRoot',
      );
    });
  });

  it('of one receiver that refuses ETH block nobody else’s, and go through once it takes it', async () => {
    const { world } = fixture;
    const forwarder = await deployContract(world.ethers, 'Forwarder');
    const address = await forwarder.getAddress();
    const withdrawals = [to(address, 5n), to(world.alice.address, 7n)];
    const header = await finalize(world, withdrawals);
    await refuses(
      world.rollup,
      world.rollup.claimWithdrawals(header, [claimOf(withdrawals, 0)]),
      'PaymentRefused',
      address,
      5n,
    );
    await world.rollup.claimWithdrawals(header, [claimOf(withdrawals, 1)]);
    expect(await world.rollup.isClaimed(1, 0)).to.equal(false);
    await forwarder.setTakesEther(true);
    await expect(world.rollup.claimWithdrawals(header, [claimOf(withdrawals, 0)])).to.changeEtherBalance(
      world.ethers,
      forwarder,
      5n,
    );
  });

  it('cannot be entered again by the token that they pay', async () => {
    const { world } = fixture;
    const { rollup, alice, owner } = world;
    const token = await deployContract(world.ethers, 'ReentrantToken');
    await rollup.registerToken(await token.getAddress());
    await token.mint(owner.address, 100n);
    await token.approve(await rollup.getAddress(), 100n);
    await rollup.deposit(2, 100n, 1n, owner.address, { value: FEE });
    const withdrawals = [to(alice.address, 40n, 2), to(alice.address, 60n, 2)];
    const header = await finalize(world, withdrawals);
    const again = rollup.interface.encodeFunctionData('claimWithdrawals', [header, [claimOf(withdrawals, 1)]]);
    await token.setCall(await rollup.getAddress(), again);
    await refuses(
      rollup,
      connectedTo(rollup, alice).claimWithdrawals(header, [claimOf(withdrawals, 0)]),
      'ReentrancyGuardReentrantCall',
    );
  });
});
