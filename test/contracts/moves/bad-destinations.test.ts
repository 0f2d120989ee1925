import { L1_DEFAULTS, type Withdrawal } from '@quittance/protocol';
import { expect } from 'chai';
import { AbiCoder, type BaseContract, MaxUint256 } from 'ethers';
import { deployContract, fixtureOf } from '../../support/contracts/deployment.ts';
import {
  deployTwo,
  finalizeWith,
  moveProof,
  moveTo,
  register,
  type TwoRollups,
} from '../../support/contracts/moves.ts';
import { refuses } from '../../support/contracts/refusal.ts';
import type { RollupContract, TokenContract } from '../../support/contracts/types.ts';

const FEE = L1_DEFAULTS.priorityFeeWei;
const ANSWER = AbiCoder.defaultAbiCoder().encode(['uint64'], [0]);
const TOTAL = 1_000n;

/** A rollup that owes ETH and a token, with a destination that does what it is told. */
async function prepare(world: TwoRollups) {
  const { ethers, rollup, there, owner } = world;
  const bad = await deployContract(ethers, 'BadDestination');
  const destination = await register(world, await bad.getAddress());
  const token = await deployContract(ethers, 'ReentrantToken');
  const address = await token.getAddress();
  await rollup.registerToken(address);
  await there.registerToken(address);
  await token.mint(owner.address, 10n * TOTAL);
  for (const spender of [rollup, there]) await token.approve(await spender.getAddress(), 5n * TOTAL);
  for (const tokenId of [0, 1]) {
    await rollup.deposit(tokenId, TOTAL, 1n, owner.address, { value: FEE + (tokenId === 0 ? TOTAL : 0n) });
  }
  const withdrawals = [0, 1].flatMap((tokenId) => [
    moveTo(destination, owner.address, 30n, { tokenId }),
    moveTo(destination, owner.address, 12n, { tokenId }),
    moveTo(world.destination, owner.address, 9n, { tokenId }),
  ]);
  const header = await finalizeWith(world, world.genesis, withdrawals);
  return { bad, destination, token, withdrawals, header };
}

