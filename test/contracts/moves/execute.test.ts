import {
  FIELD_MODULUS,
  L1_DEFAULTS,
  nextRollingHash,
  packOwnerAndToken,
  RecordKind,
  type StoredHeader,
  type Withdrawal,
  withdrawalProof,
  ZERO_BYTES32,
} from '@quittance/protocol';
import { expect } from 'chai';
import { ZeroHash } from 'ethers';
import { deployContract, fixtureOf, readHeader } from '../../support/contracts/deployment.ts';
import {
  deployTwo,
  finalizeWith,
  moveProof,
  moveTo,
  register,
  type TwoRollups,
} from '../../support/contracts/moves.ts';
import { refuses } from '../../support/contracts/refusal.ts';
import { connectedTo } from '../../support/contracts/types.ts';

const FEE = L1_DEFAULTS.priorityFeeWei;

/** A rollup that owes 1,000 in ETH and in each of two tokens, and its destination, where these have other ids. */
async function fund(world: TwoRollups) {
  const { ethers, rollup, there, owner } = world;
  const tokens = [];
  for (const name of ['First', 'Second']) {
    const token = await deployContract(ethers, 'TestToken', [name, 'TST']);
    await rollup.registerToken(await token.getAddress());
    await token.mint(owner.address, 10_000n);
    await token.approve(await rollup.getAddress(), 10_000n);
    tokens.push(token);
  }
  for (const token of [...tokens].reverse()) await there.registerToken(await token.getAddress());
  for (const tokenId of [0, 1, 2]) {
    await rollup.deposit(tokenId, 1_000n, 1n, owner.address, { value: FEE + (tokenId === 0 ? 1_000n : 0n) });
  }
  return { first: tokens[0]!, second: tokens[1]! };
}

