import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import {
  type Account,
  AUTHORIZATION_BYTES,
  BLOCK_BYTES,
  MAX_CHUNK_DATA_BYTES,
  OPTIMISTIC_DEFAULTS,
  PROFILES,
  RecordKind,
  RollupState,
  TREE_CAPACITY,
  VISIBLE_ENTRY_BYTES,
} from '@quittance/protocol';
import { expect } from 'chai';
import type { TransactionResponse } from 'ethers';
import { type BuiltBatch, buildBatch, submit } from '../support/contracts/batch.ts';
import { type DeployedOptimistic, deployOptimistic } from '../support/contracts/deployment.ts';
import { standardChunks, TRANSFER_COUNT } from '../support/contracts/standard-batch.ts';
import type { BuiltAssertion } from '../support/optimistic/asserted-batch.ts';
import * as calls from '../support/optimistic/calls.ts';
import { seedState } from '../support/optimistic/fixture.ts';
import { buildInBlobs, claimedStep, sendInBlobs, stepProofOf } from '../support/optimistic/in-blobs.ts';
import { type Holder, plain, pretending, type SlotScript, transferOf } from '../support/optimistic/slot-scripts.ts';
import { createStepProof, type EvmStepProof } from '../support/optimistic/step-proof.ts';
import { createRandom } from '../support/property/random.ts';
import { createPerson } from '../support/rollup/person.ts';
import { portableCrypto } from '../support/rollup/world.ts';

/** Regenerate with QUITTANCE_UPDATE_SNAPSHOTS=1. */
const SNAPSHOT = new URL('assertion-gas.snapshot.json', import.meta.url);
const isUpdating = process.env['QUITTANCE_UPDATE_SNAPSHOTS'] === '1';
/** The development L1 sets times of blocks by hand, so that all counts repeat. */
const START_TIME = 2_000_000_000;
const MAX_STEP_PROOF_GAS = 5_000_000n;
/** What packages/protocol/params.ts says of chunks of 1,004 slots. */
const LARGE_BONDS = { ...OPTIMISTIC_DEFAULTS, disputeBondWei: 14n * 10n ** 16n };
/** The gas price at which the default bonds pay for what they stand for (docs/protocol.md, What it costs). */
const REFERENCE_GAS_PRICE = 50n * 10n ** 9n;
const { slotsPerChunk, maxChunks } = PROFILES.standard;
/** As many chunks as 1,000 transfers need: calldata holds no 64 of them. */
const CHUNK_COUNT = 9;

const holder = (name: string, index: number): Holder => ({ ...createPerson(name), index });
/** They share no node but the root. */
const payer = holder('payer', 0);
const payee = holder('payee', TREE_CAPACITY - 1);

/** Both hold as much as needs all of their bytes; their neighbors are taken, so that no sibling has cheap bytes. */
function crowdedState(): RollupState {
  const account = ({ keyPair, owner }: Holder): Account => ({
    keyY: keyPair.publicKey.y,
    owner,
    tokenId: 0,
    nonce: 5,
    balance: 2n ** 127n - 1n,
  });
  const neighbors = [1, 2, 3, TREE_CAPACITY - 2, TREE_CAPACITY - 3, TREE_CAPACITY - 4];
  return new RollupState(portableCrypto.hasher, [
    [payer.index, account(payer)],
    [payee.index, account(payee)],
    ...neighbors.map((index) => [index, account(payee)] as const),
  ]);
}

/** Bytes without a zero, which are the dearest. */
function dearBytes(count: number): Uint8Array {
  const random = createRandom('dear bytes');
  return Uint8Array.from({ length: count }, () => 1 + random.below(255));
}

const WORD = 2n ** 253n - 1n;
/** A signed record with words, of which nothing is right. */
const filler: SlotScript = pretending(
  plain({ kind: RecordKind.transferToNew, from: 0x123456, to: 0x654321 }, [WORD, 2n ** 160n - 1n, WORD]),
  () => ({ changes: [] }),
);
/** A transfer that its producer denies. */
const denied = pretending(transferOf(payer, payee.index, 12_345n), () => ({ changes: [] }));

