import { TREE_CAPACITY } from '@quittance/protocol';
import { expect } from 'chai';
import { ZeroAddress } from 'ethers';
import { deployContract, rollupFixture } from '../../support/contracts/deployment.ts';
import { refuses } from '../../support/contracts/refusal.ts';
import { connectedTo } from '../../support/contracts/types.ts';

describe('destinations of moves', () => {
  const fixture = rollupFixture({}, async ({ ethers }) => ({
    addresses: await Promise.all([1, 2].map(async () => (await deployContract(ethers, 'Forwarder')).getAddress())),
  }));

  it('are registered by anyone, each under the next number, which says so for ever', async () => {
    const { rollup, alice } = fixture.world;
    const [first, second] = fixture.prepared.addresses;
    expect(await rollup.destinationCount()).to.equal(0n);
    await expect(connectedTo(rollup, alice).registerDestination(first))
      .to.emit(rollup, 'DestinationRegistered')
      .withArgs(0, first);
    await rollup.registerDestination(second);
    // A second number does no harm.
    await rollup.registerDestination(first);
    expect(await Promise.all([0, 1, 2].map((number) => rollup.destinationOf(number)))).to.deep.equal([
      first,
      second,
      first,
    ]);
    expect(await rollup.destinationCount()).to.equal(3n);
  });

  it('are 0 under numbers that were not given', async () => {
    const { rollup } = fixture.world;
    for (const number of [0, 2 ** 32 - 1]) expect(await rollup.destinationOf(number)).to.equal(ZeroAddress);
  });

  it('are neither the rollup itself nor an address without code', async () => {
    const { rollup, alice } = fixture.world;
    for (const address of [await rollup.getAddress(), alice.address, ZeroAddress]) {
      await refuses(rollup, rollup.registerDestination(address), 'NotADestination', address);
    }
  });

  it('are at most as many as a record can name', async () => {
    const { rollup, ethers, l1 } = fixture.world;
    const address = await rollup.getAddress();
    const [first] = fixture.prepared.addresses;
    await rollup.registerDestination(first);
    const countSlot = await slotWith(1n);
    await l1.networkHelpers.setStorageAt(address, countSlot, TREE_CAPACITY - 1);
    await rollup.registerDestination(first);
    expect(await rollup.destinationOf(TREE_CAPACITY - 1)).to.equal(first);
    await refuses(rollup, rollup.registerDestination(first), 'TooManyDestinations');

    async function slotWith(count: bigint): Promise<number> {
      for (let slot = 0; slot < 40; slot += 1) {
        if (BigInt(await ethers.provider.getStorage(address, slot)) !== count) continue;
        const snapshot = await l1.networkHelpers.takeSnapshot();
        await rollup.registerDestination(first);
        const isCount = BigInt(await ethers.provider.getStorage(address, slot)) === count + 1n;
        await snapshot.restore();
        if (isCount) return slot;
      }
      throw new Error('the list of destinations was not found in storage');
    }
  });
});
