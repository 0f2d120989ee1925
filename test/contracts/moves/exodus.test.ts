import { L1_DEFAULTS, packOwnerAndToken } from '@quittance/protocol';
import { expect } from 'chai';
import { deployContract, rollupFixture } from '../../support/contracts/deployment.ts';
import { refuses } from '../../support/contracts/refusal.ts';
import { connectedTo } from '../../support/contracts/types.ts';

const FEE = L1_DEFAULTS.priorityFeeWei;

describe('the exodus with groups of the queue', () => {
  /** Operation 0 is a request, 1 to 3 are an import, 4 and 5 another one, 6 is a deposit; then the exodus. */
  const fixture = rollupFixture({}, async (world) => {
    const { ethers, rollup, owner, alice, bob } = world;
    const token = await deployContract(ethers, 'TestToken', ['Test', 'TST']);
    const address = await token.getAddress();
    await rollup.registerToken(address);
    await token.mint(owner.address, 1_000n);
    await token.approve(await rollup.getAddress(), 1_000n);
    const words = (owner_: string, tokenId: number, keyY: bigint, amount: bigint) =>
      [4n << 120n, keyY, packOwnerAndToken(BigInt(owner_), tokenId), amount] as const;
    await connectedTo(rollup, alice).requestExit(9, 0, { value: FEE });
    await rollup.importMoves(
      address,
      [
        [7n, alice.address, 10n],
        [8n, bob.address, 20n],
        [7n, alice.address, 10n],
      ],
      { value: 3n * FEE },
    );
    await rollup.setPriorityFee(2n * FEE);
    const deposits = [
      [7n, alice.address, 1n],
      [8n, bob.address, 2n],
    ];
    await rollup.importMoves(ethers.ZeroAddress, deposits, { value: 3n + 4n * FEE });
    await rollup.deposit(0, 5n, 9n, bob.address, { value: 5n + 2n * FEE });
    await world.l1.networkHelpers.time.increase(
      L1_DEFAULTS.priorityDelaySeconds + L1_DEFAULTS.exodusDelaySeconds + 10_000,
    );
    const imported = [
      words(alice.address, 1, 7n, 10n),
      words(bob.address, 1, 8n, 20n),
      words(alice.address, 1, 7n, 10n),
    ];
    const ether = [words(alice.address, 0, 7n, 1n), words(bob.address, 0, 8n, 2n)];
    const request = [[(5n << 120n) | (9n << 88n), 0n, packOwnerAndToken(BigInt(alice.address), 0), 0n]];
    const single = [words(bob.address, 0, 9n, 5n)];
    await rollup.activateExodus(world.genesis);
    return { token, request, imported, ether, single };
  });

  const reclaim = (firstId: number, operations: readonly (readonly bigint[])[], position: number | bigint) =>
    fixture.world.rollup.reclaimOperation(firstId, operations, position);

  it('gives each operation of a group back, with its own fee, once', async () => {
    const { world, prepared } = fixture;
    const { rollup, ethers, alice, bob } = world;
    const { token, imported, ether, single, request } = prepared;
    const middle = reclaim(1, imported, 1);
    await expect(middle).to.changeTokenBalance(ethers, token, bob, 20n);
    await expect(middle).to.emit(rollup, 'OperationReclaimed').withArgs(2, bob.address, 20n, FEE);
    await expect(reclaim(1, imported, 0)).to.changeTokenBalance(ethers, token, alice, 10n);
    await expect(reclaim(1, imported, 2)).to.changeTokenBalance(ethers, token, alice, 10n);
    for (const position of [0, 1, 2])
      await refuses(rollup, reclaim(1, imported, position), 'AlreadyReclaimed', 1 + position);
    await expect(reclaim(4, ether, 0)).to.changeEtherBalance(ethers, alice, 1n);
    await expect(reclaim(4, ether, 1))
      .to.emit(rollup, 'OperationReclaimed')
      .withArgs(5, bob.address, 2n, 2n * FEE);
    await reclaim(6, single, 0);
    await reclaim(0, request, 0);
    const ids = [0, 1, 2, 3, 4, 5, 6, 7];
    const isReclaimed = await Promise.all(ids.map((id) => rollup.isReclaimed(id)));
    expect(isReclaimed).to.deep.equal(ids.map((id) => id < 7));
    for (const signer of [alice, bob]) await connectedTo(rollup, signer).collectFees();
    expect(await rollup.trackedTotal(0)).to.equal(0n);
    expect(await rollup.trackedTotal(1)).to.equal(0n);
    expect(await ethers.provider.getBalance(await rollup.getAddress())).to.equal(0n);
  });

  it('refuses a part of a group, more than one, a place outside it, and another order', async () => {
    const { imported, ether, single, request } = fixture.prepared;
    const { rollup } = fixture.world;
    for (const [firstId, operations, position] of [
      [1, imported.slice(0, 2), 0],
      [1, imported.slice(0, 1), 0],
      [2, imported.slice(1), 0],
      [2, imported.slice(1, 2), 0],
      [3, imported.slice(2), 0],
      [0, [...request, ...imported], 0],
      [1, [...imported, ...ether], 4],
      [5, ether.slice(1), 0],
      [4, [...ether, ...single], 0],
      [1, imported, 3],
      [1, imported, 2n ** 64n],
      [1, [], 0],
      [7, [], 0],
      [7, single, 0],
      [1, [imported[1]!, imported[0]!, imported[2]!], 0],
    ] as const) {
      await refuses(rollup, reclaim(firstId, operations, position), 'WrongOperation', firstId);
    }
  });

  it('refuses a group with any word of any operation changed', async () => {
    const { imported } = fixture.prepared;
    for (let index = 0; index < 3; index += 1) {
      for (let word = 0; word < 4; word += 1) {
        const changed = imported.with(index, imported[index]!.with(word, imported[index]![word]! + 1n) as never);
        await refuses(fixture.world.rollup, reclaim(1, changed, 0), 'WrongOperation', 1);
      }
    }
  });

  it('pays whom the owner of an operation names, and takes no other’s word', async () => {
    const { world, prepared } = fixture;
    const { rollup, ethers, alice, bob } = world;
    const to = (position: number, receiver: string) =>
      connectedTo(rollup, alice).reclaimOperationTo(1, prepared.imported, position, receiver);
    await refuses(rollup, to(1, alice.address), 'NotOwner', bob.address, alice.address);
    await expect(to(0, bob.address)).to.changeTokenBalance(ethers, prepared.token, bob, 10n);
    expect(await rollup.collectableFees(alice.address)).to.equal(FEE);
  });
});
