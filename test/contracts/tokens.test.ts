import { L1_DEFAULTS, packOwnerAndToken, RecordKind } from '@quittance/protocol';
import { expect } from 'chai';
import { ZeroAddress } from 'ethers';
import { buildBatch, record, submit } from '../support/contracts/batch.ts';
import { deployContract, latestTime, rollupFixture } from '../support/contracts/deployment.ts';
import { refuses } from '../support/contracts/refusal.ts';
import type { ContractTypes, TokenContract } from '../support/contracts/types.ts';

/** Doubles of contracts/mocks that are tokens. */
type TokenName = {
  [Name in keyof ContractTypes]: ContractTypes[Name] extends TokenContract ? Name : never;
}[keyof ContractTypes];

const FEE = L1_DEFAULTS.priorityFeeWei;

describe('tokens', () => {
  const fixture = rollupFixture();

  /** A mock with tokens in the owner's hands, allowed and registered. */
  const register = async <Name extends TokenName>(name: Name, ...args: unknown[]) => {
    const { ethers, rollup, owner } = fixture.world;
    const token = await deployContract(ethers, name, args);
    await token.mint(owner.address, 10_000n);
    await token.approve(await rollup.getAddress(), 10_000n);
    await rollup.registerToken(await token.getAddress());
    return token;
  };
  const deposit = (amount: bigint) =>
    fixture.world.rollup.deposit(1, amount, 1n, fixture.world.owner.address, { value: FEE });
  /** Makes a withdrawal of the token final and claims it for bob. */
  const withdraw = async (amount: bigint) => {
    const { world } = fixture;
    const ownerAndToken = packOwnerAndToken(BigInt(world.bob.address), 1);
    const built = buildBatch(world, {
      parent: world.genesis,
      time: await latestTime(world),
      chunks: [[record(RecordKind.withdraw, [0n, ownerAndToken, amount], 1)]],
    });
    await submit(world, built);
    return world.rollup.claimWithdrawals(built.header, [{ index: 0, ownerAndToken, amount, siblings: [] }]);
  };

  it('get ids in order, from anyone, ETH has 0', async () => {
    const { rollup } = fixture.world;
    const token = await register('TestToken', 'One', 'ONE');
    const address = await token.getAddress();
    expect(await rollup.tokenAddress(0)).to.equal(ZeroAddress);
    expect(await rollup.tokenAddress(1)).to.equal(address);
    expect(await rollup.tokenIdOf(address)).to.equal(1n);
    expect(await rollup.tokenIdOf(ZeroAddress)).to.equal(0n);
    expect(await rollup.tokenCount()).to.equal(2n);
    await refuses(rollup, rollup.tokenAddress(2), 'UnknownToken', 2);
    await refuses(rollup, rollup.tokenIdOf(fixture.world.alice.address), 'NotAToken', fixture.world.alice.address);
    const second = await deployContract(fixture.world.ethers, 'TestToken', ['Two', 'TWO']);
    await expect(rollup.registerToken(await second.getAddress()))
      .to.emit(rollup, 'TokenRegistered')
      .withArgs(2, await second.getAddress());
  });

  it('are refused when registered already, without code, or the rollup itself', async () => {
    const { rollup, alice } = fixture.world;
    const token = await register('TestToken', 'One', 'ONE');
    const address = await token.getAddress();
    await refuses(rollup, rollup.registerToken(address), 'TokenAlreadyRegistered', address, 1);
    for (const other of [alice.address, ZeroAddress, await rollup.getAddress()]) {
      await refuses(rollup, rollup.registerToken(other), 'NotAToken', other);
    }
  });

  it('that return nothing are deposited and paid out', async () => {
    const { world } = fixture;
    const token = await register('NoReturnToken');
    await deposit(100n);
    await withdraw(40n);
    expect(await token.balanceOf(world.bob.address)).to.equal(40n);
    expect(await world.rollup.trackedTotal(1)).to.equal(60n);
  });

  it('that keep a fee are refused, with what arrived', async () => {
    const { rollup } = fixture.world;
    await register('FeeOnTransferToken');
    await refuses(rollup, deposit(1000n), 'WrongAmountDelivered', 1000n, 990n);
    expect(await rollup.trackedTotal(1)).to.equal(0n);
  });

  it('that add to what was asked are refused, with what arrived', async () => {
    const { rollup } = fixture.world;
    await register('BonusToken');
    await refuses(rollup, deposit(1000n), 'WrongAmountDelivered', 1000n, 1001n);
    expect(await rollup.trackedTotal(1)).to.equal(0n);
  });

  it('that return false are refused', async () => {
    const { rollup } = fixture.world;
    const token = await register('FalseToken');
    await refuses(rollup, deposit(1000n), 'SafeERC20FailedOperation', await token.getAddress());
  });

  it('that move nothing when they rebase downwards to 0 are refused', async () => {
    const { rollup } = fixture.world;
    const token = await register('RebasingToken');
    await token.rebase(250);
    // 1,001 · 100 / 250 shares are 400, which show as 1,000.
    await refuses(rollup, deposit(1001n), 'WrongAmountDelivered', 1001n, 1000n);
    await deposit(1000n);
  });

  it('that shrank by themselves pay until they are gone, and touch no other token', async () => {
    const { world } = fixture;
    const token = await register('RebasingToken');
    await deposit(1000n);
    await world.rollup.deposit(0, 500n, 1n, world.owner.address, { value: 500n + FEE });
    await token.rebase(50);
    await expect(withdraw(1000n)).to.be.revertedWithPanic(0x11);
    expect(await world.rollup.trackedTotal(0)).to.equal(500n);
  });

  it('cannot enter deposits again while they are deposited', async () => {
    const { rollup, owner } = fixture.world;
    const token = await register('ReentrantToken');
    const again = [
      rollup.interface.encodeFunctionData('deposit', [1, 1n, 1n, owner.address]),
      rollup.interface.encodeFunctionData('requestExit', [1, 0]),
      rollup.interface.encodeFunctionData('collectFees'),
    ];
    for (const data of again) {
      await token.setCall(await rollup.getAddress(), data);
      await refuses(rollup, deposit(10n), 'ReentrancyGuardReentrantCall');
    }
  });

  it('sent to the contract without a deposit count for nobody', async () => {
    const { rollup } = fixture.world;
    const token = await register('TestToken', 'One', 'ONE');
    await token.transfer(await rollup.getAddress(), 50n);
    expect(await rollup.trackedTotal(1)).to.equal(0n);
    await deposit(10n);
    expect(await rollup.trackedTotal(1)).to.equal(10n);
  });

  it('as ETH are refused without a deposit', async () => {
    const { rollup, owner, ethers } = fixture.world;
    await expect(owner.sendTransaction({ to: await rollup.getAddress(), value: 1n })).to.be.revertedWithoutReason(
      ethers,
    );
  });

  it('cannot be paid beyond the tracked total, whatever a batch says', async () => {
    await register('TestToken', 'One', 'ONE');
    await deposit(100n);
    await expect(withdraw(101n)).to.be.revertedWithPanic(0x11);
  });
});