describe('a destination of moves', () => {
  const fixture = fixtureOf(() => deployTwo(), prepare);

  const proofs = (...indices: number[]) => indices.map((index) => moveProof(fixture.prepared.withdrawals, index));
  const execute = (indices: number[], value = 0n, destination = fixture.prepared.destination) =>
    fixture.world.rollup.executeMoves(fixture.prepared.header, destination, proofs(...indices), { value });
  /** Nothing has moved, and the owner is still paid. */
  const staysClaimable = async (...indices: number[]) => {
    const { rollup } = fixture.world;
    const { header, destination, token } = fixture.prepared;
    expect(await rollup.trackedTotal(0)).to.equal(TOTAL);
    expect(await rollup.trackedTotal(1)).to.equal(TOTAL);
    expect(await token.balanceOf(await rollup.getAddress())).to.equal(TOTAL);
    expect(await token.allowance(await rollup.getAddress(), await fixture.prepared.bad.getAddress())).to.equal(0n);
    for (const index of indices) expect(await rollup.isClaimed(1, index)).to.equal(false);
    await rollup.claimMoves(header, destination, proofs(...indices));
  };

  it('may be no rollup at all, as long as it takes what it is given', async () => {
    const { world, prepared } = fixture;
    const { bad, token } = prepared;
    await bad.setTaking(0n, 0n, ANSWER);
    await expect(execute([0, 1], 7n)).to.changeEtherBalances(world.ethers, [world.rollup, bad], [-42n, 49n]);
    await bad.setTaking(42n, 0n, ANSWER);
    await expect(execute([3, 4])).to.changeTokenBalances(world.ethers, token, [world.rollup, bad], [-42n, 42n]);
    expect(await bad.lastCount()).to.equal(2n);
    // What it got is no concern of the rollup, and nothing more can be taken.
    await expect(bad.pull(await token.getAddress(), await world.rollup.getAddress(), 1n)).to.be.revertedWithCustomError(
      token,
      'ERC20InsufficientAllowance',
    );
  });

  it('that reverts undoes all, and the owner is paid', async () => {
    const { world, prepared } = fixture;
    await prepared.bad.setTaking(MaxUint256, 0n, ANSWER);
    await expect(execute([0, 1])).to.be.revertedWithCustomError(prepared.bad, 'ImportRefused');
    await expect(execute([3, 4])).to.be.revertedWithCustomError(prepared.bad, 'ImportRefused');
    expect(await prepared.bad.imports()).to.equal(0n);
    await staysClaimable(0, 1, 3, 4);
    expect(await world.rollup.trackedTotal(0)).to.equal(TOTAL - 42n);
  });

  it('that takes less, nothing, or sends some back, undoes all', async () => {
    const { rollup } = fixture.world;
    const { bad } = fixture.prepared;
    for (const [taken, sentBack, actual] of [
      [0n, 0n, 0n],
      [41n, 0n, 41n],
      [42n, 1n, 41n],
      [42n, 42n, 0n],
    ] as const) {
      await bad.setTaking(taken, sentBack, ANSWER);
      await refuses(rollup, execute([3, 4]), 'WrongAmountTaken', 42n, actual);
    }
    await staysClaimable(3, 4);
  });

  it('that takes more than it was given is stopped by the token', async () => {
    const { bad, token } = fixture.prepared;
    await bad.setTaking(43n, 0n, ANSWER);
    await expect(execute([3, 4])).to.be.revertedWithCustomError(token, 'ERC20InsufficientAllowance');
    await staysClaimable(3, 4);
  });

  it('that answers too little or no number undoes all: it may not have the function at all', async () => {
    const { world, prepared } = fixture;
    for (const answer of ['0x', ANSWER.slice(0, -2), `0x${'ff'.repeat(32)}`]) {
      await prepared.bad.setTaking(42n, 0n, answer);
      await expect(execute([0, 1])).to.be.revertedWithoutReason(world.ethers);
      await expect(execute([3, 4])).to.be.revertedWithoutReason(world.ethers);
    }
    // As wrapped ETH does, which takes ETH with whatever call.
    const wrapper = await deployContract(world.ethers, 'ChangingContract', [false, '0x']);
    const destination = await register(world, await wrapper.getAddress());
    const withdrawals = [moveTo(destination, world.owner.address, 30n)];
    const header = await finalizeWith(world, prepared.header, withdrawals);
    const moves = [moveProof(withdrawals, 0)];
    await expect(world.rollup.executeMoves(header, destination, moves)).to.be.revertedWithoutReason(world.ethers);
    await staysClaimable(0, 1, 3, 4);
  });

  it('that answers at great length costs who calls it, and nobody else', async () => {
    const { world, prepared } = fixture;
    await prepared.bad.setTaking(0n, 0n, `${ANSWER}${'00'.repeat(5_000)}`);
    await execute([0, 1]);
    expect(await world.rollup.trackedTotal(0)).to.equal(TOTAL - 42n);
  });

  describe('that calls back', () => {
    const calls = async (): Promise<[string, BaseContract, string, unknown[]][]> => {
      const { world, prepared } = fixture;
      const { rollup, there, alice } = world;
      const { header, destination, withdrawals } = prepared;
      const token = await prepared.token.getAddress();
      const deposits = [[1n, alice.address, 1n]];
      return [
        ['executeMoves', rollup, 'executeMoves', [header, destination, proofs(1)]],
        ['claimMoves', rollup, 'claimMoves', [header, destination, proofs(1)]],
        ['claimMovesTo', rollup, 'claimMovesTo', [header, destination, proofs(1), alice.address]],
        ['claimWithdrawals', rollup, 'claimWithdrawals', [header, [{ ...moveProof(withdrawals, 1) }]]],
        ['importMoves', rollup, 'importMoves', [token, deposits]],
        ['deposit', rollup, 'deposit', [1, 1n, 1n, alice.address]],
        ['requestExit', rollup, 'requestExit', [0, 0]],
        ['collectFees', rollup, 'collectFees', []],
        ['reclaimOperation', rollup, 'reclaimOperation', [0, [[0, 0, 0, 0]], 0]],
        ['executeMoves of the other', there, 'executeMoves', [header, destination, proofs(1)]],
      ];
    };

    it('into anything that moves money undoes all', async () => {
      const { world, prepared } = fixture;
      await prepared.bad.setTaking(0n, 0n, ANSWER);
      for (const [name, target, method, args] of await calls()) {
        await prepared.bad.setCall(await target.getAddress(), target.interface.encodeFunctionData(method, args));
        const error = target === world.rollup ? 'ReentrancyGuardReentrantCall' : 'UnknownHeader';
        await expect(execute([0]), name).to.be.revertedWithCustomError(world.rollup, error);
      }
      await staysClaimable(0, 1, 3, 4);
    });

    it('with a batch is no producer: batches come from plain accounts', async () => {
      const { world, prepared } = fixture;
      await prepared.bad.setTaking(0n, 0n, ANSWER);
      // Every refusal is the same for whoever has no top-level call.
      for (const target of [world.rollup, world.there]) {
        const call = target.interface.getFunction('submitBatch')!.selector;
        await prepared.bad.setCall(await target.getAddress(), call);
        await expect(execute([0])).to.be.revertedWithoutReason(world.ethers);
      }
      await staysClaimable(0, 1, 3, 4);
    });

    it('into the registers of destinations and tokens gains nothing', async () => {
      const { world, prepared } = fixture;
      await prepared.bad.setTaking(0n, 0n, ANSWER);
      const data = world.rollup.interface.encodeFunctionData('registerDestination', [await world.there.getAddress()]);
      await prepared.bad.setCall(await world.rollup.getAddress(), data);
      await execute([0]);
      expect(await world.rollup.destinationOf(2)).to.equal(await world.there.getAddress());
      expect(await world.rollup.destinationOf(prepared.destination)).to.equal(await prepared.bad.getAddress());
    });
  });

  it('that is a rollup cannot be entered by the token, nor the rollup that is left', async () => {
    const { world, prepared } = fixture;
    const { rollup, there, destination } = world;
    const { token, header } = prepared;
    const deposits = [[1n, world.alice.address, 1n]];
    const calls = [rollup, there].flatMap((target: RollupContract): [RollupContract, string, unknown[]][] => [
      [target, 'executeMoves', [header, destination, proofs(2)]],
      [target, 'claimMoves', [header, destination, proofs(2)]],
      [target, 'importMoves', [world.ethers.ZeroAddress, deposits]],
      [target, 'deposit', [0, 1n, 1n, world.alice.address]],
      [target, 'requestExit', [0, 0]],
    ]);
    for (const [target, method, args] of calls) {
      await token.setCall(await target.getAddress(), target.interface.encodeFunctionData(method, args));
      await refuses(rollup, execute([5], FEE, destination), 'ReentrancyGuardReentrantCall');
    }
    await token.setCall(world.ethers.ZeroAddress, '0x');
    await execute([5], FEE, destination);
    expect(await there.trackedTotal(1)).to.equal(9n);
  });
});

