import { expect } from 'chai';
import { headerHash } from '../../protocol/index.ts';
import { buildBatch, deployRollup, type RollupWorld, readHeader, submit, transfer } from '../support/contracts.ts';

describe('Rollup.submitBatch', () => {
  let world: RollupWorld;

  beforeEach(async () => {
    world = await deployRollup();
  });

  const now = async () => (await world.ethers.provider.getBlock('latest'))!.timestamp;

  it('makes a batch of three chunks final and emits the header that TypeScript computes', async () => {
    const built = buildBatch(world, {
      parent: world.genesis,
      time: await now(),
      chunks: [[transfer(1, 2), transfer(2, 3)], [transfer(4, 5)], []],
    });
    await submit(world, built);
    expect(await readHeader(world.rollup, 1)).to.deep.equal(built.header);
    expect(await world.rollup.headerHash(1)).to.equal(headerHash(built.header));
  });
});
