import { strict as assert } from 'node:assert';
import type { AssertionChain } from '@quittance/chain';
import { PROFILES, portableHasher, RecordKind, RollupState } from '@quittance/protocol';
import { planBatch } from '../../sequencer/batcher/plan.ts';
import { chunkFeeTokens } from '../../sequencer/config.ts';
import { createSequencerConfig, type SequencerMode } from '../../sequencer/index.ts';
import { limitsOf, loadOf } from '../../sequencer/mempool/data-limits.ts';
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
    const seen = { assertions: withTerms };
    assert.deepEqual(await checkMode(configOf('zk'), given), { prover, ...seen, optimistic: undefined });
    const optimistic = { assertions: withTerms, terms: TERMS };
    assert.deepEqual(await checkMode(configOf('optimistic'), given), { prover: undefined, ...seen, optimistic });
    assert.deepEqual(await checkMode(configOf('hybrid'), given), { prover, ...seen, optimistic });
  });

  it('sees what waits on L1 where the deployment has that, in mode zk too', async () => {
    const nothing = { prover, assertions: undefined, optimistic: undefined };
    assert.deepEqual(await checkMode(configOf('zk'), { prover, assertions: without }), nothing);
    assert.deepEqual(await checkMode(configOf('zk'), { prover }), nothing);
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
  const limits = limitsOf('asserted', 'calldata', PROFILES.standard);
  const plain = loadOf({ kind: RecordKind.transfer });
  const withdraw = loadOf({ kind: RecordKind.withdraw });
  const fill = (packing: ReturnType<typeof createPacking>, load: typeof plain): number => {
    let count = 0;
    while (packing.addTransfer(undefined, load)) count += 1;
    return count;
  };

  it('counts signatures and visible records', () => {
    const counts = (kind: number) => [loadOf({ kind }).signed, loadOf({ kind }).visible];
    assert.deepEqual(counts(RecordKind.transfer), [1, 0]);
    assert.deepEqual(
      [counts(RecordKind.deposit), counts(RecordKind.forcedExit)],
      [
        [0, 1],
        [0, 1],
      ],
    );
    assert.deepEqual(counts(RecordKind.collectFee), [0, 0]);
    for (const kind of [RecordKind.transferToNew, RecordKind.withdraw, RecordKind.move]) {
      assert.deepEqual(counts(kind), [1, 1]);
    }
  });

  it('is as many chunks of plain transfers as the bytes of a batch take', () => {
    const perChunk = 62 * 31 + 124 * 69;
    const whole = Math.floor(120_000 / perChunk);
    const rest = Math.floor((120_000 - whole * perChunk - 62 * 31) / 69);
    assert.equal(fill(createPacking(PROFILES.standard, limits), plain), whole * 124 + rest);
  });

  it('is fewer withdrawals than slots: the batch’s bytes end it', () => {
    const count = fill(createPacking(PROFILES.standard, limits), withdraw);
    // Four chunks of 124 withdrawals and part of a fifth.
    assert.equal(count, Math.floor((120_000 - 5 * 62 * 31) / (112 + 69)));
    assert.equal(fill(createPacking(PROFILES.standard), withdraw), 64 * 124);
  });

  it('is as many priority operations as its bytes hold', () => {
    const packing = createPacking(PROFILES.standard, limits);
    let count = 0;
    while (packing.addPriority()) count += 1;
    // Seven chunks of 124 and part of an eighth.
    assert.equal(count, Math.floor((120_000 - 8 * 62 * 31) / 112));
    assert.equal(packing.addTransfer(undefined), false);
    const proven = createPacking(PROFILES.standard);
    for (let more = 0; more < 64 * 124; more++) assert.equal(proven.addPriority(), true);
    assert.equal(proven.isFull, true);
  });

  it('is as much of a chunk of single as a dispute can carry, in as many chunks as a batch takes', () => {
    const packing = createPacking(PROFILES.single, limitsOf('asserted', 'calldata', PROFILES.single));
    const perChunk = Math.floor((32_768 - 502 * 31) / 69);
    const whole = Math.floor(120_000 / (502 * 31 + perChunk * 69));
    const rest = Math.floor((120_000 - whole * (502 * 31 + perChunk * 69) - 502 * 31) / 69);
    assert.equal(fill(packing, plain), whole * perChunk + Math.max(rest, 0));
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
    const steps = planBatch({
      profile: PROFILES.quick,
      limits: { chunk: [{ base: 0, cost: { chunks: 0, visible: 1, signed: 0 }, limit: 5 }], batch: [] },
      view: new RollupState(portableHasher),
      operations: entries.map((source) => ({ source, operation: source.entry.operation })),
      feeTokens: chunkFeeTokens([]),
      feeAccount: () => undefined,
    });
    let step = steps.next();
    while (step.done !== true) step = steps.next();
    const chunks = step.value;
    const deposits = chunks.map((chunk) => chunk.filter(({ source }) => source !== undefined).length);
    assert.deepEqual(deposits, [5, 3]);
    assert.deepEqual(
      chunks.map((chunk) => chunk.length),
      [16, 16],
    );
  });

  it('seals again what was sealed for a proof and is too large to assert, in smaller batches', async function () {
    this.timeout(60_000);
    const profile = PROFILES.standard;
    const settings = { data: 'blobs' } as const;
    const harness = await createHarness({ profile, blobsAllowed: true, settings, withFeeAccounts: false });
    try {
      harness.prover.hold();
      const { publicKey } = harness.operator.keyPair;
      // Eight full chunks of deposits fit a batch whose records are in a blob, not one that is asserted by calldata.
      for (let count = 0; count < 992; count++) harness.chain.deposit(publicKey.y, harness.operator.owner, 0, 1n);
      const status = () => harness.sequencer.status();
      await harness.until(() => status().priorityOperations === 992, 'the deposits');
      await harness.sequencer.sealNow();
      assert.equal(status().sealedBatch, 1);
      await harness.restart({ mode: 'optimistic', data: 'calldata' });
      await harness.sequencer.sealNow();
      await harness.until(() => status().postedBatch === 2, 'two assertions');
      assert.equal(status().trouble, undefined);
      assert.equal(harness.sequencer.queries.account(0, 'latest')?.balance, 992n);
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
