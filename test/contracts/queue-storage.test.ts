/** The queue uses the places of executed operations again, and never those of pending ones. */

import { L1_DEFAULTS, packOwnerAndToken, type RecordData, RecordKind, type StoredHeader } from '@quittance/protocol';
import { expect } from 'chai';
import { buildBatch, record, submit } from '../support/contracts/batch.ts';
import { latestTime, rollupFixture } from '../support/contracts/deployment.ts';

const FEE = L1_DEFAULTS.priorityFeeWei;
/** Of contracts/libraries/PriorityQueue.sol. */
const RING = 127;
/** Two slots that were never used, instead of two that were. */
const LEAST_SAVING = 2 * 17_000;

describe('storage of the queue', () => {
  const fixture = rollupFixture({ slotsPerChunk: 200, maxChunks: 2 });

  const request = async () => {
    const { rollup, owner } = fixture.world;
    const receipt = await (await rollup.requestExit(0, 0, { value: FEE })).wait();
    const operation = record(RecordKind.forcedExit, [0n, packOwnerAndToken(BigInt(owner.address), 0), 0n]);
    return { operation, gas: Number(receipt!.gasUsed) };
  };
  const execute = async (parent: StoredHeader, operations: RecordData[]) => {
    const chunks = [operations.slice(0, 200), operations.slice(200)];
    const built = buildBatch(fixture.world, { parent, time: await latestTime(fixture.world), chunks });
    await submit(fixture.world, built);
    return built.header;
  };

  it('is used again behind executed operations, at a third of the price', async () => {
    const first = await request();
    const operations = [first.operation];
    while (operations.length < RING + 1) operations.push((await request()).operation);
    const header = await execute(fixture.world.genesis, operations);
    const again = await request();
    expect(first.gas - again.gas).to.be.above(LEAST_SAVING);
    await execute(header, [again.operation]);
  });

  it('of pending operations stays, however many they are', async () => {
    const { rollup } = fixture.world;
    const operations: RecordData[] = [];
    // One is executed early, so that its place, and not that of the last executed one, comes free.
    for (let count = 0; count < 2; count += 1) operations.push((await request()).operation);
    let header = await execute(fixture.world.genesis, operations.splice(0));
    const hashes: string[] = [];
    while (operations.length < 3 * RING) {
      operations.push((await request()).operation);
      hashes.push((await rollup.priorityOperation(operations.length + 1))[0]);
    }
    for (const [position, hash] of hashes.entries()) {
      expect((await rollup.priorityOperation(position + 2))[0], `operation ${position + 2}`).to.equal(hash);
    }
    header = await execute(header, operations);
    expect(await rollup.finalState()).to.deep.equal([2n, BigInt(3 * RING + 2), 0n]);
    expect(await rollup.collectableFees(fixture.world.producer.address)).to.equal(BigInt(3 * RING + 2) * FEE);
    await execute(header, [(await request()).operation]);
  });
});
