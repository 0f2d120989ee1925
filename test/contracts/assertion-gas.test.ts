import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import {
  type Account,
  MAX_CHUNK_DATA_BYTES,
  OPTIMISTIC_DEFAULTS,
  PROFILES,
  RecordKind,
  RollupState,
  TREE_CAPACITY,
} from '@quittance/protocol';
import { expect } from 'chai';
import type { ContractTransactionResponse } from 'ethers';
import { buildBatch, submit } from '../support/contracts/batch.ts';
import { type DeployedOptimistic, deployOptimistic } from '../support/contracts/deployment.ts';
import { standardChunks, TRANSFER_COUNT } from '../support/contracts/standard-batch.ts';
import type { BuiltAssertion } from '../support/optimistic/asserted-batch.ts';
import * as calls from '../support/optimistic/calls.ts';
import { seedState } from '../support/optimistic/fixture.ts';
import { type Holder, plain, pretending, type SlotScript, transferOf } from '../support/optimistic/slot-scripts.ts';
import { createStepProof } from '../support/optimistic/step-proof.ts';
import { createRandom } from '../support/property/random.ts';
import { createPerson } from '../support/rollup/person.ts';
import { portableCrypto } from '../support/rollup/world.ts';

/** Regenerate with QUITTANCE_UPDATE_SNAPSHOTS=1. */
const SNAPSHOT = new URL('assertion-gas.snapshot.json', import.meta.url);
const isUpdating = process.env['QUITTANCE_UPDATE_SNAPSHOTS'] === '1';
/** The development L1 sets times of blocks by hand, so that all counts repeat. */
const START_TIME = 2_000_000_000;
const MAX_STEP_PROOF_GAS = 5_000_000n;
/** The gas price at which the default bonds pay for what they stand for (docs/protocol.md, What it costs). */
const REFERENCE_GAS_PRICE = 50n * 10n ** 9n;
const AUTHORIZATION_BYTES = 69;
const { slotsPerChunk, maxChunks } = PROFILES.standard;

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

/** A chunk as long as may be, whose last record is a transfer that the producer denies. */
function longestChunk() {
  const word = 2n ** 253n - 1n;
  const filler: SlotScript = pretending(
    plain({ kind: RecordKind.transferToNew, from: 0x123456, to: 0x654321 }, [word, 2n ** 160n - 1n, word]),
    () => ({ changes: [] }),
  );
  const last = pretending(transferOf(payer, payee.index, 12_345n), () => ({ changes: [] }));
  const fillers = Array.from({ length: slotsPerChunk - 1 }, () => filler);
  const dataBytes = (slotsPerChunk / 2) * 31 + 96 * fillers.length;
  const bytes = MAX_CHUNK_DATA_BYTES - dataBytes;
  return {
    slots: [...fillers, last],
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
  const gasOf = async (send: () => Promise<ContractTransactionResponse>, seconds = 0): Promise<bigint> => {
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
    const assertBatch = Number(
      await gasOf(() => by.assertBatch(next.parent, next.batch, next.chunks, authorizations, { value })),
    );
    const empty = buildBatch(world, { parent: next.header, time: START_TIME, chunks: [[]] });
    const assertEmpty = Number(
      await gasOf(() => by.assertBatch(empty.parent, empty.batch, empty.chunks, ['0x'], { value })),
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
    const noops = Array.from({ length: maxChunks - 1 }, () => ({ slots: [] }));
    const built: BuiltAssertion = await calls.buildOn(world, tip, [longestChunk(), ...noops], START_TIME);
    expect(built.chunks[0]!.length + built.authorizations[0]!.length).to.equal(MAX_CHUNK_DATA_BYTES);
    expect(built.claims[0]!.slots.at(-1)!.truth.valid).to.equal(true);
    await gasOf(() => calls.sendAssertion(world, built));
    const openDispute = await gasOf(() => calls.sendDispute(world, 1n, built));
    const openAnother = await gasOf(() => calls.sendDispute(world, 1n, built, 0, { signer: world.alice }));
    const answerDispute = await gasOf(() => calls.sendAnswer(world, 1n, built));
    const proof = createStepProof(built, { assertionId: 1n, chunk: 0, slot: slotsPerChunk - 1 });
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
    expect(OPTIMISTIC_DEFAULTS.assertionBondWei >= watched, `${watched} wei`).to.equal(true);
    expect(OPTIMISTIC_DEFAULTS.disputeBondWei >= answered, `${answered} wei`).to.equal(true);
    const measured = { openDispute, openAnother, answerDispute, commitStep, proveStep, settleDispute };
    matchesSnapshot('dispute', Object.fromEntries(Object.entries(measured).map(([name, gas]) => [name, Number(gas)])));
  });

  it('of proving all chunks of a batch that waits', async () => {
    await calls.at(world, START_TIME);
    const tip = await seedState(world, crowdedState());
    const chunks = Array.from({ length: maxChunks }, () => ({ slots: [] }));
    const built = await calls.buildOn(world, tip, chunks, START_TIME);
    await gasOf(() => calls.sendAssertion(world, built));
    const submitProofs = Number(await gasOf(() => calls.sendProofs(world, 1n, built)));
    const next = await calls.buildOn(world, built, [{ slots: [] }], START_TIME);
    const submitBatch = Number(await gasOf(() => calls.sendProven(world, next)));
    const finalizeTwo = Number(await gasOf(() => calls.finalize(world, built, next)));
    matchesSnapshot('proven later', { submitProofs, submitEmptyOnWaiting: submitBatch, finalizeTwo });
  });
});
