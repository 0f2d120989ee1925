import {
  DEPOSIT_RESERVE_LEAVES,
  FIELD_MODULUS,
  L1_DEFAULTS,
  nextRollingHash,
  packOwnerAndToken,
  RecordKind,
  TREE_CAPACITY,
  ZERO_BYTES32,
} from '@quittance/protocol';
import { expect } from 'chai';
import { ZeroAddress } from 'ethers';
import { deployContract, latestTime, rollupFixture } from '../../support/contracts/deployment.ts';
import { refuses } from '../../support/contracts/refusal.ts';
import { connectedTo } from '../../support/contracts/types.ts';

const FEE = L1_DEFAULTS.priorityFeeWei;
const { priorityDelaySeconds: DELAY, priorityIntervalSeconds: INTERVAL } = L1_DEFAULTS;
const MOST = 2n ** 128n - 1n;

describe('imports', () => {
  const fixture = rollupFixture({ slotsPerChunk: 16 }, async ({ ethers, rollup, alice }) => {
    const token = await deployContract(ethers, 'TestToken', ['Test', 'TST']);
    await rollup.registerToken(await token.getAddress());
    await token.mint(alice.address, MOST);
    await connectedTo(token, alice).approve(await rollup.getAddress(), MOST);
    return { token, address: await token.getAddress() };
  });

  type Deposit = readonly [keyY: bigint, owner: string, amount: bigint];
  const importAs = (deposits: readonly Deposit[], value: bigint, token = fixture.prepared.address) =>
    connectedTo(fixture.world.rollup, fixture.world.alice).importMoves(token, deposits, { value });
  const of = (...amounts: bigint[]): Deposit[] =>
    amounts.map((amount, index) => [BigInt(index + 1), fixture.world.bob.address, amount]);

  it('are deposits that anyone pays, in one group', async () => {
    const { world, prepared } = fixture;
    const { rollup, ethers, alice, bob } = world;
    const sent = importAs(of(5n, 6n, 7n), 3n * FEE);
    await expect(sent).to.changeTokenBalances(ethers, prepared.token, [alice, rollup], [-18n, 18n]);
    const time = await latestTime(world);
    await expect(sent)
      .to.emit(rollup, 'DepositsImported')
      .withArgs(0, alice.address, 1, of(5n, 6n, 7n), time + DELAY, FEE);
    const fields = { kind: RecordKind.deposit, from: 0, to: 0, amountFloat: 0n, feeFloat: 0 };
    const rolling = of(5n, 6n, 7n).reduce(
      (hash, [keyY, , amount]) =>
        nextRollingHash(hash, { fields, words: [keyY, packOwnerAndToken(BigInt(bob.address), 1), amount] }),
      ZERO_BYTES32,
    );
    expect(await rollup.queueState()).to.deep.equal([3n, 3n]);
    const due = BigInt(time + DELAY);
    expect(await rollup.priorityOperation(2)).to.deep.equal([rolling, due, FEE]);
    for (const id of [0, 1]) expect(await rollup.priorityOperation(id)).to.deep.equal([ZERO_BYTES32, due, FEE]);
    for (const id of [0, 1, 2]) expect(await rollup.operationGroup(id)).to.deep.equal([0n, 3n]);
    expect(await rollup.operationGroup(3)).to.deep.equal([0n, 0n]);
  });

  it('of ETH are paid with the fees', async () => {
    const { world } = fixture;
    await expect(importAs(of(5n, 6n), 11n + 2n * FEE, ZeroAddress)).to.changeEtherBalance(
      world.ethers,
      world.rollup,
      11n + 2n * FEE,
    );
    expect(await world.rollup.trackedTotal(0)).to.equal(11n);
    for (const value of [0n, 10n + 2n * FEE, 12n + 2n * FEE]) {
      await refuses(world.rollup, importAs(of(5n, 6n), value, ZeroAddress), 'WrongValue', 11n + 2n * FEE, value);
    }
  });

  it('of one are a group like a request', async () => {
    const { rollup } = fixture.world;
    await importAs(of(5n), FEE);
    await rollup.requestExit(0, 0, { value: FEE });
    await importAs(of(5n, 6n), 2n * FEE);
    await importAs(of(5n), FEE);
    const groups = await Promise.all([0, 1, 2, 3, 4].map((id) => rollup.operationGroup(id)));
    expect(groups).to.deep.equal([
      [0n, 1n],
      [1n, 1n],
      [2n, 2n],
      [2n, 2n],
      [4n, 1n],
    ]);
  });

  it('are due Δ for each of them behind what is pending', async () => {
    const { world } = fixture;
    await world.rollup.requestExit(0, 0, { value: FEE });
    const [, first] = await world.rollup.priorityOperation(0);
    await importAs(of(1n, 2n, 3n), 3n * FEE);
    await world.rollup.requestExit(0, 0, { value: FEE });
    const deadlines = await Promise.all([1, 2, 3, 4].map(async (id) => (await world.rollup.priorityOperation(id))[1]));
    const due = first + 3n * BigInt(INTERVAL);
    expect(deadlines).to.deep.equal([due, due, due, due + BigInt(INTERVAL)]);
  });

  it('are at least one, and as many as fit a chunk', async () => {
    const { rollup } = fixture.world;
    expect(await rollup.maxImport()).to.equal(16n);
    await refuses(rollup, importAs([], 0n), 'WrongMoveCount', 16, 0);
    const many = (count: number) => of(...Array.from({ length: count }, () => 1n));
    await refuses(rollup, importAs(many(17), 17n * FEE), 'WrongMoveCount', 16, 17);
    await importAs(many(16), 16n * FEE);
    expect(await rollup.operationGroup(15)).to.deep.equal([0n, 16n]);
  });

  it('are refused when one of them would be refused alone', async () => {
    const { rollup, bob } = fixture.world;
    const good = of(1n)[0]!;
    for (const [bad, error, ...values] of [
      [[FIELD_MODULUS, bob.address, 1n], 'KeyNotInField', FIELD_MODULUS],
      [[1n, ZeroAddress, 1n], 'ZeroOwner'],
      [[1n, bob.address, 0n], 'ZeroAmount'],
    ] as [Deposit, string, bigint?][]) {
      await refuses(rollup, importAs([good, bad], 2n * FEE), error, ...values);
      await refuses(rollup, importAs([bad, good], 2n * FEE), error, ...values);
    }
    await refuses(rollup, importAs([good], FEE, bob.address), 'NotAToken', bob.address);
    for (const value of [0n, FEE - 1n, FEE + 1n])
      await refuses(rollup, importAs([good], value), 'WrongValue', FEE, value);
    expect(await rollup.queueState()).to.deep.equal([0n, 0n]);
  });

  it('are refused when their sum would pass what a token may have in all', async () => {
    const { rollup } = fixture.world;
    await refuses(rollup, importAs(of(MOST, MOST), 2n * FEE), 'TotalTooLarge', 1, 0, 2n * MOST);
    await refuses(rollup, importAs(of(MOST, 1n), 2n * FEE), 'TotalTooLarge', 1, 0, MOST + 1n);
    await importAs(of(MOST - 1n, 1n), 2n * FEE);
    await refuses(rollup, importAs(of(1n), FEE), 'TotalTooLarge', 1, MOST, 1);
  });

  it('are refused when a token delivers another amount', async () => {
    const { world } = fixture;
    for (const [name, delivered] of [
      ['FeeOnTransferToken', 297n],
      ['BonusToken', 301n],
    ] as const) {
      const token = await deployContract(world.ethers, name);
      const address = await token.getAddress();
      await world.rollup.registerToken(address);
      await token.mint(world.alice.address, 1_000n);
      await connectedTo(token, world.alice).approve(await world.rollup.getAddress(), 1_000n);
      await refuses(world.rollup, importAs(of(100n, 200n), 2n * FEE, address), 'WrongAmountDelivered', 300n, delivered);
    }
  });

  it('are refused when not all of them would find a leaf', async () => {
    const { world } = fixture;
    const limit = BigInt(TREE_CAPACITY - DEPOSIT_RESERVE_LEAVES);
    await importAs(of(1n), FEE);
    const address = await world.rollup.getAddress();
    const slot = await queueSlot(address);
    const word = BigInt(await world.ethers.provider.getStorage(address, slot));
    const setDeposits = (count: bigint) =>
      world.l1.networkHelpers.setStorageAt(address, slot, (word & ~((2n ** 64n - 1n) << 64n)) | (count << 64n));
    await setDeposits(limit - 2n);
    await refuses(world.rollup, importAs(of(1n, 2n, 3n), 3n * FEE), 'DepositsFull', limit - 2n);
    await importAs(of(1n, 2n), 2n * FEE);
    await refuses(world.rollup, importAs(of(1n), FEE), 'DepositsFull', limit);
  });

  it('end with the exodus', async () => {
    const { world } = fixture;
    await importAs(of(1n), FEE);
    await world.l1.networkHelpers.time.increase(DELAY + L1_DEFAULTS.exodusDelaySeconds + 1);
    await world.rollup.activateExodus(world.genesis);
    await refuses(world.rollup, importAs(of(1n), FEE), 'ExodusActive');
  });

  async function queueSlot(address: string): Promise<number> {
    for (let slot = 0; slot < 40; slot += 1) {
      const word = BigInt(await fixture.world.ethers.provider.getStorage(address, slot));
      if ((word & (2n ** 128n - 1n)) === ((1n << 64n) | 1n) && word >> 128n !== 0n) return slot;
    }
    throw new Error('the queue was not found in storage');
  }
});
