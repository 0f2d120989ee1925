/** Attacks found, or tried, by an audit of the contracts that no other test had. */

import {
  type Account,
  hashLeaf,
  L1_DEFAULTS,
  MerkleTree,
  packOwnerAndToken,
  portableHasher,
  RecordKind,
  withdrawalProof,
} from '@quittance/protocol';
import { expect } from 'chai';
import type { ContractTransactionResponse } from 'ethers';
import { buildBatch, record, submit, submitArguments, transfer } from '../support/contracts/batch.ts';
import { deployContract, finalNumber, latestTime, rollupFixture } from '../support/contracts/deployment.ts';
import { refuses } from '../support/contracts/refusal.ts';
import { connectedTo } from '../support/contracts/types.ts';

const { priorityFeeWei: FEE, maxPriorityFeeWei: MAX_FEE } = L1_DEFAULTS;
const EXODUS_AFTER = L1_DEFAULTS.priorityDelaySeconds + L1_DEFAULTS.exodusDelaySeconds + 60;
const WORD = 32;
/** Positions behind the selector (docs/protocol.md, Batch and header). */
const NUMBER_OF_PARENT = 0;
const BATCH_OFFSET = 9 * WORD;
const DATA_OFFSET = 10 * WORD;

describe('audit: calldata that decoders may read differently', () => {
  const fixture = rollupFixture();

  const wordAt = (bytes: Buffer, position: number) =>
    Number(BigInt(`0x${bytes.subarray(position, position + WORD).toString('hex')}`));
  const send = async (change: (words: Buffer) => void): Promise<ContractTransactionResponse> => {
    const { world } = fixture;
    const built = buildBatch(world, {
      parent: world.genesis,
      time: await latestTime(world),
      chunks: [[transfer(1, 2)], [transfer(1, 2)]],
    });
    const data = world.rollup.interface.encodeFunctionData('submitBatch', submitArguments(built));
    const bytes = Buffer.from(data.slice(2), 'hex');
    change(bytes.subarray(4));
    const to = await world.rollup.getAddress();
    return world.producer.sendTransaction({ to, data: `0x${bytes.toString('hex')}` }) as never;
  };
  /** Position of a chunk's length. */
  const chunkAt = (words: Buffer, chunk: number) => {
    const data = wordAt(words, DATA_OFFSET);
    const heads = data + wordAt(words, data) + WORD;
    return heads + wordAt(words, heads + chunk * WORD);
  };

  it('refuses a padding that is not 0, which strict decoders do not take', async () => {
    for (const chunk of [0, 1]) {
      for (const behind of [0, 1]) {
        const sent = send((words) => {
          const start = chunkAt(words, chunk);
          const end = start + WORD + wordAt(words, start);
          // Two blocks of 31 bytes leave two bytes of padding.
          words[end + behind] = 1;
        });
        await refuses(fixture.world.rollup, sent, 'CalldataNotCanonical');
      }
    }
    await send(() => {});
    expect(await finalNumber(fixture.world)).to.equal(1);
  });

  it('refuses numbers with bits above their width', async () => {
    const number = (words: Buffer) => wordAt(words, BATCH_OFFSET);
    for (const [position, bits] of [
      [() => NUMBER_OF_PARENT, 64],
      [() => NUMBER_OF_PARENT + WORD, 40],
      [() => 6 * WORD, 32],
      [() => 7 * WORD, 64],
      [() => 8 * WORD, 64],
      [number, 64],
      [(words: Buffer) => number(words) + WORD, 40],
    ] as const) {
      for (const bit of [bits, 255]) {
        const sent = send((words) => {
          const byte = position(words) + WORD - 1 - Math.floor(bit / 8);
          words[byte] = words[byte]! | (1 << (bit % 8));
        });
        await expect(sent).to.be.revertedWithoutReason(fixture.world.ethers);
      }
    }
  });

  it('refuses lengths so great that positions would wrap around', async () => {
    for (const length of [2n ** 256n - 63n, 2n ** 256n - 32n, 2n ** 256n - 1n, 2n ** 64n, 2n ** 32n]) {
      const sent = send((words) => {
        Buffer.from(length.toString(16).padStart(2 * WORD, '0'), 'hex').copy(words, chunkAt(words, 1));
      });
      await refuses(fixture.world.rollup, sent, 'CalldataNotCanonical');
    }
  });
});

describe('audit: exit requests under an owner who changes the fee', () => {
  const fixture = rollupFixture();

  it('go through at the highest fee, whatever the fee is when they arrive', async () => {
    const { rollup, owner, alice } = fixture.world;
    for (const fee of [0n, FEE, MAX_FEE - 1n, MAX_FEE]) {
      await connectedTo(rollup, owner).setPriorityFee(fee);
      await connectedTo(rollup, alice).requestExit(0, 0, { value: MAX_FEE });
    }
    expect((await rollup.queueState())[0]).to.equal(4n);
    expect(await rollup.trackedTotal(0)).to.equal(0n);
  });

  it('give all they paid to the producer, or back in the exodus', async () => {
    const { world } = fixture;
    const { rollup, alice, producer } = world;
    const words = [0n, packOwnerAndToken(BigInt(alice.address), 0), 0n];
    await connectedTo(rollup, alice).requestExit(0, 0, { value: MAX_FEE });
    await connectedTo(rollup, alice).requestExit(0, 0, { value: FEE + 1n });
    const built = buildBatch(world, {
      parent: world.genesis,
      time: await latestTime(world),
      chunks: [[record(RecordKind.forcedExit, words)]],
    });
    await submit(world, built);
    expect(await rollup.collectableFees(producer.address)).to.equal(MAX_FEE);
    expect((await rollup.priorityOperation(1))[2]).to.equal(FEE + 1n);

    await world.l1.networkHelpers.time.increase(EXODUS_AFTER);
    await rollup.activateExodus(built.header);
    await rollup.reclaimOperation(1, [[5n << 120n, ...words]], 0);
    expect(await rollup.collectableFees(alice.address)).to.equal(FEE + 1n);
    await connectedTo(rollup, alice).collectFees();
    await connectedTo(rollup, producer).collectFees();
    expect(await world.ethers.provider.getBalance(await rollup.getAddress())).to.equal(0n);
  });
});

