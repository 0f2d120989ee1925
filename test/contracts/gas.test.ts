import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import {
  addressText,
  hashLeaf,
  L1_DEFAULTS,
  MerkleTree,
  PROFILES,
  packOwnerAndToken,
  portableHasher,
  type RecordData,
  RecordKind,
  type StoredHeader,
  withdrawalProof,
} from '@quittance/protocol';
import { expect } from 'chai';
import type { ContractTransactionResponse, TransactionResponse } from 'ethers';
import { type BuiltBatch, buildBatch, record, submit } from '../support/contracts/batch.ts';
import { buildOpenedBatch, submitWithBlobs } from '../support/contracts/blob-batch.ts';
import { type DeployedRollup, deployContract, deployRollup } from '../support/contracts/deployment.ts';
import { gasUnderRules } from '../support/contracts/gas-rules.ts';
import { deployTwo, finalizeWith, moveProof, moveProofs, moveTo } from '../support/contracts/moves.ts';
import { filledChunks, standardChunks, TRANSFER_COUNT } from '../support/contracts/standard-batch.ts';
import { createRandom } from '../support/property/random.ts';

/** Regenerate with QUITTANCE_UPDATE_SNAPSHOTS=1. */
const SNAPSHOT = new URL('gas.snapshot.json', import.meta.url);
const MAX_GAS_PER_TRANSFER = 1_200;
/** Moves of one call: as many as a chunk of the standard profile takes. */
const MOVES = 124;
/** Places of the queue that are used again: contracts/libraries/PriorityQueue.sol. */
const RING = 127;
const MAX_GAS_PER_MOVE = 25_000;
const START_TIME = 2_000_000_000;
const TRANSACTION_GAS = 21_000;
/** Gas of calldata above the floor of EIP-7623: 4 a zero byte, 16 another. */
const calldataGas = (bytes: Uint8Array) => bytes.reduce((sum, byte) => sum + (byte === 0 ? 4 : 16), 0);
const FEE = L1_DEFAULTS.priorityFeeWei;

const gasOf = async (sent: Promise<ContractTransactionResponse>) => Number((await (await sent).wait())!.gasUsed);

/** Gas between the first and the last step of the verifier, its call aside. */
async function verificationGas({ ethers }: DeployedRollup, transaction: string): Promise<number> {
  const { structLogs } = (await ethers.provider.send('debug_traceTransaction', [
    transaction,
    { disableMemory: true, disableStorage: true, disableStack: true },
  ])) as { structLogs: { depth: number; gas: string | number }[] };
  // The rollup calls its reader, which calls the verifier.
  const inner = structLogs.filter(({ depth }) => depth === 3);
  return Number(inner[0]!.gas) - Number(inner.at(-1)!.gas);
}

/** Where the gas of a batch goes. */
async function measureBatch(world: DeployedRollup, built: BuiltBatch, sent: Promise<TransactionResponse>) {
  const receipt = (await (await sent).wait())!;
  const transaction = (await world.ethers.provider.getTransaction(receipt.hash))!;
  const proofs = Buffer.from(
    built.proofs.flatMap((proof) => Object.values(proof).map((word) => word.toString(16).padStart(64, '0'))).join(''),
    'hex',
  );
  const total = calldataGas(Buffer.from(transaction.data.slice(2), 'hex'));
  const sum = (parts: readonly Uint8Array[], measure: (part: Uint8Array) => number) =>
    parts.reduce((value, part) => value + measure(part), 0);
  const bytesOf = (part: Uint8Array) => part.length;
  const parts = {
    records: sum(built.chunks, calldataGas),
    visible: sum(built.visible, calldataGas),
    proofs: calldataGas(proofs),
  };
  const { today: gasUsed, ...underRules } = await gasUnderRules(world, sent);
  const verification = await verificationGas(world, receipt.hash);
  return {
    bytes: {
      records: sum(built.chunks, bytesOf),
      visible: sum(built.visible, bytesOf),
      proofs: proofs.length,
      header: (transaction.data.length - 2) / 2 - sum([...built.chunks, ...built.visible], bytesOf) - proofs.length,
    },
    gas: {
      transaction: TRANSACTION_GAS,
      calldata: { ...parts, header: total - parts.records - parts.visible - parts.proofs },
      verification,
      execution: gasUsed - TRANSACTION_GAS - total - verification,
      total: gasUsed,
      ...underRules,
    },
  };
}

