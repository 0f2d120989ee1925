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
import { ZeroAddress } from 'ethers';
import { buildBatch, record, submit, transfer } from '../../support/contracts/batch.ts';
import { latestTime, readHeader, rollupFixture } from '../../support/contracts/deployment.ts';
import { refuses } from '../../support/contracts/refusal.ts';
import { connectedTo } from '../../support/contracts/types.ts';

const FEE = L1_DEFAULTS.priorityFeeWei;
const { priorityDelaySeconds: DELAY, livenessTimeoutSeconds: LIVENESS } = L1_DEFAULTS;

describe('a group of the queue', () => {
  const fixture = rollupFixture();

  /** Imports so many deposits; the records that execute them. */
  const imports = async (count: number): Promise<RecordData[]> => {
    const { rollup, alice } = fixture.world;
    const deposits = Array.from({ length: count }, (_, index) => [BigInt(index), alice.address, 5n]);
    await rollup.importMoves(ZeroAddress, deposits, { value: BigInt(count) * (FEE + 5n) });
    const ownerAndToken = packOwnerAndToken(BigInt(alice.address), 0);
    return deposits.map(([keyY], index) => record(RecordKind.deposit, [keyY as bigint, ownerAndToken, 5n], 0, index));
  };
  const request = async (): Promise<RecordData> => {
    const { rollup, alice } = fixture.world;
    await connectedTo(rollup, alice).requestExit(0, 0, { value: FEE });
    return record(RecordKind.forcedExit, [0n, packOwnerAndToken(BigInt(alice.address), 0), 0n]);
  };
  const build = async (chunks: RecordData[][], parent: StoredHeader = fixture.world.genesis) =>
    buildBatch(fixture.world, { parent, time: await latestTime(fixture.world), chunks });
  const roll = (operations: readonly RecordData[]) => operations.reduce(nextRollingHash, ZERO_BYTES32);

  it('is executed whole, over several chunks and together with others, and pays its fees to the producer', async () => {
    const { world } = fixture;
    const [one, group, other, last] = [await request(), await imports(4), await imports(2), await request()];
    const operations = [one, ...group, ...other];
    const first = await build([operations.slice(0, 4), operations.slice(4)]);
    await expect(submit(world, first))
      .to.emit(world.rollup, 'FeesCredited')
      .withArgs(world.producer.address, 7n * FEE);
    expect(await readHeader(world.rollup, 1)).to.deep.equal(first.header);
    expect(await world.rollup.finalState()).to.deep.equal([1n, 7n, 0n]);
    await submit(world, await build([[last]], first.header));
    expect(await world.rollup.collectableFees(world.producer.address)).to.equal(8n * FEE);
    for (const id of [0, 1, 4, 6, 7]) {
      expect(await world.rollup.priorityOperation(id)).to.deep.equal([ZERO_BYTES32, 0n, 0n]);
      expect(await world.rollup.operationGroup(id)).to.deep.equal([0n, 0n]);
    }
  });

  it('is not executed in part: a batch that ends within it is refused', async () => {
    const { world } = fixture;
    const one = await request();
    const group = await imports(4);
    for (const part of [
      [one, group[0]!],
      [one, ...group.slice(0, 2)],
      [one, ...group.slice(0, 3)],
    ]) {
      const sent = submit(world, await build([part]));
      await refuses(world.rollup, sent, 'WrongPriorityOperations', ZERO_BYTES32, roll(part));
    }
    const alone = await build([[one]]);
    await submit(world, alone);
    for (const part of [group.slice(0, 1), group.slice(1), group.slice(0, 3)]) {
      await expect(submit(world, await build([part], alone.header))).to.be.revertedWithCustomError(
        world.rollup,
        'WrongPriorityOperations',
      );
    }
    await submit(world, await build([group], alone.header));
  });

  it('is executed in its order, with its words, into any leaves', async () => {
    const { world } = fixture;
    const [first, second] = (await imports(2)) as [RecordData, RecordData];
    for (const wrong of [
      [second, first],
      [first, first],
      [first, { ...second, words: second.words.with(2, 6n) }],
    ]) {
      await refuses(
        world.rollup,
        submit(world, await build([wrong])),
        'WrongPriorityOperations',
        roll([first, second]),
        roll(wrong),
      );
    }
    const elsewhere = { ...first, fields: { ...first.fields, to: 99 } };
    await submit(world, await build([[elsewhere, second]]));
  });

  describe('that is overdue', () => {
    const overdue = () => fixture.world.l1.networkHelpers.time.increase(DELAY + 100);

    it('may be left by a batch that has no room for all of it, and by no other', async () => {
      const { world } = fixture;
      const one = await request();
      await imports(4);
      await overdue();
      const [, deadline] = await world.rollup.priorityOperation(1);
      for (const chunks of [
        [[one], []],
        [[one, transfer(1, 2)], [transfer(1, 2)]],
      ]) {
        const built = await build(chunks);
        await refuses(world.rollup, submit(world, built), 'OverdueOperationSkipped', 1, deadline, built.header.time);
      }
      // One behind the other they do not fit a batch of one chunk; the request alone does.
      await expect(submit(world, await build([[]]))).to.be.revertedWithCustomError(
        world.rollup,
        'OverdueOperationSkipped',
      );
      await submit(world, await build([[one, transfer(1, 2), transfer(1, 2)]]));
    });

    it('and fits beside what is executed exactly may not be left', async () => {
      const { world } = fixture;
      const one = await request();
      const group = await imports(3);
      await overdue();
      const [, deadline] = await world.rollup.priorityOperation(3);
      const left = await build([[one]]);
      await refuses(world.rollup, submit(world, left), 'OverdueOperationSkipped', 1, deadline, left.header.time);
      await submit(world, await build([[one, ...group]]));
    });

    it('opens producing to all, like a request', async () => {
      const { world } = fixture;
      const group = await imports(4);
      await world.l1.networkHelpers.time.increase(DELAY + LIVENESS + 1);
      expect(await world.rollup.isProducingOpen()).to.equal(true);
      await submit(world, await build([group]), world.alice);
      expect(await world.rollup.isProducingOpen()).to.equal(false);
    });
  });
});

describe('a backlog longer than a batch owes', () => {
  // More slots than the 128 operations: as `single` has, whose assertions by calldata hold 153 in a chunk.
  const fixture = rollupFixture({ slotsPerChunk: 124, maxChunks: 2 });

  it('is worked off in batches of 128 operations or more', async () => {
    const { world } = fixture;
    const { rollup, alice } = world;
    const operations: RecordData[] = [];
    for (const count of [124, 3, 2]) {
      const deposits = Array.from({ length: count }, () => [9n, alice.address, 5n]);
      await rollup.importMoves(ZeroAddress, deposits, { value: BigInt(count) * (FEE + 5n) });
      const words = [9n, packOwnerAndToken(BigInt(alice.address), 0), 5n];
      for (let index = 0; index < count; index++) operations.push(record(RecordKind.deposit, words, 0, 0));
    }
    await world.l1.networkHelpers.time.increase(DELAY + 1_000);
    const build = async (count: number) =>
      buildBatch(world, {
        parent: world.genesis,
        time: await latestTime(world),
        chunks: [operations.slice(0, Math.min(count, 124)), operations.slice(124, Math.max(count, 124))],
      });
    const [, deadline] = await rollup.priorityOperation(124);
    const few = await build(124);
    await refuses(rollup, submit(world, few), 'OverdueOperationSkipped', 124, deadline, few.header.time);
    await submit(world, await build(127));
    expect(await rollup.finalState()).to.deep.equal([1n, 127n, 0n]);
  });
});