describe('moves of a strange token', () => {
  const fixture = fixtureOf(
    () => deployTwo(),
    async () => undefined,
  );

  /** Owes 100 of a token, of which two moves of 20 are final. */
  const prepareToken = async (token: TokenContract, credited = 100n) => {
    const { world } = fixture;
    const { rollup, there, owner, destination } = world;
    const address = await token.getAddress();
    for (const target of [rollup, there]) await target.registerToken(address);
    await token.mint(owner.address, 1_000n);
    await token.approve(await rollup.getAddress(), 100n);
    await rollup.deposit(1, credited, 1n, owner.address, { value: FEE });
    const withdrawals: Withdrawal[] = [0, 1].map((index) =>
      moveTo(destination, owner.address, 20n + BigInt(index), { tokenId: 1 }),
    );
    const header = await finalizeWith(world, world.genesis, withdrawals);
    const moves = withdrawals.map((_, index) => moveProof(withdrawals, index));
    return { moves, header, execute: () => rollup.executeMoves(header, destination, moves, { value: 2n * FEE }) };
  };

  it('that answers nothing work', async () => {
    const { rollup, there } = fixture.world;
    const token = await deployContract(fixture.world.ethers, 'NoReturnToken');
    const { execute } = await prepareToken(token);
    await execute();
    expect(await token.balanceOf(await there.getAddress())).to.equal(41n);
    expect(await token.allowance(await rollup.getAddress(), await there.getAddress())).to.equal(0n);
  });

  it('that takes an allowance only where there is none work', async () => {
    const { there } = fixture.world;
    const token = await deployContract(fixture.world.ethers, 'ResettingToken');
    const { execute } = await prepareToken(token);
    await execute();
    expect(await there.trackedTotal(1)).to.equal(41n);
  });

  it('that keeps a fee, adds something or tells untrue balances are refused, and can be claimed', async () => {
    const { world } = fixture;
    const { rollup, ethers, owner, destination, l1 } = world;
    for (const [name, error] of [
      ['FeeSwitchToken', 'WrongAmountDelivered'],
      ['StickyAllowanceToken', 'AllowanceLeft'],
    ] as const) {
      const snapshot = await l1.networkHelpers.takeSnapshot();
      const token = await deployContract(ethers, name);
      const { execute, header, moves } = await prepareToken(token);
      await token.setOdd(true);
      await expect(execute(), name).to.be.revertedWithCustomError(rollup, error);
      await token.setOdd(false);
      await expect(rollup.claimMoves(header, destination, moves)).to.changeTokenBalance(ethers, token, owner, 41n);
      await snapshot.restore();
    }
  });

  it('that has no allowances, like one whose balances change by themselves, are refused and can be claimed', async () => {
    const { world } = fixture;
    const { rollup, ethers, owner, destination } = world;
    const token = await deployContract(ethers, 'RebasingToken');
    const { execute, header, moves } = await prepareToken(token);
    await expect(execute()).to.be.revertedWithoutReason(ethers);
    await token.rebase(200);
    await refuses(rollup, execute(), 'WrongAmountDelivered', 41n, 40n);
    await token.rebase(100);
    await expect(rollup.claimMoves(header, destination, moves)).to.changeTokenBalance(ethers, token, owner, 41n);
  });
});
