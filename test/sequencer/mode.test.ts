import { strict as assert } from 'node:assert';
import type { AssertionChain } from '@quittance/chain';
import { PROFILES, portableHasher, RecordKind, RollupState } from '@quittance/protocol';
import { planBatch } from '../../sequencer/batcher/plan.ts';
import { chunkFeeTokens } from '../../sequencer/config.ts';
import { createSequencerConfig, type SequencerMode } from '../../sequencer/index.ts';
import { extraBytesOf, limitsOf } from '../../sequencer/mempool/data-limits.ts';
import { createPacking } from '../../sequencer/mempool/packing.ts';
import { runsOf } from '../../sequencer/publisher/hybrid.ts';
import { checkMode } from '../../sequencer/start/mode.ts';
import { TERMS } from '../support/sequencer/fake-assertions.ts';
import { createFakeProver, createHarness, DUMMY_PROOF } from '../support/sequencer/harness.ts';

const configOf = (mode: SequencerMode) =>
  createSequencerConfig({ profile: PROFILES.quick, operator: { keyY: 1n, owner: 1n }, feeTokens: [], mode });
const withTerms = { connect: async () => TERMS } as unknown as AssertionChain;
const without = { connect: async () => undefined } as unknown as AssertionChain;
const prover = createFakeProver();

describe('Sequencer: modes', () => {
  it('proves unless it is told otherwise', () => {
    const { mode } = createSequencerConfig({
      profile: PROFILES.quick,
      operator: { keyY: 1n, owner: 1n },
      feeTokens: [],
    });
    assert.equal(mode, 'zk');
  });

  it('takes of what it is given what its mode needs', async () => {
    const given = { prover, assertions: withTerms };
    assert.deepEqual(await checkMode(configOf('zk'), given), { prover, optimistic: undefined });
    const optimistic = { assertions: withTerms, terms: TERMS };
    assert.deepEqual(await checkMode(configOf('optimistic'), given), { prover: undefined, optimistic });
    assert.deepEqual(await checkMode(configOf('hybrid'), given), { prover, optimistic });
  });

  for (const [mode, given, what] of [
    ['zk', { assertions: withTerms }, 'without a prover'],
    ['hybrid', { assertions: withTerms }, 'without a prover'],
    ['hybrid', { prover, assertions: without }, 'on a rollup without optimistic mode'],
    ['optimistic', { prover, assertions: without }, 'on a rollup without optimistic mode'],
    ['optimistic', { prover }, 'without a door to the Assertions contract'],
  ] as const) {
    it(`refuses ${mode} ${what} with CONFIG_INVALID`, async () => {
      await assert.rejects(checkMode(configOf(mode), given), { code: 'CONFIG_INVALID' });
    });
  }
});

describe('Sequencer: what fits an asserted batch', () => {
  const limits = limitsOf('optimistic');
  const plain = extraBytesOf({ kind: RecordKind.transfer });
  const withdraw = extraBytesOf({ kind: RecordKind.withdraw });
  const fill = (packing: ReturnType<typeof createPacking>, bytes: number): number => {
    let count = 0;
    while (packing.addTransfer(undefined, bytes)) count += 1;
    return count;
  };

  it('counts 69 bytes for a plain transfer, 96 for a deposit, and both for what is signed and has words', () => {
    assert.equal(plain, 69);
    assert.equal(extraBytesOf({ kind: RecordKind.deposit }), 96);
    assert.equal(extraBytesOf({ kind: RecordKind.forcedExit }), 96);
    assert.equal(extraBytesOf({ kind: RecordKind.collectFee }), 0);
    assert.deepEqual([withdraw, extraBytesOf({ kind: RecordKind.transferToNew })], [165, 165]);
  });

  it('is a full standard batch of plain transfers', () => {
    assert.equal(fill(createPacking(PROFILES.standard, limits), plain), 9 * 124);
  });

  it('is fewer withdrawals than slots: the batch’s bytes end it', () => {
    const count = fill(createPacking(PROFILES.standard, limits), withdraw);
    // Five chunks of 124 withdrawals and part of a sixth.
    assert.equal(count, Math.floor((120_000 - 6 * 62 * 31) / 165));
    assert.equal(fill(createPacking(PROFILES.standard), withdraw), 9 * 124);
  });

  it('is whole chunks of priority operations, since only a batch without a free slot may leave overdue ones behind', () => {
    const packing = createPacking(PROFILES.standard, limits);
    let count = 0;
    while (packing.addPriority()) count += 1;
    assert.equal(count, 8 * 124);
    assert.ok(9 * (62 * 31 + 124 * 96) > 120_000, 'nine full chunks are too much');
    assert.equal(packing.addTransfer(undefined), true);
    const proven = createPacking(PROFILES.standard);
    for (let more = 0; more < 9 * 124; more++) assert.equal(proven.addPriority(), true);
    assert.equal(proven.isFull, true);
  });

  it('is as much of the one chunk of single as a dispute can carry', () => {
    const packing = createPacking(PROFILES.single, limits);
    assert.equal(fill(packing, plain), Math.floor((32_768 - 502 * 31) / 69));
    assert.equal(packing.isFull, true);
  });
});

