/** Deadlines of priority operations follow what is pending (docs/protocol.md, Priority queue). */

import assert from 'node:assert/strict';
import { L1_DEFAULTS, packOwnerAndToken, type RecordData, RecordKind, type StoredHeader } from '@quittance/protocol';
import { expect } from 'chai';
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

/**
 * The rule told naively: a request is due D from now and Δ after the one before it at the earliest; an execution moves all
 * that is pending together, so that the first is due D from then at the latest.
 */
class PendingDeadlines {
  readonly #interval: number;
  #pending: { readonly requestedAt: number; readonly ahead: number; deadline: number }[] = [];

  constructor(interval: number) {
    this.#interval = interval;
  }

  get pending() {
    return this.#pending;
  }

  request(time: number): void {
    const last = this.#pending.at(-1)?.deadline ?? 0;
    const deadline = Math.max(time + DELAY, last + this.#interval);
    this.#pending.push({ requestedAt: time, ahead: this.#pending.length, deadline });
  }

  execute(count: number, time: number): void {
    this.#pending = this.#pending.slice(count);
    const early = Math.max(0, (this.#pending[0]?.deadline ?? 0) - (time + DELAY));
    for (const operation of this.#pending) operation.deadline -= early;
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
    const fixture = rollupFixture({ priorityInterval: INTERVAL });
    /** After a while one request, or an execution of at most so many. */
    const step = fc.record({
      after: fc.oneof(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 400 })),
      executes: fc.oneof(
        { weight: 3, arbitrary: fc.constant(0) },
        { weight: 1, arbitrary: fc.integer({ min: 1, max: 12 }) },
      ),
    });

    property<[readonly { after: number; executes: number }[]]>(
      'are those of the naive rule, apart by Δ and within D and D + Δ · pending',
      [fc.array(step, { minLength: 30, maxLength: 60 })],
      async (steps) => {
        const { world } = fixture;
        const snapshot = await world.l1.networkHelpers.takeSnapshot();
        const model = new PendingDeadlines(INTERVAL);
        const queue: RecordData[] = [];
        let header = world.genesis;
        for (const { after, executes } of steps) {
          await world.l1.networkHelpers.time.increase(after);
          const executed = queue.length - model.pending.length;
          const count = Math.min(model.pending.length, executes);
          if (count > 0) {
            header = await execute(world, header, queue.slice(executed, executed + count));
            model.execute(count, await latestTime(world));
          } else {
            queue.push(await request(world));
            model.request(await latestTime(world));
          }
          await compare(queue.length, model);
        }
        await snapshot.restore();
      },
      { runs: 4 },
    );

    async function compare(requested: number, { pending }: PendingDeadlines): Promise<void> {
      const first = requested - pending.length;
      for (const [position, { requestedAt, ahead, deadline }] of pending.entries()) {
        const actual = await deadlineOf(fixture.world, first + position);
        assert.equal(actual, deadline, `operation ${first + position}`);
        assert.ok(actual >= requestedAt + DELAY, 'never sooner than D after its request');
        assert.ok(actual <= requestedAt + DELAY + INTERVAL * ahead, 'never later than D + Δ · pending');
        const before = pending[position - 1]?.deadline ?? Number.NEGATIVE_INFINITY;
        assert.ok(actual >= before + INTERVAL, 'Δ behind the one before');
      }
    }
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