describe('audit: the exodus that opens in the middle of a deposit', () => {
  const fixture = rollupFixture();

  it('gives that deposit back, once', async () => {
    const { world } = fixture;
    const { rollup, ethers, owner, genesis } = world;
    const token = await deployContract(ethers, 'ReentrantToken');
    const { mint, approve } = token;
    await rollup.registerToken(await token.getAddress());
    await mint(owner.address, 10n);
    await approve(await rollup.getAddress(), 10n);
    await rollup.requestExit(0, 0, { value: FEE });
    await world.l1.networkHelpers.time.increase(EXODUS_AFTER);

    const data = rollup.interface.encodeFunctionData('activateExodus', [genesis]);
    await token.setCall(await rollup.getAddress(), data);
    await rollup.deposit(1, 10n, 1n, owner.address, { value: FEE });
    expect(await rollup.isExodusActive()).to.equal(true);
    expect(await rollup.trackedTotal(1)).to.equal(10n);

    await token.setCall(ethers.ZeroAddress, '0x');
    const words = [4n << 120n, 1n, packOwnerAndToken(BigInt(owner.address), 1), 10n];
    const reclaimed = rollup.reclaimOperation(1, [words], 0);
    await expect(reclaimed).to.changeTokenBalance(ethers, token, owner, 10n);
    await expect(rollup.reclaimOperation(1, [words], 0)).to.be.revertedWithCustomError(rollup, 'AlreadyReclaimed');
    expect(await rollup.trackedTotal(1)).to.equal(0n);
  });
});

describe('audit: a receiver of ETH that calls back', () => {
  const fixture = rollupFixture();

  it('is paid once by claims, exits, reclaims and fees', async () => {
    const { world } = fixture;
    const { rollup, ethers, alice } = world;
    const receiver = await deployContract(ethers, 'ReentrantReceiver');
    const [address, target] = [await receiver.getAddress(), await rollup.getAddress()];
    const ownerAndToken = packOwnerAndToken(BigInt(address), 0);
    const depositFor = (owner: string, amount: bigint) => rollup.deposit(0, amount, 1n, owner, { value: amount + FEE });
    // What others own, which a second payment would take.
    await depositFor(alice.address, 1000n);
    await depositFor(address, 30n);
    const account: Account = { keyY: 1n, owner: BigInt(address), tokenId: 0, nonce: 1, balance: 20n };
    const tree = new MerkleTree(portableHasher);
    tree.setLeaf(1, hashLeaf(portableHasher, account));
    const built = buildBatch(world, {
      parent: world.genesis,
      time: await latestTime(world),
      chunks: [
        [
          record(RecordKind.deposit, [1n, packOwnerAndToken(BigInt(alice.address), 0), 1000n], 0, 0),
          record(RecordKind.deposit, [1n, ownerAndToken, 30n], 0, 1),
          record(RecordKind.withdraw, [0n, ownerAndToken, 10n], 1),
        ],
      ],
      roots: [tree.root],
    });
    await submit(world, built);
    await depositFor(address, 7n);
    await world.l1.networkHelpers.time.increase(EXODUS_AFTER);
    await rollup.activateExodus(built.header);

    const siblings = tree
      .path(1)
      .reverse()
      .map((children, level) => children.filter((_, child) => child !== ((1 >> (2 * level)) & 3)));
    const leaf = { keyY: 1n, owner: address, tokenId: 0, nonce: 1, balance: 20n };
    const proof = { index: 0, ownerAndToken, amount: 10n, siblings: withdrawalProof(built.withdrawals, 0) };
    const claim = rollup.interface.encodeFunctionData('claimWithdrawals', [built.header, [proof]]);
    const exit = rollup.interface.encodeFunctionData('exit', [1, leaf, siblings]);
    const operation = [4n << 120n, 1n, ownerAndToken, 7n];
    const reclaim = rollup.interface.encodeFunctionData('reclaimOperation', [2, [operation], 0]);
    const collect = rollup.interface.encodeFunctionData('collectFees');
    const calls = [claim, exit, reclaim, collect];
    for (const [done, call] of calls.entries()) {
      // Calls back with the same call and with each of the others, each in a world of its own.
      for (const again of calls) {
        const snapshot = await world.l1.networkHelpers.takeSnapshot();
        await receiver.setCall(again);
        await receiver.forward(target, call);
        expect(await receiver.payments()).to.equal(BigInt(done + 1));
        expect(await receiver.entries()).to.equal(0n);
        await snapshot.restore();
      }
      await receiver.setCall(call);
      await receiver.forward(target, call);
    }
    expect(await ethers.provider.getBalance(address)).to.equal(10n + 20n + 7n + FEE);
    expect(await rollup.trackedTotal(0)).to.equal(1000n);
  });
});