describe('Sequencer: a plan under data limits', () => {
  it('begins a chunk where the bytes of the one before are used up, not its slots', () => {
    const entries = Array.from({ length: 8 }, (_, queueIndex) => ({
      sequence: queueIndex + 1,
      receivedMs: 0,
      entry: {
        type: 'priority' as const,
        queueIndex,
        operation: {
          fields: { kind: RecordKind.deposit, from: 0, to: queueIndex, amountFloat: 0n, feeFloat: 0 },
          words: [1n, 5n, 7n],
        },
      },
    }));
    const { chunks } = planBatch({
      profile: PROFILES.quick,
      limits: { chunkBytes: 8 * 31 + 5 * 96, batchBytes: Number.POSITIVE_INFINITY },
      view: new RollupState(portableHasher),
      entries,
      context: { domain: 1n, batchTime: 1, feeTokens: chunkFeeTokens([]) },
      hasher: portableHasher,
      feeAccount: () => undefined,
    });
    const deposits = chunks.map((chunk) => chunk.filter(({ source }) => source !== undefined).length);
    assert.deepEqual(deposits, [5, 3]);
    assert.deepEqual(
      chunks.map((chunk) => chunk.length),
      [16, 16],
    );
  });

  it('seals again what was sealed for a proof and is too large to assert, in smaller batches', async function () {
    this.timeout(60_000);
    const harness = await createHarness({ profile: PROFILES.standard, withFeeAccounts: false });
    try {
      harness.prover.hold();
      const { publicKey } = harness.operator.keyPair;
      // 1,100 deposits fit the slots of one batch, not its bytes.
      for (let count = 0; count < 1_100; count++) harness.chain.deposit(publicKey.y, harness.operator.owner, 0, 1n);
      const status = () => harness.sequencer.status();
      await harness.until(() => status().priorityOperations === 1_100, 'the deposits');
      await harness.sequencer.sealNow();
      assert.equal(status().sealedBatch, 1);
      await harness.restart({ mode: 'optimistic' });
      await harness.sequencer.sealNow();
      await harness.until(() => status().postedBatch === 2, 'two assertions');
      assert.equal(status().trouble, undefined);
      assert.equal(harness.sequencer.queries.account(0, 'latest')?.balance, 1_100n);
    } finally {
      await harness.close();
    }
  });
});

describe('Sequencer: proofs of a waiting batch', () => {
  it('sends proofs for chunks in a row together', () => {
    const proofs = [1n, 2n, 3n, 4n, 5n].map((x) => ({ ...DUMMY_PROOF, a: [x, 0n] as const }));
    assert.deepEqual(runsOf([0, 1, 3], proofs), [
      { firstChunk: 0, proofs: proofs.slice(0, 2) },
      { firstChunk: 3, proofs: proofs.slice(3, 4) },
    ]);
    assert.deepEqual(runsOf([], proofs), []);
  });
});
