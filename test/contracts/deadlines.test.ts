/** Deadlines of priority operations follow what is pending (docs/protocol.md, Priority queue). */

import assert from 'node:assert/strict';
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
import fc from 'fast-check';
import { buildBatch, readArguments, record, submit } from '../support/contracts/batch.ts';
import { type DeployedRollup, latestTime, rollupFixture } from '../support/contracts/deployment.ts';
import { refuses } from '../support/contracts/refusal.ts';
import { connectedTo } from '../support/contracts/types.ts';
import { assertBatch, at, buildOn, finalize } from '../support/optimistic/calls.ts';
import { assertionsFixture } from '../support/optimistic/fixture.ts';
import { priorityOf } from '../support/optimistic/slot-scripts.ts';
import { property } from '../support/property/property.ts';

const FEE = L1_DEFAULTS.priorityFeeWei;
const { priorityDelaySeconds: DELAY, exodusDelaySeconds: EXODUS_DELAY } = L1_DEFAULTS;
const HOUR = 3_600;

/** Requests an exit that pays nothing, and tells the record that executes it. */
async function request({ rollup, alice }: DeployedRollup): Promise<RecordData> {
  await connectedTo(rollup, alice).requestExit(0, 0, { value: FEE });
  return record(RecordKind.forcedExit, [0n, packOwnerAndToken(BigInt(alice.address), 0), 0n]);
}

/** Imports deposits of 1 wei, and tells the records that execute them. */
async function importDeposits({ rollup, alice }: DeployedRollup, count: number): Promise<RecordData[]> {
  const deposits = Array.from({ length: count }, (_, index) => [BigInt(index), alice.address, 1n]);
  await rollup.importMoves(ZeroAddress, deposits, { value: BigInt(count) * (FEE + 1n) });
  const ownerAndToken = packOwnerAndToken(BigInt(alice.address), 0);
  return deposits.map(([keyY]) => record(RecordKind.deposit, [keyY as bigint, ownerAndToken, 1n]));
}

async function deadlineOf({ rollup }: Pick<DeployedRollup, 'rollup'>, operationId: number): Promise<number> {
  return Number((await rollup.priorityOperation(operationId))[1]);
}

/** A final batch of these operations, spread over chunks. */
async function execute(world: DeployedRollup, parent: StoredHeader, operations: readonly RecordData[]) {
  const { slotsPerChunk } = world.parameters;
  const count = Math.max(1, Math.ceil(operations.length / slotsPerChunk));
  const chunks = Array.from({ length: count }, (_, chunk) =>
    operations.slice(chunk * slotsPerChunk, (chunk + 1) * slotsPerChunk),
  );
  const built = buildBatch(world, { parent, time: await latestTime(world), chunks });
  await submit(world, built);
  return built.header;
}

/** A group of the queue as the naive rule has it. `ahead` counts the operations that were pending before it. */
interface PendingGroup {
  readonly requestedAt: number;
  readonly ahead: number;
  readonly size: number;
  deadline: number;
}

const sizeOf = (groups: readonly PendingGroup[]): number => groups.reduce((sum, { size }) => sum + size, 0);

/**
 * The rule told naively: a group of n is due D from now and n·Δ after the one before it at the earliest; an execution moves
 * all that is pending together, so that the first is due D from then at the latest.
 */
class PendingDeadlines {
  readonly #interval: number;
  #pending: PendingGroup[] = [];
  /** Deadline that a request would have had at the last execution. */
  #nextAtLeast = 0;

  constructor(interval: number) {
    this.#interval = interval;
  }

  get pending() {
    return this.#pending;
  }