describe('moves', () => {
  const fixture = fixtureOf(() => deployTwo({ slotsPerChunk: 16 }), fund);

  const mixed = (): Withdrawal[] => {
    const { alice, bob, destination } = fixture.world;
    return [
      moveTo(destination, alice.address, 5n),
      { ownerAndToken: packOwnerAndToken(BigInt(bob.address), 0), amount: 6n },
      moveTo(destination, bob.address, 7n, { keyY: FIELD_MODULUS - 1n }),
      moveTo(destination, alice.address, 8n, { tokenId: 1 }),
      moveTo(destination + 1, alice.address, 9n),
      moveTo(destination, bob.address, 10n, { tokenId: 1, keyY: 0n }),
    ];
  };
  const finalize = (withdrawals: readonly Withdrawal[] = mixed(), parent: StoredHeader = fixture.world.genesis) =>
    finalizeWith(fixture.world, parent, withdrawals);
  const execute = (
    header: StoredHeader,
    moves: readonly unknown[],
    value: bigint,
    destination = fixture.world.destination,
  ) => connectedTo(fixture.world.rollup, fixture.world.bob).executeMoves(header, destination, moves, { value });

  it('of ETH go to the destination, whoever executes them, and are deposits of their owners there', async () => {
    const { rollup, there, destination, alice, bob, ethers } = fixture.world;
    const header = await finalize();
    const moves = [moveProof(mixed(), 0), moveProof(mixed(), 2)];
    const sent = execute(header, moves, 2n * FEE);
    await expect(sent).to.changeEtherBalances(ethers, [rollup, there, bob], [-12n, 12n + 2n * FEE, -2n * FEE]);
    await expect(sent).to.emit(rollup, 'MovesExecuted').withArgs(1, destination, 0, 12n, [0, 2]);
    const deposits = [
      [5n, alice.address, 5n],
      [FIELD_MODULUS - 1n, bob.address, 7n],
    ];
    const time = await fixture.world.l1.networkHelpers.time.latest();
    await expect(sent)
      .to.emit(there, 'DepositsImported')
      .withArgs(0, await rollup.getAddress(), 0, deposits, time + L1_DEFAULTS.priorityDelaySeconds, FEE);
    expect(await rollup.trackedTotal(0)).to.equal(988n);
    expect(await there.trackedTotal(0)).to.equal(12n);
    expect(await there.queueState()).to.deep.equal([2n, 2n]);
    expect(await Promise.all([0, 1, 2].map((index) => rollup.isClaimed(1, index)))).to.deep.equal([true, false, true]);
  });

  it('of a token are deposits of the same token, whatever its id there', async () => {
    const { rollup, there, alice, bob, ethers } = fixture.world;
    const header = await finalize();
    const sent = execute(header, [moveProof(mixed(), 3), moveProof(mixed(), 5)], 2n * FEE);
    await expect(sent).to.changeTokenBalances(ethers, fixture.prepared.first, [rollup, there], [-18n, 18n]);
    await expect(sent).to.changeEtherBalances(ethers, [rollup, there], [0n, 2n * FEE]);
    expect(await rollup.trackedTotal(1)).to.equal(982n);
    expect(await there.trackedTotal(2)).to.equal(18n);
    expect(await fixture.prepared.first.allowance(await rollup.getAddress(), await there.getAddress())).to.equal(0n);
    const fields = { kind: RecordKind.deposit, from: 0, to: 0, amountFloat: 0n, feeFloat: 0 };
    const rolling = [
      [5n, packOwnerAndToken(BigInt(alice.address), 2), 8n],
      [0n, packOwnerAndToken(BigInt(bob.address), 2), 10n],
    ].reduce((hash, words) => nextRollingHash(hash, { fields, words }), ZERO_BYTES32);
    expect((await there.priorityOperation(1))[0]).to.equal(rolling);
  });

  it('are executed once, and neither executed after a claim nor claimed after that', async () => {
    const { rollup, destination, alice, world } = { ...fixture.world, world: fixture.world };
    const header = await finalize();
    const moves = [moveProof(mixed(), 0)];
    await refuses(world, execute(header, [...moves, ...moves], 2n * FEE), 'AlreadyClaimed', 1, 0);
    await execute(header, moves, FEE);
    await refuses(world, execute(header, moves, FEE), 'AlreadyClaimed', 1, 0);
    const asAlice = connectedTo(rollup, alice);
    await refuses(world, asAlice.claimMoves(header, destination, moves), 'AlreadyClaimed', 1, 0);
    await asAlice.claimMoves(header, destination, [moveProof(mixed(), 3)]);
    await refuses(world, execute(header, [moveProof(mixed(), 3)], FEE), 'AlreadyClaimed', 1, 3);
  });

  it('are no withdrawals, and withdrawals are no moves', async () => {
    const { rollup, destination, bob } = fixture.world;
    const header = await finalize();
    const { keyY: _, ...asWithdrawal } = moveProof(mixed(), 0);
    await refusesRoot(rollup.claimWithdrawals(header, [asWithdrawal]));
    const { ownerAndToken, amount } = mixed()[1]!;
    const siblings = withdrawalProof(mixed(), 1);
    for (const keyY of [0n, 5n]) {
      const asMove = { index: 1, keyY, ownerAndToken, amount, siblings };
      await refusesRoot(execute(header, [asMove], FEE));
      await refusesRoot(connectedTo(rollup, bob).claimMoves(header, destination, [asMove]));
    }
  });

  const refusesRoot = (sent: Promise<unknown>) =>
    expect(sent).to.be.revertedWithCustomError(fixture.world.rollup, 'WrongWithdrawalsRoot');

  describe('are refused', () => {
    it('with anything in them changed, or for another destination', async () => {
      const { world } = fixture;
      const header = await finalize();
      const move = moveProof(mixed(), 2);
      for (const changed of [
        { ...move, keyY: move.keyY - 1n },
        { ...move, ownerAndToken: packOwnerAndToken(BigInt(world.alice.address), 0) },
        { ...move, amount: move.amount + 1n },
        { ...move, index: 0 },
        ...move.siblings.map((_, level) => ({ ...move, siblings: move.siblings.with(level, ZeroHash) })),
      ]) {
        await refusesRoot(execute(header, [changed], FEE));
      }
      await register(world, await world.there.getAddress());
      await refusesRoot(execute(header, [move], FEE, world.destination + 1));
      await execute(header, [moveProof(mixed(), 4)], FEE, world.destination + 1);
    });

    it('with an index beyond the count, another depth, or under a header of no batch', async () => {
      const { world } = fixture;
      const header = await finalize();
      const move = moveProof(mixed(), 0);
      await refuses(world, execute(header, [{ ...move, index: 6 }], FEE), 'WithdrawalIndexTooLarge', 6, 6);
      const siblings = move.siblings.slice(1);
      await refuses(world, execute(header, [{ ...move, siblings }], FEE), 'WrongProofLength', 3, 2);
      for (const change of [{ number: 0 }, { withdrawalCount: 7 }, { time: header.time + 1 }]) {
        await expect(execute({ ...header, ...change }, [move], FEE)).to.be.revertedWithCustomError(
          world.rollup,
          'UnknownHeader',
        );
      }
    });

    it('when there are none, of two tokens, or for a number that was not given', async () => {
      const { world } = fixture;
      const header = await finalize();
      await refuses(world, execute(header, [], 0n), 'WrongMoveCount', 2n ** 256n - 1n, 0);
      const [ether, token] = [moveProof(mixed(), 0), moveProof(mixed(), 3)];
      await refuses(world, execute(header, [ether, token], 2n * FEE), 'SeveralTokens', 0, 1);
      await refuses(world, execute(header, [token, ether], 2n * FEE), 'SeveralTokens', 1, 0);
      await refuses(world, execute(header, [moveProof(mixed(), 4)], FEE, 1), 'UnknownDestination', 1);
    });

    it('unless the priority fees there come along exactly', async () => {
      const { world } = fixture;
      const header = await finalize();
      const ether = [moveProof(mixed(), 0), moveProof(mixed(), 2)];
      for (const value of [0n, 2n * FEE - 1n, 2n * FEE + 1n]) {
        await refuses(world, execute(header, ether, value), 'WrongValue', 12n + 2n * FEE, 12n + value);
        await refuses(
          world,
          execute(header, [moveProof(mixed(), 3)], value + FEE + 1n),
          'WrongValue',
          FEE,
          value + FEE + 1n,
        );
      }
    });

    it('of a token that the destination does not know, which the owner can claim', async () => {
      const { world } = fixture;
      const { rollup, ethers, owner, alice, destination } = world;
      const token = await deployContract(ethers, 'TestToken', ['Third', 'TST']);
      const address = await token.getAddress();
      await rollup.registerToken(address);
      await token.mint(owner.address, 100n);
      await token.approve(await rollup.getAddress(), 100n);
      await rollup.deposit(3, 100n, 1n, owner.address, { value: FEE });
      const withdrawals = [moveTo(destination, alice.address, 40n, { tokenId: 3 })];
      const header = await finalize(withdrawals);
      await refuses(world, execute(header, [moveProof(withdrawals, 0)], FEE), 'NotAToken', address);
      const claimed = connectedTo(rollup, alice).claimMoves(header, destination, [moveProof(withdrawals, 0)]);
      await expect(claimed).to.changeTokenBalance(ethers, token, alice, 40n);
      expect(await rollup.trackedTotal(3)).to.equal(60n);
    });
  });

  it('of more than the destination takes at once go in two calls', async () => {
    const { alice, destination, there, world } = { ...fixture.world, world: fixture.world };
    const withdrawals = Array.from({ length: 17 }, (_, index) => moveTo(destination, alice.address, BigInt(index + 1)));
    const header = await finalize(withdrawals);
    const proofs = withdrawals.map((_, index) => moveProof(withdrawals, index));
    await refuses(world, execute(header, proofs, 17n * FEE), 'WrongMoveCount', 16, 17);
    await execute(header, proofs.slice(0, 16), 16n * FEE);
    await execute(header, proofs.slice(16), FEE);
    expect(await there.operationGroup(15)).to.deep.equal([0n, 16n]);
    expect(await there.operationGroup(16)).to.deep.equal([16n, 1n]);
  });

  it('go between two rollups that are each other’s destination, there and back', async () => {
    const { rollup, there, alice, destination } = fixture.world;
    await there.registerDestination(await rollup.getAddress());
    const header = await finalize();
    await execute(header, [moveProof(mixed(), 0)], FEE);
    expect(await there.trackedTotal(0)).to.equal(5n);
    // The same words mean nothing in the other rollup.
    await expect(
      connectedTo(there, alice).executeMoves(header, destination, [moveProof(mixed(), 2)], { value: FEE }),
    ).to.be.revertedWithCustomError(there, 'UnknownHeader');
  });

  it('go on in the exodus of the rollup that is left, and not into one that is in it', async () => {
    const { world } = fixture;
    const header = await finalize(mixed());
    await world.there.deposit(0, 1n, 1n, world.alice.address, { value: 1n + FEE });
    await world.l1.networkHelpers.time.increase(
      L1_DEFAULTS.priorityDelaySeconds + L1_DEFAULTS.exodusDelaySeconds + 10_000,
    );
    await world.rollup.activateExodus(header);
    await execute(header, [moveProof(mixed(), 0)], FEE);
    await world.there.activateExodus(await readHeader(world.there, 0));
    await refuses(world, execute(header, [moveProof(mixed(), 2)], FEE), 'ExodusActive');
  });
});
