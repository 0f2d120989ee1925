import {
  type Bytes32,
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
import { buildBatch, record, submit } from '../support/contracts/batch.ts';
import { deployContract, latestTime, rollupFixture } from '../support/contracts/deployment.ts';
import { refuses } from '../support/contracts/refusal.ts';
import { connectedTo, type RollupContract } from '../support/contracts/types.ts';

const FEE = L1_DEFAULTS.priorityFeeWei;
const KEY = 123n;
const LIMIT = 2n ** 128n;

describe('deposits', () => {
  const fixture = rollupFixture({}, async ({ ethers, rollup, alice }) => {
    const token = await deployContract(ethers, 'TestToken', ['Test', 'TST']);
    await rollup.registerToken(await token.getAddress());
    await token.mint(alice.address, 2n ** 200n);
    await connectedTo(token, alice).approve(await rollup.getAddress(), 2n ** 255n);
    return { token, asAlice: rollup.connect(alice) as RollupContract };
  });

  it('of ETH take amount and fee, enter the queue and count for the total', async () => {
    const { world, prepared } = fixture;
    const sent = prepared.asAlice.deposit(0, 1000n, KEY, world.bob.address, { value: 1000n + FEE });
    const deadline = (await latestTime(world)) + 1 + L1_DEFAULTS.priorityDelaySeconds;
    const ownerAndToken = packOwnerAndToken(BigInt(world.bob.address), 0);
    await expect(sent)
      .to.emit(world.rollup, 'PriorityRequested')
      .withArgs(0, world.bob.address, 4n << 120n, KEY, ownerAndToken, 1000n, deadline, FEE);
    await expect(sent).to.changeEtherBalance(world.ethers, world.rollup, 1000n + FEE);
    expect(await world.rollup.trackedTotal(0)).to.equal(1000n);
    expect(await world.rollup.queueState()).to.deep.equal([1n, 1n]);
    const rolling = nextRollingHash(ZERO_BYTES32, record(RecordKind.deposit, [KEY, ownerAndToken, 1000n]));
    expect(await world.rollup.priorityOperation(0)).to.deep.equal([rolling, BigInt(deadline), FEE]);
  });

  it('of a token take the amount from the caller and the fee in ETH', async () => {
    const { world, prepared } = fixture;
    const sent = prepared.asAlice.deposit(1, 500n, KEY, world.bob.address, { value: FEE });
    await expect(sent).to.changeTokenBalances(world.ethers, prepared.token, [world.alice, world.rollup], [-500n, 500n]);
    expect(await world.rollup.trackedTotal(1)).to.equal(500n);
    expect(await world.rollup.trackedTotal(0)).to.equal(0n);
  });

  it('are refused with any other value than amount and fee', async () => {
    const { world, prepared } = fixture;
    for (const value of [1000n, 1000n + FEE - 1n, 1000n + FEE + 1n, 0n]) {
      await refuses(
        world,
        prepared.asAlice.deposit(0, 1000n, KEY, world.bob.address, { value }),
        'WrongValue',
        1000n + FEE,
        value,
      );
    }
    await refuses(
      world,
      prepared.asAlice.deposit(1, 1000n, KEY, world.bob.address, { value: FEE + 1000n }),
      'WrongValue',
      FEE,
      FEE + 1000n,
    );
  });

  it('are refused with a key that is not below r, and taken with the greatest', async () => {
    const { world, prepared } = fixture;
    const deposit = (key: bigint) => prepared.asAlice.deposit(0, 1n, key, world.bob.address, { value: 1n + FEE });
    await refuses(fixture.world, deposit(FIELD_MODULUS), 'KeyNotInField', FIELD_MODULUS);
    await refuses(fixture.world, deposit(2n ** 256n - 1n), 'KeyNotInField', 2n ** 256n - 1n);
    await deposit(FIELD_MODULUS - 1n);
  });

  it('are refused without owner, without amount and of unknown tokens', async () => {
    const { world, prepared } = fixture;
    const { ZeroAddress } = await import('ethers');
    const { asAlice } = prepared;
    await refuses(world, asAlice.deposit(0, 1n, KEY, ZeroAddress, { value: 1n + FEE }), 'ZeroOwner');
    await refuses(world, asAlice.deposit(0, 0n, KEY, world.bob.address, { value: FEE }), 'ZeroAmount');
    await refuses(world, asAlice.deposit(2, 1n, KEY, world.bob.address, { value: FEE }), 'UnknownToken', 2);
  });

  it('are refused when the total would reach 2^128, and taken up to one below', async () => {
    const { world, prepared } = fixture;
    const deposit = (amount: bigint) => prepared.asAlice.deposit(1, amount, KEY, world.bob.address, { value: FEE });
    await refuses(fixture.world, deposit(LIMIT), 'TotalTooLarge', 1, 0, LIMIT);
    await deposit(LIMIT - 2n);
    await refuses(fixture.world, deposit(2n), 'TotalTooLarge', 1, LIMIT - 2n, 2n);
    await deposit(1n);
    await refuses(fixture.world, deposit(1n), 'TotalTooLarge', 1, LIMIT - 1n, 1n);
    await refuses(fixture.world, deposit(2n ** 256n - 1n), 'TotalTooLarge', 1, LIMIT - 1n, 2n ** 256n - 1n);
  });

  it('are refused once the tree has no leaves left for them but the reserve', async () => {
    const { world, prepared } = fixture;
    const deposit = () => prepared.asAlice.deposit(0, 1n, KEY, world.bob.address, { value: 1n + FEE });
    await deposit();
    const limit = TREE_CAPACITY - DEPOSIT_RESERVE_LEAVES;
    await setDepositCount(world, limit - 1);
    expect((await world.rollup.queueState())[1]).to.equal(BigInt(limit - 1));
    await deposit();
    await refuses(fixture.world, deposit(), 'DepositsFull', limit);
  });

  it('are refused once transfers to new accounts in final batches have taken what is left', async () => {
    const { world, prepared } = fixture;
    const deposit = () => prepared.asAlice.deposit(0, 1n, KEY, world.bob.address, { value: 1n + FEE });
    await deposit();
    const toNew = (index: number) => record(RecordKind.transferToNew, [1n, 2n, 0n], 1, index);
    const content = { time: await latestTime(world), parent: world.genesis };
    const first = buildBatch(world, { ...content, chunks: [[toNew(1), toNew(2)]] });
    await submit(world, first);
    const second = buildBatch(world, { ...content, parent: first.header, chunks: [[toNew(3)]] });
    await submit(world, second);
    expect(await world.rollup.finalState()).to.deep.equal([2n, 0n, 3n]);
    const limit = TREE_CAPACITY - DEPOSIT_RESERVE_LEAVES;
    await setDepositCount(world, limit - 4);
    await deposit();
    await refuses(fixture.world, deposit(), 'DepositsFull', limit);
  });

  it('have deadlines that never come before the one before and never sooner than the delay', async () => {
    const { world, prepared } = fixture;
    const { priorityDelaySeconds: delay, priorityIntervalSeconds: interval } = L1_DEFAULTS;
    const deadlines: bigint[] = [];
    for (const after of [1, 1, 1, 100]) {
      await world.l1.networkHelpers.time.increase(after);
      await prepared.asAlice.deposit(0, 1n, KEY, world.bob.address, { value: 1n + FEE });
      deadlines.push((await world.rollup.priorityOperation(deadlines.length))[1]);
      const earliest = BigInt((await latestTime(world)) + delay);
      const afterLast = (deadlines.at(-2) ?? 0n) + BigInt(interval);
      expect(deadlines.at(-1)).to.equal(afterLast > earliest ? afterLast : earliest);
    }
  });

  /** Writes the deposit count of the queue: the tree has too many leaves to fill it by deposits. */
  async function setDepositCount(world: typeof fixture.world, count: number) {
    const address = await world.rollup.getAddress();
    for (let slot = 0; slot < 32; slot += 1) {
      const word = BigInt(await world.ethers.provider.getStorage(address, slot));
      // requestedCount 1, depositCount 1 behind it, then the deadline.
      if ((word & (2n ** 128n - 1n)) === ((1n << 64n) | 1n) && word >> 128n !== 0n) {
        const changed = (word & ~((2n ** 64n - 1n) << 64n)) | (BigInt(count) << 64n);
        await world.l1.networkHelpers.setStorageAt(address, slot, changed);
        return;
      }
    }
    throw new Error('the queue was not found in storage');
  }
});

describe('exit requests', () => {
  const fixture = rollupFixture();

  it('enter the queue for the caller, whatever the account', async () => {
    const { world } = fixture;
    const rollup = world.rollup.connect(world.alice) as RollupContract;
    const deadline = (await latestTime(world)) + 1 + L1_DEFAULTS.priorityDelaySeconds;
    const ownerAndToken = packOwnerAndToken(BigInt(world.alice.address), 7);
    await expect(rollup.requestExit(TREE_CAPACITY - 1, 7, { value: FEE }))
      .to.emit(world.rollup, 'PriorityRequested')
      .withArgs(
        0,
        world.alice.address,
        (5n << 120n) | (BigInt(TREE_CAPACITY - 1) << 88n),
        0,
        ownerAndToken,
        0,
        deadline,
        FEE,
      );
    const operation = record(RecordKind.forcedExit, [0n, ownerAndToken, 99n], TREE_CAPACITY - 1);
    const rolling: Bytes32 = nextRollingHash(ZERO_BYTES32, operation);
    expect((await world.rollup.priorityOperation(0))[0]).to.equal(rolling);
    expect(await world.rollup.queueState()).to.deep.equal([1n, 0n]);
  });

  it('are refused beyond the tree and with less than the fee or more than its bound', async () => {
    const { rollup } = fixture.world;
    await refuses(rollup, rollup.requestExit(TREE_CAPACITY, 0, { value: FEE }), 'AccountIndexTooLarge', TREE_CAPACITY);
    for (const value of [0n, FEE - 1n, L1_DEFAULTS.maxPriorityFeeWei + 1n]) {
      await refuses(rollup, rollup.requestExit(1, 0, { value }), 'WrongValue', FEE, value);
    }
  });
});
