import { PROFILES } from '../../protocol/index.ts';
import { buildBatch, deployRollup, submit } from '../support/contracts.ts';
import { standardChunks } from '../support/standard-batch.ts';

describe('gas of a standard batch', () => {
  it('stays below 1,200 a transfer', async () => {
    const world = await deployRollup({
      slotsPerChunk: PROFILES.standard.slotsPerChunk,
      maxChunks: PROFILES.standard.maxChunks,
    });
    const time = (await world.ethers.provider.getBlock('latest'))!.timestamp;
    const first = buildBatch(world, { parent: world.genesis, time, chunks: standardChunks('first') });
    const r1 = (await (await submit(world, first)).wait())!;
    const second = buildBatch(world, { parent: first.header, time, chunks: standardChunks('second') });
    const r2 = (await (await submit(world, second)).wait())!;
    console.log(r1.gasUsed, r2.gasUsed);
  });
});
