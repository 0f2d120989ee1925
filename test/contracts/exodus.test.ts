import {
  type Account,
  addressText,
  FIELD_MODULUS,
  hashLeaf,
  L1_DEFAULTS,
  MerkleTree,
  packOwnerAndToken,
  portableHasher,
  RecordKind,
  type StoredHeader,
  TREE_CAPACITY,
  TREE_DEPTH,
} from '@quittance/protocol';
import { expect } from 'chai';
import { buildBatch, record, submit } from '../support/contracts/batch.ts';
import { type DeployedRollup, deployContract, latestTime, rollupFixture } from '../support/contracts/deployment.ts';
import { refuses } from '../support/contracts/refusal.ts';
import { connectedTo } from '../support/contracts/types.ts';

const FEE = L1_DEFAULTS.priorityFeeWei;
const { priorityDelaySeconds: DELAY, exodusDelaySeconds: EXODUS_DELAY } = L1_DEFAULTS;

/** Three siblings a level from the leaf upwards, as the contract takes them. */
function siblingsOf(tree: MerkleTree, index: number): bigint[][] {
  return tree
    .path(index)
    .reverse()
    .map((children, level) => children.filter((_, child) => child !== ((index >> (2 * level)) & 3)));
}

describe('the exodus', () => {
  const INDICES = [0, 1, 6_000_000, TREE_CAPACITY - 1];

  const fixture = rollupFixture({}, async (world) => {
    const { ethers, rollup, owner, alice, bob } = world;
    const token = await deployContract(ethers, 'TestToken', ['Test', 'TST']);
    await rollup.registerToken(await token.getAddress());
    await token.mint(owner.address, 1000n);
    await token.approve(await rollup.getAddress(), 1000n);

    // A state with four accounts, as a proven batch would leave it: two deposits, split.
    await rollup.deposit(0, 100n, 1n, alice.address, { value: 100n + FEE });
    await rollup.deposit(1, 60n, 1n, bob.address, { value: FEE });
    const account = (owner_: string, tokenId: number, balance: bigint, nonce = 0): Account => ({
      keyY: FIELD_MODULUS - 1n,
      owner: BigInt(owner_),
      tokenId,
      nonce,
      balance,
    });
    const accounts = [
      account(alice.address, 0, 70n),
      account(bob.address, 1, 60n, 2 ** 32 - 1),
      account(bob.address, 0, 20n, 7),
      account(alice.address, 1, 0n),
    ];
    const tree = new MerkleTree(portableHasher);
    for (const [position, leaf] of accounts.entries()) tree.setLeaf(INDICES[position]!, hashLeaf(portableHasher, leaf));
    const operations = [
      record(RecordKind.deposit, [1n, packOwnerAndToken(BigInt(alice.address), 0), 100n], 0, 0),
      record(RecordKind.deposit, [1n, packOwnerAndToken(BigInt(bob.address), 1), 60n], 0, 1),
      record(RecordKind.withdraw, [0n, packOwnerAndToken(BigInt(alice.address), 0), 10n], 0),
    ];
    const built = buildBatch(world, {
      parent: world.genesis,
      time: await latestTime(world),
      chunks: [operations],
      roots: [tree.root],
    });
    await submit(world, built);
    // Two requests that nobody executes.
    await rollup.deposit(1, 40n, 5n, bob.address, { value: FEE });
    const requested = await latestTime(world);
    await connectedTo(rollup, alice).requestExit(0, 0, { value: FEE });
    return { token, accounts, tree, header: built.header, deadline: requested + DELAY };
  });

  const leafOf = ({ keyY, owner, tokenId, nonce, balance }: Account) => ({
    keyY,
    owner: addressText(owner),
    tokenId,
    nonce,
    balance,
  });
  const exit = (position: number, change: Partial<ReturnType<typeof leafOf>> = {}, index = INDICES[position]!) => {
    const { world, prepared } = fixture;
    const leaf = { ...leafOf(prepared.accounts[position]!), ...change };
    return world.rollup.exit(index, leaf, siblingsOf(prepared.tree, INDICES[position]!));
  };
  const activate = async (header: StoredHeader = fixture.prepared.header) => {
    const due = fixture.prepared.deadline + EXODUS_DELAY + 1;
    if ((await latestTime(fixture.world)) < due) await fixture.world.l1.networkHelpers.time.increaseTo(due);
    return connectedTo(fixture.world.rollup, fixture.world.bob).activateExodus(header);
  };

  it('is refused until the oldest operation is overdue for the delay, and opens a second later', async () => {
    const { world, prepared } = fixture;
    await refuses(world, world.rollup.activateExodus(prepared.header), 'ExodusNotDue');
    await world.l1.networkHelpers.time.increaseTo(prepared.deadline + EXODUS_DELAY - 1);
    await world.l1.networkHelpers.time.setNextBlockTimestamp(prepared.deadline + EXODUS_DELAY);
    await refuses(world, world.rollup.activateExodus(prepared.header), 'ExodusNotDue');
    await world.l1.networkHelpers.time.increaseTo(prepared.deadline + EXODUS_DELAY + 1);
    await expect(world.rollup.activateExodus(prepared.header))
      .to.emit(world.rollup, 'ExodusActivated')
      .withArgs(1, prepared.tree.root, 2);
    expect(await world.rollup.isExodusActive()).to.equal(true);
  });

  it('never opens when nothing is requested', async () => {
    const { world, prepared } = fixture;
    const rest = buildBatch(world, {
      parent: prepared.header,
      time: await latestTime(world),
      chunks: [
        [
          record(RecordKind.deposit, [5n, packOwnerAndToken(BigInt(world.bob.address), 1), 40n]),
          record(RecordKind.forcedExit, [0n, packOwnerAndToken(BigInt(world.alice.address), 0), 70n]),
        ],
      ],
    });
    await submit(world, rest);
    await world.l1.networkHelpers.time.increase(100 * EXODUS_DELAY);
    await refuses(world, world.rollup.activateExodus(rest.header), 'ExodusNotDue');
  });

  it('opens on the last final header only', async () => {
    const { world } = fixture;
    await expect(activate(world.genesis)).to.be.revertedWithCustomError(world.rollup, 'WrongParent');
    await expect(activate({ ...fixture.prepared.header, stateRoot: 1n })).to.be.revertedWithCustomError(
      world.rollup,
      'WrongParent',
    );
  });

  it('pays every account its balance, to its owner and once', async () => {
    const { world, prepared } = fixture;
    await activate();
    await expect(exit(0)).to.changeEtherBalance(world.ethers, world.alice, 70n);
    await expect(exit(1)).to.changeTokenBalance(world.ethers, prepared.token, world.bob, 60n);
    await expect(exit(2)).to.emit(world.rollup, 'Exited').withArgs(INDICES[2], world.bob.address, 0, 20n);
    await exit(3);
    expect(await world.rollup.hasExited(INDICES[3]!)).to.equal(true);
    expect(await world.rollup.hasExited(2)).to.equal(false);
    for (const position of [0, 1, 2, 3]) await refuses(world, exit(position), 'AlreadyExited', INDICES[position]);
    // What is left: the unclaimed withdrawal, and the deposit that was not executed.
    expect(await world.rollup.trackedTotal(0)).to.equal(10n);
    expect(await world.rollup.trackedTotal(1)).to.equal(40n);
  });

  it('refuses a leaf with any field changed, another index and a wrong sibling', async () => {
    const { world, prepared } = fixture;
    await activate();
    for (const change of [{ keyY: 1n }, { owner: world.bob.address }, { tokenId: 1 }, { nonce: 1 }, { balance: 71n }]) {
      await expect(exit(0, change)).to.be.revertedWithCustomError(world.rollup, 'WrongLeafProof');
    }
    for (const index of [1, 2, 4, 5_000_000]) {
      await expect(exit(0, {}, index)).to.be.revertedWithCustomError(world.rollup, 'WrongLeafProof');
    }
    const siblings = siblingsOf(prepared.tree, 0);
    for (let level = 0; level < TREE_DEPTH; level += 1) {
      for (let sibling = 0; sibling < 3; sibling += 1) {
        const changed = siblings.with(level, siblings[level]!.with(sibling, siblings[level]![sibling]! + 1n));
        await expect(world.rollup.exit(0, leafOf(prepared.accounts[0]!), changed)).to.be.revertedWithCustomError(
          world.rollup,
          'WrongLeafProof',
        );
      }
    }
  });

  it('refuses numbers that are not below r, though they hash alike', async () => {
    const { world, prepared } = fixture;
    await activate();
    const siblings = siblingsOf(prepared.tree, 0);
    const alias = siblings[0]![1]! + FIELD_MODULUS;
    const changed = siblings.with(0, siblings[0]!.with(1, alias));
    await refuses(world, world.rollup.exit(0, leafOf(prepared.accounts[0]!), changed), 'NotInField', alias);
    await refuses(world, exit(0, { keyY: FIELD_MODULUS }), 'NotInField', FIELD_MODULUS);
  });

  it('refuses an index beyond the tree, whose path would be another’s', async () => {
    await activate();
    await refuses(fixture.world, exit(0, {}, TREE_CAPACITY), 'AccountIndexTooLarge', TREE_CAPACITY);
  });

  it('refuses exits and reclaims before it opens', async () => {
    const { world } = fixture;
    await refuses(world, exit(0), 'ExodusNotActive');
    await refuses(world, world.rollup.reclaimOperation(2, [[0, 0, 0, 0]], 0), 'ExodusNotActive');
  });

  it('ends batches, deposits, requests and a second activation', async () => {
    const { world, prepared } = fixture;
    await activate();
    const built = buildBatch(world, { parent: prepared.header, time: await latestTime(world), chunks: [[]] });
    await refuses(world, submit(world, built), 'ExodusActive');
    await refuses(world, world.rollup.deposit(0, 1n, 1n, world.bob.address, { value: 1n + FEE }), 'ExodusActive');
    await refuses(world, world.rollup.requestExit(0, 0, { value: FEE }), 'ExodusActive');
    await refuses(world, world.rollup.activateExodus(prepared.header), 'ExodusActive');
  });

  it('lets claims of final withdrawals and fees go on', async () => {
    const { world, prepared } = fixture;
    await activate();
    const claim = {
      index: 0,
      ownerAndToken: packOwnerAndToken(BigInt(world.alice.address), 0),
      amount: 10n,
      siblings: [],
    };
    await expect(world.rollup.claimWithdrawals(prepared.header, [claim])).to.changeEtherBalance(
      world.ethers,
      world.alice,
      10n,
    );
    await expect(connectedTo(world.rollup, world.producer).collectFees()).to.changeEtherBalance(
      world.ethers,
      world.producer,
      2n * FEE,
    );
  });

  describe('gives back requests that were not executed', () => {
    const depositWords = ({ bob }: DeployedRollup) =>
      [4n << 120n, 5n, packOwnerAndToken(BigInt(bob.address), 1), 40n] as const;

    it('a deposit with its amount and fee, once', async () => {
      const { world, prepared } = fixture;
      await activate();
      const sent = world.rollup.reclaimOperation(2, [depositWords(world)], 0);
      await expect(sent).to.changeTokenBalance(world.ethers, prepared.token, world.bob, 40n);
      await expect(sent).to.emit(world.rollup, 'OperationReclaimed').withArgs(2, world.bob.address, 40n, FEE);
      expect(await world.rollup.collectableFees(world.bob.address)).to.equal(FEE);
      expect(await world.rollup.isReclaimed(2)).to.equal(true);
      await refuses(world, world.rollup.reclaimOperation(2, [depositWords(world)], 0), 'AlreadyReclaimed', 2);
    });

    it('an exit request with its fee alone', async () => {
      const { world } = fixture;
      await activate();
      const words = [5n << 120n, 0n, packOwnerAndToken(BigInt(world.alice.address), 0), 0n] as const;
      await expect(world.rollup.reclaimOperation(3, [words], 0))
        .to.emit(world.rollup, 'OperationReclaimed')
        .withArgs(3, world.alice.address, 0n, FEE);
      expect(await world.rollup.trackedTotal(0)).to.equal(100n);
    });

    it('and refuses executed ones, unknown ones and any changed word', async () => {
      const { world } = fixture;
      await activate();
      const words = depositWords(world);
      await refuses(world, world.rollup.reclaimOperation(1, [words], 0), 'OperationExecuted', 1, 2);
      await refuses(world, world.rollup.reclaimOperation(3, [words], 0), 'WrongOperation', 3);
      await refuses(world, world.rollup.reclaimOperation(4, [words], 0), 'WrongOperation', 4);
      await refuses(world, world.rollup.reclaimOperation(2n ** 64n - 2n, [words], 0), 'WrongOperation', 2n ** 64n - 2n);
      for (let word = 0; word < 4; word += 1) {
        const changed = words.map((value, position) => (position === word ? value + 1n : value));
        await refuses(world, world.rollup.reclaimOperation(2, [changed], 0), 'WrongOperation', 2);
      }
    });
  });
});
