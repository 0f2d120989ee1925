import {
  L1_DEFAULTS,
  nextRollingHash,
  packOwnerAndToken,
  type RecordData,
  RecordKind,
  type StoredHeader,
  ZERO_BYTES32,
} from '@quittance/protocol';
import { expect } from 'chai';
import { buildBatch, record, submit, transfer } from '../support/contracts/batch.ts';
import { latestTime, readHeader, rollupFixture } from '../support/contracts/deployment.ts';
import { refuses } from '../support/contracts/refusal.ts';
import type { RollupContract } from '../support/contracts/types.ts';

const FEE = L1_DEFAULTS.priorityFeeWei;
const { priorityDelaySeconds: DELAY, livenessTimeoutSeconds: LIVENESS } = L1_DEFAULTS;
const KEY = 123n;

describe('priority operations', () => {
  const fixture = rollupFixture();

  const deposit = async (amount: bigint): Promise<RecordData> => {
    const { rollup, bob } = fixture.world;
    await rollup.deposit(0, amount, KEY, bob.address, { value: amount + FEE });
    return record(RecordKind.deposit, [KEY, packOwnerAndToken(BigInt(bob.address), 0), amount], 0, 7);
  };
  const exit = async (accountIndex: number, amount: bigint): Promise<RecordData> => {
    const { rollup, alice } = fixture.world;
    await (rollup.connect(alice) as RollupContract).requestExit(accountIndex, 0, { value: FEE });
    return record(RecordKind.forcedExit, [0n, packOwnerAndToken(BigInt(alice.address), 0), amount], accountIndex);
  };
  const build = async (chunks: RecordData[][], parent: StoredHeader = fixture.world.genesis) =>
    buildBatch(fixture.world, { parent, time: await latestTime(fixture.world), chunks });

  it('are executed over several chunks and batches, and their fees go to the producer', async () => {
    const { world } = fixture;
    const operations = [
      await deposit(10n),
      await exit(5, 3n),
      await deposit(20n),
      await exit(6, 0n),
      await deposit(30n),
    ];
    const first = await build([operations.slice(0, 4), [transfer(1, 2)]]);
    await expect(submit(world, first))
      .to.emit(world.rollup, 'FeesCredited')
      .withArgs(world.producer.address, 4n * FEE);
    expect(await readHeader(world.rollup, 1)).to.deep.equal(first.header);
    expect(first.header.priorityCount).to.equal(4);
    // The exit that pays 0 is no withdrawal.
    expect(first.header.withdrawalCount).to.equal(1);
    const second = await build([operations.slice(4)], first.header);
    await submit(world, second);
    expect(await world.rollup.finalState()).to.deep.equal([2n, 5n, 0n]);
    expect(await world.rollup.collectableFees(world.producer.address)).to.equal(5n * FEE);
  });

  it('are told by their number, and zeros for one that nobody requested', async () => {
    const { rollup } = fixture.world;
    await deposit(10n);
    const [hash, deadline, fee] = await rollup.priorityOperation(0);
    expect(hash).not.to.equal(ZERO_BYTES32);
    expect(deadline).to.equal(BigInt((await latestTime(fixture.world)) + DELAY));
    expect(fee).to.equal(FEE);
    for (const id of [1n, 2n ** 64n - 1n]) {
      expect(await rollup.priorityOperation(id)).to.deep.equal([ZERO_BYTES32, 0n, 0n]);
    }
  });

  it('fill a batch that holds nothing else', async () => {
    const operations: RecordData[] = [];
    for (let index = 0; index < 12; index += 1) operations.push(await deposit(BigInt(index + 1)));
    const chunks = [0, 4, 8].map((from) => operations.slice(from, from + 4));
    const built = await build(chunks);
    await submit(fixture.world, built);
    expect(await readHeader(fixture.world.rollup, 1)).to.deep.equal(built.header);
  });

  describe('are refused', () => {
    const refusesOrder = async (records: RecordData[], expected: RecordData[]) => {
      const { world } = fixture;
      const roll = (operations: RecordData[]) => operations.reduce(nextRollingHash, ZERO_BYTES32);
      await refuses(
        world.rollup,
        submit(world, await build([records])),
        'WrongPriorityOperations',
        roll(expected),
        roll(records),
      );
    };

    it('with another key, owner, token or amount of a deposit, but with any index', async () => {
      const operation = await deposit(10n);
      for (const [word, value] of [
        [0, KEY + 1n],
        [1, operation.words[1]! + 1n],
        [1, operation.words[1]! + (1n << 160n)],
        [2, 11n],
      ] as const) {
        await refusesOrder([{ ...operation, words: operation.words.with(word, value) }], [operation]);
      }
      const elsewhere = { ...operation, fields: { ...operation.fields, to: 99 } };
      await submit(fixture.world, await build([[elsewhere]]));
    });

    it('with another account, owner or token of an exit, but with any amount paid', async () => {
      const operation = await exit(5, 3n);
      await refusesOrder([{ ...operation, fields: { ...operation.fields, from: 6 } }], [operation]);
      await refusesOrder([{ ...operation, words: operation.words.with(0, 1n) }], [operation]);
      await refusesOrder([{ ...operation, words: operation.words.with(1, operation.words[1]! + 1n) }], [operation]);
      await submit(fixture.world, await build([[{ ...operation, words: operation.words.with(2, 4n) }]]));
    });

    it('as the other kind', async () => {
      const operation = await deposit(10n);
      const other = { ...operation, fields: { ...operation.fields, kind: RecordKind.forcedExit } };
      await refusesOrder([other], [operation]);
    });

    it('out of order, or when one is left out or doubled', async () => {
      const [first, second] = [await deposit(10n), await deposit(20n)];
      await refusesOrder([second, first], [first, second]);
      await refusesOrder([second], [first]);
      await refusesOrder([first, first], [first, second]);
    });

    it('when they were executed before', async () => {
      const { world } = fixture;
      const operations = [await deposit(10n), await deposit(20n)];
      const first = await build([operations.slice(0, 1)]);
      await submit(world, first);
      await expect(submit(world, await build([operations.slice(0, 1)], first.header))).to.be.revertedWithCustomError(
        world.rollup,
        'WrongPriorityOperations',
      );
    });

    it('when nobody requested them', async () => {
      const { world } = fixture;
      const operation = await deposit(10n);
      await refuses(world.rollup, submit(world, await build([[operation, operation]])), 'PriorityNotRequested', 1, 2);
    });

    it('behind any other visible record, in the same chunk or a later one', async () => {
      const { world } = fixture;
      const operation = await deposit(10n);
      for (const [chunks, chunk, entry] of [
        [[[record(RecordKind.withdraw, [0n, 1n, 2n]), operation]], 0, 1],
        [[[transfer(1, 2), record(RecordKind.transferToNew, [1n, 1n, 0n]), operation]], 0, 1],
        [[[record(RecordKind.move, [1n, 1n, 2n])], [operation]], 1, 0],
      ] as [RecordData[][], number, number][]) {
        await refuses(world.rollup, submit(world, await build(chunks)), 'PriorityRecordNotFirst', chunk, entry);
      }
    });
  });

  describe('that are overdue at the batch time', () => {
    it('may not be left out; the second before the deadline has passed they may', async () => {
      const { world } = fixture;
      await deposit(10n);
      const deadline = (await latestTime(world)) + DELAY;
      await world.l1.networkHelpers.time.increaseTo(deadline + 1);
      const content = { parent: world.genesis, chunks: [[transfer(1, 2)]] };
      await refuses(
        world.rollup,
        submit(world, buildBatch(world, { ...content, time: deadline + 1 })),
        'OverdueOperationSkipped',
        0,
        deadline,
        deadline + 1,
      );
      await submit(world, buildBatch(world, { ...content, time: deadline }));
    });

    it('may wait when the batch is full of operations, and not when it has one free slot', async () => {
      const { world } = fixture;
      const operations: RecordData[] = [];
      for (let index = 0; index < 6; index += 1) operations.push(await deposit(1n));
      await world.l1.networkHelpers.time.increase(DELAY + 100);
      const [, deadline] = await world.rollup.priorityOperation(3);
      const withRoom = await build([operations.slice(0, 3)]);
      await refuses(
        world.rollup,
        submit(world, withRoom),
        'OverdueOperationSkipped',
        3,
        deadline,
        withRoom.header.time,
      );
      const twoChunks = await build([operations.slice(0, 4), []]);
      await expect(submit(world, twoChunks)).to.be.revertedWithCustomError(world.rollup, 'OverdueOperationSkipped');
      const full = await build([operations.slice(0, 4)]);
      await submit(world, full);
      await submit(world, await build([operations.slice(4)], full.header));
    });

    it('open producing to all after the liveness timeout, and executing them closes it again', async () => {
      const { world } = fixture;
      const operation = await deposit(10n);
      const deadline = (await latestTime(world)) + DELAY;
      await world.l1.networkHelpers.time.increaseTo(deadline + LIVENESS - 1);
      const attempt = async () =>
        submit(world, buildBatch(world, { parent: world.genesis, time: deadline, chunks: [[operation]] }), world.alice);
      expect(await world.rollup.isProducingOpen()).to.equal(false);
      await refuses(world.rollup, attempt(), 'NotProducer', world.alice.address);
      await world.l1.networkHelpers.time.increaseTo(deadline + LIVENESS + 1);
      expect(await world.rollup.isProducingOpen()).to.equal(true);
      const built = buildBatch(world, { parent: world.genesis, time: deadline + LIVENESS, chunks: [[operation]] });
      await expect(submit(world, built, world.alice))
        .to.emit(world.rollup, 'FeesCredited')
        .withArgs(world.alice.address, FEE);
      expect(await world.rollup.isProducingOpen()).to.equal(false);
      await expect(submit(world, await build([[]], built.header), world.alice)).to.be.revertedWithCustomError(
        world.rollup,
        'NotProducer',
      );
    });
  });

  it('are executed wherever they stand among records that L1 does not read', async () => {
    const operations = [await deposit(1n), await deposit(2n)];
    const built = await build([[transfer(1, 2), operations[0]!, transfer(2, 3)], [], [transfer(1, 2), operations[1]!]]);
    await submit(fixture.world, built);
    expect(await readHeader(fixture.world.rollup, 1)).to.deep.equal(built.header);
  });

  it('keep the leaves that deposits need: a transfer to new beyond them is refused', async () => {
    const { world } = fixture;
    const operation = await deposit(1n);
    const address = await world.rollup.getAddress();
    const toNew = (index: number) => record(RecordKind.transferToNew, [1n, 2n, 0n], 1, index);
    const content = { parent: world.genesis, time: await latestTime(world) };
    // The tree has too many leaves to fill: the count of deposits is written into storage.
    const setDeposits = async (count: bigint) => {
      const queueSlot = await findQueueSlot(address);
      const word = BigInt(await world.ethers.provider.getStorage(address, queueSlot));
      const changed = (word & ~((2n ** 64n - 1n) << 64n)) | (count << 64n);
      await world.l1.networkHelpers.setStorageAt(address, queueSlot, changed);
    };
    await setDeposits(2n ** 24n - 2n);
    await refuses(
      world.rollup,
      submit(world, buildBatch(world, { ...content, chunks: [[operation, toNew(1), toNew(2), toNew(3)]] })),
      'TreeFull',
      2n ** 24n - 2n,
      3,
    );
    await submit(world, buildBatch(world, { ...content, chunks: [[operation, toNew(1), toNew(2)]] }));
  });

  async function findQueueSlot(address: string): Promise<number> {
    for (let slot = 0; slot < 32; slot += 1) {
      const word = BigInt(await fixture.world.ethers.provider.getStorage(address, slot));
      if ((word & (2n ** 128n - 1n)) === ((1n << 64n) | 1n) && word >> 128n !== 0n) return slot;
    }
    throw new Error('the queue was not found in storage');
  }
});
