/** Owners that cannot take their money name another receiver: in claims, fees and the exodus. */

import {
  type Account,
  FIELD_MODULUS,
  hashLeaf,
  L1_DEFAULTS,
  MerkleTree,
  packOwnerAndToken,
  portableHasher,
  type RecordData,
  RecordKind,
  type Withdrawal,
  withdrawalProof,
} from '@quittance/protocol';
import { expect } from 'chai';
import { ZeroAddress } from 'ethers';
import { buildBatch, record, submit } from '../support/contracts/batch.ts';
import { type DeployedRollup, deployContract, latestTime, rollupFixture } from '../support/contracts/deployment.ts';
import { refuses } from '../support/contracts/refusal.ts';
import { connectedTo } from '../support/contracts/types.ts';

const { priorityFeeWei: FEE, priorityDelaySeconds: DELAY, exodusDelaySeconds: EXODUS_DELAY } = L1_DEFAULTS;
const KEY = 123n;

/** Withdrawals of one batch, with their proofs. */
const claimsOf = (withdrawals: readonly Withdrawal[]) =>
  withdrawals.map((withdrawal, index) => ({ index, ...withdrawal, siblings: withdrawalProof(withdrawals, index) }));

describe('money of an owner that cannot take it', () => {
  /** A contract without a way to take ETH, barred by a token: withdrawals, accounts, a request and its fee are its own. */
  const fixture = rollupFixture({}, async (world) => {
    const { ethers, rollup, owner, alice } = world;
    const wallet = await deployContract(ethers, 'Forwarder');
    const walletAddress = await wallet.getAddress();
    const token = await deployContract(ethers, 'BarringToken');
    await rollup.registerToken(await token.getAddress());
    await token.mint(owner.address, 1_000n);
    await token.approve(await rollup.getAddress(), 1_000n);
    await token.bar(walletAddress);
    await rollup.deposit(0, 500n, KEY, owner.address, { value: 500n + FEE });
    await rollup.deposit(1, 500n, KEY, owner.address, { value: FEE });
    const ownerWords = [0, 1].map((tokenId) => packOwnerAndToken(BigInt(owner.address), tokenId));
    const withdrawals: Withdrawal[] = [
      { ownerAndToken: packOwnerAndToken(BigInt(walletAddress), 0), amount: 40n },
      { ownerAndToken: packOwnerAndToken(BigInt(walletAddress), 1), amount: 50n },
      { ownerAndToken: packOwnerAndToken(BigInt(alice.address), 0), amount: 5n },
    ];
    const account: Account = {
      keyY: FIELD_MODULUS - 1n,
      owner: BigInt(walletAddress),
      tokenId: 0,
      nonce: 3,
      balance: 60n,
    };
    const tree = new MerkleTree(portableHasher);
    tree.setLeaf(0, hashLeaf(portableHasher, account));
    const deposits: RecordData[] = ownerWords.map((word, index) =>
      record(RecordKind.deposit, [KEY, word, 500n], 0, 1 + index),
    );
    const payments = withdrawals.map(({ ownerAndToken, amount }) =>
      record(RecordKind.withdraw, [0n, ownerAndToken, amount], 1),
    );
    const built = buildBatch(world, {
      parent: world.genesis,
      time: await latestTime(world),
      chunks: [deposits, payments],
      roots: [tree.root, tree.root],
    });
    await submit(world, built);
    // Nobody executes this one.
    await rollup.deposit(0, 70n, KEY, walletAddress, { value: 70n + FEE });
    return { wallet, walletAddress, token, withdrawals, account, tree, header: built.header };
  });

  /** The wallet calls the rollup. */
  const asWallet = async (name: string, ...args: unknown[]) => {
    const { world, prepared } = fixture;
    const data = world.rollup.interface.encodeFunctionData(name, args);
    return prepared.wallet.forward(await world.rollup.getAddress(), data) as Promise<unknown>;
  };
  const openExodus = async ({ l1, rollup }: DeployedRollup) => {
    await l1.networkHelpers.time.increase(DELAY + EXODUS_DELAY + 1);
    await rollup.activateExodus(fixture.prepared.header);
  };
  const exitArguments = () => {
    const { account, tree } = fixture.prepared;
    const leaf = { ...account, owner: fixture.prepared.walletAddress };
    const siblings = tree
      .path(0)
      .reverse()
      .map((children) => children.slice(1));
    return [0, leaf, siblings] as const;
  };
  const reclaimArguments = () =>
    [2, [[4n << 120n, KEY, packOwnerAndToken(BigInt(fixture.prepared.walletAddress), 0), 70n]], 0] as const;

  describe('as withdrawals', () => {
    it('goes to whom the owner names, in ETH and in a token that bars the owner', async () => {
      const { world, prepared } = fixture;
      const [ether, token] = claimsOf(prepared.withdrawals);
      await refuses(
        world,
        world.rollup.claimWithdrawals(prepared.header, [ether]),
        'PaymentRefused',
        prepared.walletAddress,
        40n,
      );
      await refuses(
        prepared.token,
        world.rollup.claimWithdrawals(prepared.header, [token]),
        'Barred',
        prepared.walletAddress,
      );
      const sent = asWallet('claimWithdrawalsTo', prepared.header, [ether, token], world.bob.address);
      await expect(sent).to.changeEtherBalances(world.ethers, [world.bob, world.rollup], [40n, -40n]);
      await expect(sent).to.changeTokenBalance(world.ethers, prepared.token, world.bob, 50n);
      expect(await world.rollup.trackedTotal(0)).to.equal(500n - 40n + 70n);
      await refuses(
        world,
        asWallet('claimWithdrawalsTo', prepared.header, [ether], world.bob.address),
        'AlreadyClaimed',
        1,
        0,
      );
      await refuses(world, world.rollup.claimWithdrawals(prepared.header, [token]), 'AlreadyClaimed', 1, 1);
    });

    it('goes nowhere by anyone else, nor by the owner of only some of it', async () => {
      const { world, prepared } = fixture;
      const { rollup, alice, bob } = world;
      const [first, , third] = claimsOf(prepared.withdrawals);
      for (const claims of [[first], [first, third]]) {
        await refuses(
          world,
          connectedTo(rollup, alice).claimWithdrawalsTo(prepared.header, claims, alice.address),
          'NotOwner',
          prepared.walletAddress,
          alice.address,
        );
      }
      await refuses(
        world,
        asWallet('claimWithdrawalsTo', prepared.header, [first, third], bob.address),
        'NotOwner',
        alice.address,
        prepared.walletAddress,
      );
      expect(await rollup.isClaimed(1, 0)).to.equal(false);
      await expect(
        connectedTo(rollup, alice).claimWithdrawalsTo(prepared.header, [third], bob.address),
      ).to.changeEtherBalance(world.ethers, bob, 5n);
    });

    it('cannot go to the address 0 or to the rollup', async () => {
      const { world, prepared } = fixture;
      const claims = claimsOf(prepared.withdrawals).slice(0, 1);
      await openExodus(world);
      for (const receiver of [ZeroAddress, await world.rollup.getAddress()]) {
        await refuses(world, asWallet('claimWithdrawalsTo', prepared.header, claims, receiver), 'NoReceiver', receiver);
        await refuses(world, asWallet('collectFeesTo', receiver), 'NoReceiver', receiver);
        await refuses(world, asWallet('exitTo', ...exitArguments(), receiver), 'NoReceiver', receiver);
        await refuses(world, asWallet('reclaimOperationTo', ...reclaimArguments(), receiver), 'NoReceiver', receiver);
      }
    });

    it('is refused by a receiver that takes none, and stays for another', async () => {
      const { world, prepared } = fixture;
      const claims = claimsOf(prepared.withdrawals).slice(0, 1);
      const other = await deployContract(world.ethers, 'Forwarder');
      const receiver = await other.getAddress();
      await refuses(
        world,
        asWallet('claimWithdrawalsTo', prepared.header, claims, receiver),
        'PaymentRefused',
        receiver,
        40n,
      );
      await asWallet('claimWithdrawalsTo', prepared.header, claims, world.bob.address);
    });

    it('cannot be taken twice by a receiver that calls back', async () => {
      const { world, prepared } = fixture;
      const claims = claimsOf(prepared.withdrawals).slice(0, 1);
      const receiver = await deployContract(world.ethers, 'ReentrantReceiver');
      const again = world.rollup.interface.encodeFunctionData('claimWithdrawals', [
        prepared.header,
        claimsOf(prepared.withdrawals).slice(2),
      ]);
      await receiver.setCall(again);
      await asWallet('claimWithdrawalsTo', prepared.header, claims, await receiver.getAddress());
      expect(await receiver.payments()).to.equal(1n);
      expect(await receiver.entries()).to.equal(0n);
    });
  });

  describe('in the exodus', () => {
    it('leaves the account to whom the owner names, once, and by nobody else', async () => {
      const { world, prepared } = fixture;
      const { rollup, alice, bob } = world;
      await refuses(world, asWallet('exitTo', ...exitArguments(), bob.address), 'ExodusNotActive');
      await openExodus(world);
      await refuses(world, rollup.exit(...exitArguments()), 'PaymentRefused', prepared.walletAddress, 60n);
      await refuses(
        world,
        connectedTo(rollup, alice).exitTo(...exitArguments(), alice.address),
        'NotOwner',
        prepared.walletAddress,
        alice.address,
      );
      await expect(asWallet('exitTo', ...exitArguments(), bob.address)).to.changeEtherBalance(world.ethers, bob, 60n);
      await refuses(world, asWallet('exitTo', ...exitArguments(), bob.address), 'AlreadyExited', 0);
    });

    it('gives a request and its fee back to whom the owner names', async () => {
      const { world, prepared } = fixture;
      const { rollup, alice, bob } = world;
      await refuses(world, asWallet('reclaimOperationTo', ...reclaimArguments(), bob.address), 'ExodusNotActive');
      await openExodus(world);
      await refuses(
        world,
        rollup.reclaimOperation(...reclaimArguments()),
        'PaymentRefused',
        prepared.walletAddress,
        70n,
      );
      await refuses(
        world,
        connectedTo(rollup, alice).reclaimOperationTo(...reclaimArguments(), alice.address),
        'NotOwner',
        prepared.walletAddress,
        alice.address,
      );
      const reclaimed = asWallet('reclaimOperationTo', ...reclaimArguments(), bob.address);
      await expect(reclaimed).to.changeEtherBalance(world.ethers, bob, 70n);
      await refuses(world, asWallet('reclaimOperationTo', ...reclaimArguments(), bob.address), 'AlreadyReclaimed', 2);
      await refuses(world, asWallet('collectFees'), 'PaymentRefused', prepared.walletAddress, FEE);
      await expect(asWallet('collectFeesTo', bob.address)).to.changeEtherBalance(world.ethers, bob, FEE);
      await refuses(world, asWallet('collectFeesTo', bob.address), 'NoFees', prepared.walletAddress);
    });
  });

  it('is nobody else’s as fees: only the caller’s own are collected', async () => {
    const { rollup, producer, alice, ethers } = fixture.world;
    await refuses(fixture.world, connectedTo(rollup, alice).collectFeesTo(alice.address), 'NoFees', alice.address);
    await expect(connectedTo(rollup, producer).collectFeesTo(alice.address)).to.changeEtherBalance(
      ethers,
      alice,
      2n * FEE,
    );
  });
});
