import { expect } from 'chai';
import { latestTime } from '../../support/contracts/deployment.ts';
import { refuses } from '../../support/contracts/refusal.ts';
import {
  assertBatch,
  at,
  buildOn,
  dispute,
  finalize,
  proveStep,
  sendAnswer,
  sendDispute,
  sendProofs,
} from '../../support/optimistic/calls.ts';
import { assertionsFixture } from '../../support/optimistic/fixture.ts';
import { chunkOf } from '../../support/optimistic/lie-chunks.ts';
import { LIES } from '../../support/optimistic/lies.ts';
import { noop } from '../../support/optimistic/slot-scripts.ts';

/** As many as an assertion has bits for. */
const COUNT = 64;
const LAST = COUNT - 1;
const ALL = 2n ** BigInt(COUNT) - 1n;

describe('a batch of 64 chunks', () => {
  const fixture = assertionsFixture({ slotsPerChunk: 2, maxChunks: COUNT }, async (world, tip) => {
    const honest = Array.from({ length: LAST }, () => chunkOf());
    const built = await buildOn(world, tip, [...honest, chunkOf(noop, LIES[0]!.script)]);
    await assertBatch(world, built);
    return { built, assertedAt: await latestTime(world) };
  });
  const kept = () => fixture.world.assertions.assertion(1n);

  it('is proven chunk by chunk, and final when the last one is', async () => {
    const { world, prepared } = fixture;
    const { built } = prepared;
    await sendProofs(world, 1n, built, LAST, 1);
    expect((await kept()).provenChunks).to.equal(2n ** 63n);
    await refuses(world, sendDispute(world, 1n, built, LAST), 'ChunkProven', 1, LAST);
    await sendProofs(world, 1n, built, 0, 32);
    await sendProofs(world, 1n, built, 32, 31);
    expect((await kept()).provenChunks).to.equal(ALL);
    await finalize(world, built);
    expect(await world.rollup.headerHash(2)).to.equal(built.headerHash);
  });

  it('is proven all at once', async () => {
    const { world, prepared } = fixture;
    await sendProofs(world, 1n, prepared.built);
    expect((await kept()).provenChunks).to.equal(ALL);
  });

  it('has its last chunk disputed, answered and shown wrong', async () => {
    const { world, prepared } = fixture;
    const { built } = prepared;
    await refuses(world, sendDispute(world, 1n, built, COUNT), 'ChunkOutOfRange', COUNT, COUNT);
    await dispute(world, 1n, built, LAST);
    expect((await kept()).disputedChunks).to.equal(2n ** 63n);
    await sendAnswer(world, 1n, built, LAST);
    await proveStep(world, built, { assertionId: 1n, chunk: LAST, slot: 1 });
    expect(await world.assertions.isPending(1n)).to.equal(false);
  });

  it('waits for the answers of its first and its last chunk', async () => {
    const { world, prepared } = fixture;
    const { built, assertedAt } = prepared;
    const { challengePeriod } = world.optimistic;
    for (const chunk of [0, LAST]) await dispute(world, 1n, built, chunk);
    await at(world, assertedAt + challengePeriod + 1);
    await refuses(world, finalize(world, built), 'NotAnswered', 1, 0);
    await sendProofs(world, 1n, built, 0, LAST);
    await refuses(world, finalize(world, built), 'NotAnswered', 1, LAST);
  });
});