/** A chunk as long as may be by calldata, whose last record is denied. */
function longestChunk() {
  const fillers = Array.from({ length: slotsPerChunk - 1 }, () => filler);
  const others = (slotsPerChunk / 2) * BLOCK_BYTES + VISIBLE_ENTRY_BYTES * fillers.length;
  const bytes = MAX_CHUNK_DATA_BYTES - others;
  return {
    slots: [...fillers, denied],
    authorizations: (given: Uint8Array) => {
      const padded = dearBytes(bytes);
      // The last one's 69 bytes stand where the fillers, which are signed records too, leave them.
      padded.set(given, AUTHORIZATION_BYTES * fillers.length);
      return padded;
    },
  };
}

describe('gas of optimistic mode', () => {
  const snapshot: Record<string, unknown> = {};
  let world: DeployedOptimistic;
  let time = START_TIME;

  /** Gas of a transaction in a block of its own, whose time is known. */
  const gasOf = async (send: () => Promise<TransactionResponse>, seconds = 0): Promise<bigint> => {
    time += seconds;
    await calls.at(world, time);
    return (await (await send()).wait())!.gasUsed;
  };
  const matchesSnapshot = (name: string, measured: unknown) => {
    snapshot[name] = measured;
    if (isUpdating) return;
    const committed = existsSync(SNAPSHOT) ? JSON.parse(readFileSync(SNAPSHOT, 'utf8')) : {};
    expect(measured, 'changed: run with QUITTANCE_UPDATE_SNAPSHOTS=1').to.deep.equal(committed[name]);
  };

  /** Plays a dispute of chunk 0 of assertion 1 to its end; what it costs is in the snapshot, and these bonds pay for it. */
  const disputeAndProve = async (
    name: string,
    built: BuiltAssertion,
    proof: EvmStepProof,
    bonds: { readonly assertionBondWei: bigint; readonly disputeBondWei: bigint },
  ) => {
    const openDispute = await gasOf(() => calls.sendDispute(world, 1n, built));
    const openAnother = await gasOf(() => calls.sendDispute(world, 1n, built, 0, { signer: world.alice }));
    const answerDispute = await gasOf(() => calls.sendAnswer(world, 1n, built));
    await calls.at(world, time);
    await calls.commitTo(world, built, proof);
    const { provider } = world.ethers;
    const { transactions } = (await provider.getBlock('latest'))!;
    const commitStep = (await provider.getTransactionReceipt(transactions[0]!))!.gasUsed;
    const proveStep = await gasOf(() => calls.sendStepProof(world, proof));
    const settleDispute = await gasOf(() => calls.assertionsBy(world, world.bob).settleDispute(1));
    expect(proveStep < MAX_STEP_PROOF_GAS, `${proveStep} gas`).to.equal(true);

    const watched = 2n * (openDispute + commitStep + proveStep) * REFERENCE_GAS_PRICE;
    const answered = 2n * (answerDispute + settleDispute) * REFERENCE_GAS_PRICE;
    expect(bonds.assertionBondWei >= watched, `${watched} wei of an assertion`).to.equal(true);
    expect(bonds.disputeBondWei >= answered, `${answered} wei of a dispute`).to.equal(true);
    const measured = { openDispute, openAnother, answerDispute, commitStep, proveStep, settleDispute };
    matchesSnapshot(name, Object.fromEntries(Object.entries(measured).map(([call, gas]) => [call, Number(gas)])));
  };

  beforeEach(async () => {
    time = START_TIME;
    world = await deployOptimistic({ slotsPerChunk, maxChunks, startTime: START_TIME });
  });
  after(() => {
    if (isUpdating) writeFileSync(SNAPSHOT, `${JSON.stringify(snapshot, null, 2)}\n`);
  });

  it('of asserting 1,000 transfers, and of what becomes of them without a dispute', async () => {
    const { genesis, assertions, producer, optimistic } = world;
    const first = buildBatch(world, { parent: genesis, time: START_TIME, chunks: [[]] });
    await gasOf(() => submit(world, first));
    const by = calls.assertionsBy(world, producer);
    const value = optimistic.assertionBond;
    const standard = standardChunks('gas');
    const next = buildBatch(world, { parent: first.header, time: START_TIME, chunks: standard });
    const authorizations = standard.map((records) =>
      dearBytes(AUTHORIZATION_BYTES * records.filter(({ fields }) => fields.kind === RecordKind.transfer).length),
    );
    const dataOf = ({ chunks, visible }: BuiltBatch, signed: readonly Uint8Array[]) => ({
      ...{ chunks, visible },
      authorizations: signed,
    });
    const assertBatch = Number(
      await gasOf(() => by.assertBatch(next.parent, next.batch, dataOf(next, authorizations), { value })),
    );
    const empty = buildBatch(world, { parent: next.header, time: START_TIME, chunks: [[]] });
    const assertEmpty = Number(
      await gasOf(() => by.assertBatch(empty.parent, empty.batch, dataOf(empty, [new Uint8Array()]), { value })),
    );
    const seconds = optimistic.challengePeriod + 1;
    const finalizeBatch = Number(await gasOf(() => by.finalizeBatches([next.header]), seconds));
    const collectCredit = Number(await gasOf(() => by.collectCredit(producer.address)));
    expect(await assertions.pendingRange()).to.deep.equal([2n, 3n]);
    matchesSnapshot('without dispute', {
      assertBatch,
      perTransfer: assertBatch / TRANSFER_COUNT,
      assertEmpty,
      finalizeBatch,
      collectCredit,
    });
  });

  it('of a dispute whose step costs the most stays below 5 M, and the default bonds pay for it', async () => {
    await calls.at(world, START_TIME);
    const tip = await seedState(world, crowdedState());
    const noops = Array.from({ length: CHUNK_COUNT - 1 }, () => ({ slots: [] }));
    const built: BuiltAssertion = await calls.buildOn(world, tip, [longestChunk(), ...noops], START_TIME);
    const lists = [built.chunks, built.authorizations, built.visible];
    expect(lists.reduce((sum, [first]) => sum + first!.length, 0)).to.equal(MAX_CHUNK_DATA_BYTES);
    expect(built.claims[0]!.slots.at(-1)!.truth.valid).to.equal(true);
    await gasOf(() => calls.sendAssertion(world, built));
    const place = { assertionId: 1n, chunk: 0, slot: slotsPerChunk - 1 };
    await disputeAndProve('dispute', built, createStepProof(built, place), OPTIMISTIC_DEFAULTS);
  });

  it('of a batch in blobs, whose steps stay below 5 M in the largest chunks too', async () => {
    await calls.at(world, START_TIME);
    const tip = await seedState(world, crowdedState());
    const chunks = Array.from({ length: CHUNK_COUNT }, () => ({ slots: [] }));
    const standard = await buildInBlobs(world, tip, { time: START_TIME, chunks });
    const assertBatch = Number(await gasOf(() => sendInBlobs(world, standard)));
    matchesSnapshot('in blobs', { assertBatch, perTransfer: assertBatch / TRANSFER_COUNT });

    const { slotsPerChunk: slots, maxChunks: count } = PROFILES.single;
    time = START_TIME;
    world = await deployOptimistic({ slotsPerChunk: slots, maxChunks: count, startTime: START_TIME });
    await calls.at(world, START_TIME);
    const start = await seedState(world, crowdedState());
    const fillers = Array.from({ length: slots - 1 }, () => filler);
    const largest = { slots: [...fillers, denied] };
    const built = await buildInBlobs(world, start, { time: START_TIME, chunks: [largest] });
    await gasOf(() => sendInBlobs(world, built));
    const step = claimedStep(built, { chunk: 0, slot: slots - 1 });
    expect(step.before.visibleCount).to.equal(slots - 1);
    await disputeAndProve(
      'dispute of 1,004 slots in blobs',
      built,
      await stepProofOf(world, built, 1n, step),
      LARGE_BONDS,
    );
  });

  it('of proving all chunks of a batch that waits', async () => {
    await calls.at(world, START_TIME);
    const tip = await seedState(world, crowdedState());
    const chunks = Array.from({ length: CHUNK_COUNT }, () => ({ slots: [] }));
    const built = await calls.buildOn(world, tip, chunks, START_TIME);
    await gasOf(() => calls.sendAssertion(world, built));
    const submitProofs = Number(await gasOf(() => calls.sendProofs(world, 1n, built)));
    const next = await calls.buildOn(world, built, [{ slots: [] }], START_TIME);
    const submitBatch = Number(await gasOf(() => calls.sendProven(world, next)));
    const finalizeTwo = Number(await gasOf(() => calls.finalize(world, built, next)));
    matchesSnapshot('proven later', { submitProofs, submitEmptyOnWaiting: submitBatch, finalizeTwo });
  });
});