describe('gas', () => {
  const { slotsPerChunk, maxChunks } = PROFILES.standard;
  const snapshot: Record<string, unknown> = {};

  after(() => {
    if (process.env['QUITTANCE_UPDATE_SNAPSHOTS'] === '1') {
      writeFileSync(SNAPSHOT, `${JSON.stringify(snapshot, null, 2)}\n`);
    }
  });

  const matchesSnapshot = (name: string, measured: unknown) => {
    snapshot[name] = measured;
    if (process.env['QUITTANCE_UPDATE_SNAPSHOTS'] === '1') return;
    const committed = existsSync(SNAPSHOT) ? JSON.parse(readFileSync(SNAPSHOT, 'utf8')) : {};
    expect(measured, 'changed: run with QUITTANCE_UPDATE_SNAPSHOTS=1').to.deep.equal(committed[name]);
  };

  it('of a batch of 1,000 transfers stays below 1,200 a transfer, everything included', async () => {
    const world = await deployRollup({ slotsPerChunk, maxChunks, startTime: START_TIME });
    // The first batch fills storage that later ones only change.
    const first = buildBatch(world, { parent: world.genesis, time: START_TIME, chunks: [[]] });
    await submit(world, first);
    const built = buildBatch(world, { parent: first.header, time: START_TIME, chunks: standardChunks('gas') });
    const measured = await measureBatch(world, built, submit(world, built));
    expect(measured.bytes.records).to.equal(15.5 * slotsPerChunk * built.chunks.length);
    expect(measured.bytes.visible).to.equal(0);
    const perTransfer = measured.gas.total / TRANSFER_COUNT;
    expect(perTransfer).to.be.at.most(MAX_GAS_PER_TRANSFER);
    matchesSnapshot('standardBatch', { transfers: TRANSFER_COUNT, ...measured, perTransfer });
  });

  for (const [name, profile, chunkCount, most] of [
    ['standardBlobBatch', PROFILES.standard, 9, 900],
    ['fullBlobBatch', PROFILES.single, PROFILES.single.maxChunks, 110],
  ] as const) {
    it(`of a batch of ${chunkCount} chunks of ${profile.slotsPerChunk} slots in a blob stays below ${most} a transfer`, async () => {
      const world = await deployRollup({ ...profile, startTime: START_TIME });
      const first = buildBatch(world, { parent: world.genesis, time: START_TIME, chunks: [[]] });
      await submit(world, first);
      const chunks = filledChunks('gas', profile.slotsPerChunk, chunkCount);
      const opened = await buildOpenedBatch(world, { parent: first.header, time: START_TIME, chunks });
      const sent = submitWithBlobs(world, opened.built, [opened.blob]);
      const { gas } = await measureBatch(world, opened.built, sent);
      const transfers = chunks.flat().filter(({ fields }) => fields.kind === RecordKind.transfer).length;
      const perTransfer = gas.total / transfers;
      expect(perTransfer).to.be.at.most(most);
      matchesSnapshot(name, { transfers, gas, perTransfer });
    });
  }

  it('of a record of each kind, in a full chunk of it', async () => {
    const world = await deployRollup({ slotsPerChunk, maxChunks, startTime: START_TIME });
    const { rollup, alice } = world;
    const ownerAndToken = packOwnerAndToken(BigInt(alice.address), 0);
    const parent = buildBatch(world, { parent: world.genesis, time: START_TIME, chunks: [[]] });
    await submit(world, parent);
    const costOf = async (header: StoredHeader, operation: RecordData | undefined) => {
      const records = operation === undefined ? [] : Array.from({ length: slotsPerChunk }, () => operation);
      const snapshotBefore = await world.l1.networkHelpers.takeSnapshot();
      const gas = await gasOf(
        submit(world, buildBatch(world, { parent: header, time: START_TIME, chunks: [records] })),
      );
      await snapshotBefore.restore();
      return gas;
    };
    const empty = await costOf(parent.header, undefined);
    const kinds: Record<string, RecordData> = {
      transfer: {
        fields: { kind: 1, from: 0x123456, to: 0x654321, amountFloat: 0x0123456789n, feeFloat: 0x1234 },
        words: [],
      },
      transferToNew: record(RecordKind.transferToNew, [2n ** 253n - 1n, BigInt(alice.address), 0n], 0x123456, 0x654321),
      withdraw: record(RecordKind.withdraw, [0n, ownerAndToken, 10n ** 18n], 0x123456),
      collectFee: record(RecordKind.collectFee, [], 0, 0x123456),
    };
    const perRecord: Record<string, number> = {};
    for (const [name, operation] of Object.entries(kinds)) {
      perRecord[name] = ((await costOf(parent.header, operation)) - empty) / slotsPerChunk;
    }
    for (let index = 0; index < slotsPerChunk; index += 1) {
      await rollup.deposit(0, 10n ** 9n, 2n ** 253n - 1n, alice.address, { value: 10n ** 9n + FEE });
    }
    const deposit = record(RecordKind.deposit, [2n ** 253n - 1n, ownerAndToken, 10n ** 9n], 0, 0x123456);
    perRecord['deposit'] = ((await costOf(parent.header, deposit)) - empty) / slotsPerChunk;
    const rounded = Object.fromEntries(Object.entries(perRecord).map(([name, gas]) => [name, Math.round(gas)]));
    matchesSnapshot('record', { emptyBatchOfOneChunk: empty, ...rounded });
  });

  it('of what users call, under today’s rules and under those that are announced', async () => {
    const world = await deployRollup({ startTime: START_TIME });
    const { ethers, rollup, owner, alice } = world;
    const token = await deployContract(ethers, 'TestToken', ['Test', 'TST']);
    await token.mint(owner.address, 10n ** 20n);
    await token.approve(await rollup.getAddress(), 10n ** 20n);
    const registerToken = await gasUnderRules(world, rollup.registerToken(await token.getAddress()));
    const depositEther = () => rollup.deposit(0, 10n ** 18n, 5n, alice.address, { value: 10n ** 18n + FEE });
    await depositEther();
    const etherDeposit = await gasUnderRules(world, depositEther());
    await rollup.deposit(1, 10n ** 18n, 5n, alice.address, { value: FEE });
    const tokenDeposit = await gasUnderRules(world, rollup.deposit(1, 10n ** 18n, 5n, alice.address, { value: FEE }));
    const requestExit = await gasUnderRules(world, rollup.requestExit(77, 0, { value: FEE }));

    const withdrawals = [1n, 2n, 3n].map((amount) => ({
      ownerAndToken: packOwnerAndToken(BigInt(alice.address), 0),
      amount,
    }));
    const account = { keyY: 5n, owner: BigInt(alice.address), tokenId: 0, nonce: 1, balance: 10n ** 17n };
    const tree = new MerkleTree(portableHasher);
    const accountIndex = 0x9c5a3e;
    tree.setLeaf(accountIndex, hashLeaf(portableHasher, account));
    const built = buildBatch(world, {
      parent: world.genesis,
      time: START_TIME,
      chunks: [
        withdrawals.map(({ ownerAndToken, amount }) => record(RecordKind.withdraw, [0n, ownerAndToken, amount])),
      ],
      roots: [tree.root],
    });
    await submit(world, built);
    const claim = (index: number) =>
      gasUnderRules(
        world,
        rollup.claimWithdrawals(built.header, [
          { index, ...withdrawals[index]!, siblings: withdrawalProof(withdrawals, index) },
        ]),
      );
    const [claimFirstOfBatch, claimNext] = [await claim(0), await claim(1)];

    await world.l1.networkHelpers.time.increase(L1_DEFAULTS.priorityDelaySeconds + L1_DEFAULTS.exodusDelaySeconds + 1);
    const activateExodus = await gasUnderRules(world, rollup.activateExodus(built.header));
    const siblings = tree
      .path(accountIndex)
      .reverse()
      .map((children, level) => children.filter((_, child) => child !== ((accountIndex >> (2 * level)) & 3)));
    const exit = await gasUnderRules(world, rollup.exit(accountIndex, { ...account, owner: alice.address }, siblings));
    matchesSnapshot('calls', {
      registerToken,
      etherDeposit,
      tokenDeposit,
      requestExit,
      claimFirstOfBatch,
      claimNext,
      activateExodus,
      exit,
    });
  });

  it('of requests once the places of executed ones are used again', async () => {
    const world = await deployRollup({ slotsPerChunk: 2 * RING, maxChunks: 1, startTime: START_TIME });
    const { rollup, alice } = world;
    const request = () => rollup.requestExit(77, 0, { value: FEE });
    for (let count = 0; count <= RING; count += 1) await request();
    const words = [0n, packOwnerAndToken(BigInt(world.owner.address), 0), 0n];
    const requested = Array.from({ length: RING + 1 }, () => record(RecordKind.forcedExit, words, 77));
    const { timestamp } = (await world.ethers.provider.getBlock('latest'))!;
    await submit(world, buildBatch(world, { parent: world.genesis, time: timestamp, chunks: [requested] }));
    const deposit = () => rollup.deposit(0, 10n ** 18n, 5n, alice.address, { value: 10n ** 18n + FEE });
    await deposit();
    const etherDeposit = await gasUnderRules(world, deposit());
    const requestExit = await gasUnderRules(world, request());
    matchesSnapshot('laterRequests', { etherDeposit, requestExit });
  });

  it(`of ${MOVES} moves and their import is at most ${MAX_GAS_PER_MOVE} a user, everything included`, async () => {
    const world = await deployTwo({ slotsPerChunk, maxChunks: 9, startTime: START_TIME });
    const { ethers, rollup, there, owner, destination } = world;
    const token = await deployContract(ethers, 'TestToken', ['Test', 'TST']);
    await token.mint(owner.address, 10n ** 30n);
    await token.approve(await rollup.getAddress(), 10n ** 30n);
    for (const target of [rollup, there]) await target.registerToken(await token.getAddress());
    await rollup.deposit(0, 10n ** 21n, 5n, owner.address, { value: 10n ** 21n + FEE });
    await rollup.deposit(1, 10n ** 30n, 5n, owner.address, { value: FEE });
    const random = createRandom('moves');
    // A full batch of them: so many levels has a proof. Owners and keys without a byte that is 0, for the most part.
    const withdrawals = Array.from({ length: 9 * slotsPerChunk }, (_, index) =>
      moveTo(destination, addressText(random.bits(160)), 10n ** 18n + random.bits(60), {
        tokenId: Math.floor(index / MOVES) % 2,
        keyY: random.fieldElement(),
      }),
    );
    const header = await finalizeWith(world, world.genesis, withdrawals, START_TIME);
    const execute = async (first: number, areWhole = false) => {
      const indices = Array.from({ length: MOVES }, (_, offset) => first + offset);
      const moves = areWhole ? indices.map((index) => moveProof(withdrawals, index)) : moveProofs(withdrawals, indices);
      const value = BigInt(MOVES) * FEE;
      const gas = await gasUnderRules(world, rollup.executeMoves(header, destination, moves, { value }));
      return Object.fromEntries(Object.entries(gas).map(([rules, total]) => [rules, Math.round(total / MOVES)]));
    };
    // The first import of each token fills slots that later ones only change.
    const perMove = {
      firstOfEther: await execute(0),
      firstOfToken: await execute(MOVES),
      ether: await execute(2 * MOVES),
      token: await execute(3 * MOVES),
      etherByWholeProofs: await execute(4 * MOVES, true),
    };
    for (const { today } of Object.values(perMove)) expect(today).to.be.at.most(MAX_GAS_PER_MOVE);
    matchesSnapshot('moves', { moves: MOVES, levels: moveProof(withdrawals, 0).siblings.length, perMove });
  });
});