  request(time: number, size: number): void {
    // Without pending ones, what the last one left behind: at most D from then.
    const last = this.#pending.at(-1)?.deadline ?? this.#nextAtLeast - this.#interval;
    const deadline = Math.max(time + DELAY, last + size * this.#interval);
    this.#pending.push({ requestedAt: time, ahead: sizeOf(this.#pending), size, deadline });
  }

  execute(groups: number, time: number): void {
    const behindAll = (this.#pending.at(-1)?.deadline ?? 0) + this.#interval;
    this.#pending = this.#pending.slice(groups);
    const early = Math.max(0, (this.#pending[0]?.deadline ?? behindAll) - (time + DELAY));
    for (const group of this.#pending) group.deadline -= early;
    this.#nextAtLeast = behindAll - early;
  }
}

describe('deadlines of priority operations', () => {
  describe('with 1,004 requests of the producer, an hour apart', () => {
    const COUNT = 1_004;
    const fixture = rollupFixture(
      { slotsPerChunk: COUNT, maxChunks: 1, priorityInterval: HOUR },
      async (world: DeployedRollup) => {
        const flood: RecordData[] = [];
        while (flood.length < COUNT) flood.push(await request(world));
        return { flood };
      },
    );

    it('do not delay who comes after their execution: the only exit opens the exodus after D + EXODUS_DELAY', async () => {
      const { world, prepared } = fixture;
      const header = await execute(world, world.genesis, prepared.flood);
      await request(world);
      const requestedAt = await latestTime(world);
      expect(await deadlineOf(world, COUNT)).to.equal(requestedAt + DELAY);
      const { time } = world.l1.networkHelpers;
      await time.setNextBlockTimestamp(requestedAt + DELAY + EXODUS_DELAY);
      await refuses(world.rollup, world.rollup.activateExodus(header), 'ExodusNotDue');
      await time.setNextBlockTimestamp(requestedAt + DELAY + EXODUS_DELAY + 1);
      await world.rollup.activateExodus(header);
    });

    it('delay nobody by those left of them: behind one, an exit is due within D + Δ, behind 100 within D + 100 · Δ', async () => {
      const { world, prepared } = fixture;
      for (const left of [1, 100]) {
        const snapshot = await world.l1.networkHelpers.takeSnapshot();
        await execute(world, world.genesis, prepared.flood.slice(0, COUNT - left));
        const executedAt = await latestTime(world);
        expect(await deadlineOf(world, COUNT - left)).to.equal(executedAt + DELAY);
        await request(world);
        const requestedAt = await latestTime(world);
        const deadline = await deadlineOf(world, COUNT);
        expect(deadline).to.equal(executedAt + DELAY + left * HOUR);
        expect(deadline).to.be.at.most(requestedAt + DELAY + left * HOUR);
        await snapshot.restore();
      }
    });

    it('stand an hour apart as long as none is executed, and are told as 0 once it is', async () => {
      const { world, prepared } = fixture;
      const first = await deadlineOf(world, 0);
      for (const operationId of [1, 500, COUNT - 1]) {
        expect(await deadlineOf(world, operationId)).to.equal(first + operationId * HOUR);
      }
      await execute(world, world.genesis, prepared.flood);
      for (const operationId of [0, COUNT - 1, COUNT]) expect(await deadlineOf(world, operationId)).to.equal(0);
    });

    it('are brought forward for the batch rule too: one left overdue is refused', async () => {
      const { world, prepared } = fixture;
      const parent = await execute(world, world.genesis, prepared.flood.slice(0, COUNT - 1));
      const due = await deadlineOf(world, COUNT - 1);
      await world.l1.networkHelpers.time.increaseTo(due + 1);
      const content = { parent, chunks: [[]] };
      await refuses(
        world.rollup,
        submit(world, buildBatch(world, { ...content, time: due + 1 })),
        'OverdueOperationSkipped',
        COUNT - 1,
        due,
        due + 1,
      );
      await submit(world, buildBatch(world, { ...content, time: due }));
    });
  });

  describe('with intervals of decades', () => {
    const fixture = rollupFixture({ priorityInterval: 1_000_000_000 });

    it('are 0 and no obstacle to a look at an old parent, once they were brought forward by more than they are', async () => {
      const { world } = fixture;
      const operations: RecordData[] = [];
      while (operations.length < 4) operations.push(await request(world));
      const time = await latestTime(world);
      await execute(world, world.genesis, operations);
      const old = buildBatch(world, { parent: world.genesis, time, chunks: [[]] });
      const [header] = (await world.rollup.readBatch.staticCall(...readArguments(old))) as [bigint[]];
      expect(header[0]).to.equal(1n);
      await request(world);
      expect(await deadlineOf(world, 4)).to.equal((await latestTime(world)) + DELAY);
    });
  });

  describe('through requests and executions at random', () => {
    const INTERVAL = 50;
    const MOST = 60;
    const CHUNKS = 5;
    const fixture = rollupFixture({ priorityInterval: INTERVAL, slotsPerChunk: MOST, maxChunks: CHUNKS });
    /** After a while one request, an import of so many deposits, or an execution of at most so many groups. */
    const step = fc.record({
      after: fc.oneof(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 400 })),
      imports: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: MOST })),
      executes: fc.oneof(
        { weight: 3, arbitrary: fc.constant(0) },
        { weight: 1, arbitrary: fc.integer({ min: 1, max: 12 }) },
      ),
    });

    property<[readonly { after: number; imports: number; executes: number }[]]>(
      'are those of the naive rule, apart by Δ an operation and within D and D + Δ · pending, and so are the hashes',
      [fc.array(step, { minLength: 30, maxLength: 60 })],
      async (steps) => {
        const { world } = fixture;
        const snapshot = await world.l1.networkHelpers.takeSnapshot();
        try {
          await play(steps);
        } finally {
          await snapshot.restore();
        }
      },
      { runs: 4 },
    );

    async function play(steps: readonly { after: number; imports: number; executes: number }[]): Promise<void> {
      const { world } = fixture;
      const model = new PendingDeadlines(INTERVAL);
      const queue: RecordData[] = [];
      let header = world.genesis;
      for (const { after, imports, executes } of steps) {
        await world.l1.networkHelpers.time.increase(after);
        const executed = queue.length - sizeOf(model.pending);
        let groups = Math.min(model.pending.length, executes);
        while (sizeOf(model.pending.slice(0, groups)) > MOST * CHUNKS) groups -= 1;
        if (groups > 0) {
          const count = sizeOf(model.pending.slice(0, groups));
          header = await execute(world, header, queue.slice(executed, executed + count));
          model.execute(groups, await latestTime(world));
        } else {
          queue.push(...(imports === 0 ? [await request(world)] : await importDeposits(world, imports)));
          model.request(await latestTime(world), Math.max(1, imports));
        }
        await compare(queue, model);
      }
    }

    async function compare(queue: readonly RecordData[], { pending }: PendingDeadlines): Promise<void> {
      const { rollup } = fixture.world;
      const hashes = [ZERO_BYTES32];
      for (const operation of queue) hashes.push(nextRollingHash(hashes.at(-1)!, operation));
      let first = queue.length - sizeOf(pending);
      for (const [position, { requestedAt, ahead, size, deadline }] of pending.entries()) {
        const last = first + size - 1;
        assert.deepEqual([...(await rollup.priorityOperation(last))], [hashes[last + 1]!, BigInt(deadline), FEE]);
        assert.deepEqual([...(await rollup.operationGroup(last))], [BigInt(first), BigInt(size)]);
        if (size > 1)
          assert.deepEqual([...(await rollup.priorityOperation(first))], [ZERO_BYTES32, BigInt(deadline), FEE]);
        assert.ok(deadline >= requestedAt + DELAY, 'never sooner than D after its request');
        assert.ok(deadline <= requestedAt + DELAY + INTERVAL * (ahead + size - 1), 'never later than D + Δ · pending');
        const before = pending[position - 1]?.deadline ?? Number.NEGATIVE_INFINITY;
        assert.ok(deadline >= before + size * INTERVAL, 'Δ behind the one before, for each of the group');
        first += size;
      }
      assert.deepEqual([...(await rollup.operationGroup(queue.length))], [0n, 0n]);
    }
  });

  describe('of an import behind many executed operations', () => {
    const fixture = rollupFixture({ priorityInterval: HOUR, slotsPerChunk: 60 });

    it('are as those of requests: D and Δ for each further one at most', async () => {
      const { world } = fixture;
      const flood = await importDeposits(world, 60);
      await execute(world, world.genesis, flood);
      await importDeposits(world, 10);
      const requestedAt = await latestTime(world);
      for (const id of [60, 69]) expect(await deadlineOf(world, id)).to.be.at.most(requestedAt + DELAY + 9 * HOUR);
    });
  });

  describe('in optimistic mode', () => {
    const fixture = assertionsFixture({ priorityInterval: HOUR });

    it('are brought forward when a batch becomes final, not when it is asserted', async () => {
      const { world, prepared } = fixture;
      const { challengePeriod } = world.optimistic;
      const operations: RecordData[] = [];
      while (operations.length < 4) operations.push(await request(world));
      const due = await deadlineOf(world, 3);
      const slots = operations.slice(0, 3).map((operation) => priorityOf(operation));
      const built = await buildOn(world, prepared.tip, [{ slots }]);
      await assertBatch(world, built);
      expect(await deadlineOf(world, 3)).to.equal(due);
      const finalAt = (await latestTime(world)) + challengePeriod + 1;
      await at(world, finalAt);
      await finalize(world, built);
      expect(await deadlineOf(world, 3)).to.equal(Math.min(due, finalAt + DELAY));
      expect(due).to.be.above(finalAt + DELAY);
    });
  });
});
