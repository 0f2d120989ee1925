import { strict as assert } from 'node:assert';
import { RollupError } from '@quittance/protocol';
import { readinessOf } from '../../sequencer/api/readiness.ts';
import { createBalanceWatch } from '../../sequencer/publisher/balance-watch.ts';
import { createPerson } from '../support/rollup/person.ts';
import { createHarness, type Harness } from '../support/sequencer/harness.ts';
import { until } from '../support/until.ts';

/** The value of a series, undefined where it is missing. */
async function read({ sequencer }: Harness, series: string): Promise<number | undefined> {
  const { text } = await sequencer.metrics.print();
  const line = text.split('\n').find((one) => one.startsWith(`quittance_${series} `));
  return line === undefined ? undefined : Number(line.split(' ').at(-1));
}

describe('Sequencer: metrics of its state', () => {
  const alice = createPerson('alice');
  let harness: Harness;
  const value = (series: string) => read(harness, series);

  beforeEach(async () => {
    harness = await createHarness({ settings: { maxUnpostedTransfers: 100 } });
  });
  afterEach(() => harness.close());

  it('count what batches used and cost on L1, by kind', async () => {
    const before = harness.chain.submissionCount;
    assert.equal(await value('l1_gas_total{kind="submitBatch"}'), before);
    assert.equal(await value('l1_spent_wei_total{kind="submitBatch"}'), 3 * before);
    await harness.fund(alice, 0, 1_000n);
    assert.equal(await value('l1_gas_total{kind="submitBatch"}'), before + 1);
  });

  it('show the ETH of the producer as of the newest block, and keep it while L1 does not answer', async () => {
    assert.equal(await value('l1_balance_wei'), 1e18);
    harness.chain.setBalance(5n);
    harness.chain.mine();
    await harness.until(() => harness.sequencer.status().l1Block > 0, 'a look');
    await harness.fund(alice, 0, 1_000n);
    assert.equal(await value('l1_balance_wei'), 5);
    const { measurements } = harness.sequencer;
    const told: string[] = [];
    const logger = { debug: (text: string) => void told.push(text) } as never;
    harness.chain.fail(new RollupError('L1_UNREACHABLE', 'no answer'));
    await createBalanceWatch({ chain: harness.chain, measurements, logger }).refresh();
    harness.chain.fail(undefined);
    assert.equal(told.length, 1);
    assert.equal(await value('l1_balance_wei'), 5);
  });

  it('show requests of L1 until a batch on L1 executes them, and when the first is due', async () => {
    assert.equal(await value('priority_pending_count'), 0);
    assert.equal(await value('priority_deadline_seconds'), undefined);
    harness.prover.hold();
    harness.chain.deposit(alice.keyPair.publicKey.y, alice.owner, 0, 7n);
    const { priorityOperations: before } = harness.sequencer.status();
    await harness.until(() => harness.sequencer.status().priorityOperations > before, 'the deposit');
    assert.equal(await value('priority_pending_count'), 1);
    const left = (await value('priority_deadline_seconds'))!;
    assert.ok(left > 3 * 86_400 - 3_600 && left <= 3 * 86_400, String(left));
    await harness.sequencer.sealNow();
    // It is proven once the shadow has agreed.
    await until(async () => (await value('proof_queue_count')) === 1, 'the proof that is awaited');
    assert.ok((await value('oldest_unposted_seconds'))! >= 0);
    harness.prover.release();
    const { sealedBatch } = harness.sequencer.status();
    await harness.until(() => harness.sequencer.status().finalBatch === sealedBatch, 'finality');
    assert.equal(await value('priority_pending_count'), 0);
    assert.equal(await value('priority_deadline_seconds'), undefined);
    assert.equal(await value('proof_queue_count'), 0);
    assert.equal(await value('oldest_unposted_seconds'), undefined);
    assert.equal(await value('oldest_unfinal_seconds'), undefined);
    assert.equal(await value('last_batch_number{state="final"}'), sealedBatch);
  });

  it('show trouble while it lasts', async () => {
    assert.equal(await value('trouble_info{code="L1_UNREACHABLE"}'), undefined);
    harness.chain.fail(new RollupError('L1_UNREACHABLE', 'no answer'));
    await harness.until(() => harness.sequencer.status().trouble !== undefined, 'trouble');
    assert.equal(await value('trouble_info{code="L1_UNREACHABLE"}'), 1);
    harness.chain.fail(undefined);
    await harness.until(() => harness.sequencer.status().trouble === undefined, 'the end of it');
    assert.equal(await value('trouble_info{code="L1_UNREACHABLE"}'), undefined);
  });

  it('show why it halted', async () => {
    await harness.fund(alice, 0, 1_000n);
    harness.prover.failNext(3);
    harness.chain.deposit(alice.keyPair.publicKey.y, alice.owner, 0, 7n);
    const { priorityOperations: before } = harness.sequencer.status();
    await harness.until(() => harness.sequencer.status().priorityOperations > before, 'the deposit');
    await harness.sequencer.sealNow();
    await harness.until(() => harness.sequencer.status().halted !== undefined, 'the stop');
    assert.equal(await value('halted_info{code="PROVING_FAILED"}'), 1);
  });

  it('show what waits and the limit at which all is refused', async () => {
    assert.equal(await value('unposted_transfers_count'), 0);
    assert.equal(await value('unposted_transfers_limit_count'), 100);
    assert.equal(await value('intake_waiting_count'), 0);
  });
});

describe('Sequencer: bonds in the metrics', () => {
  it('are those of batches that wait, and at risk while they are disputed', async () => {
    const harness = await createHarness({ settings: { mode: 'optimistic' }, withFeeAccounts: false });
    try {
      const bond = Number((await harness.assertions.connect())!.assertionBond);
      harness.chain.deposit(createPerson('alice').keyPair.publicKey.y, 9n, 0, 7n);
      const { priorityOperations: before } = harness.sequencer.status();
      await harness.until(() => harness.sequencer.status().priorityOperations > before, 'the deposit');
      await harness.sequencer.sealNow();
      const { sealedBatch } = harness.sequencer.status();
      await harness.until(() => harness.sequencer.status().postedBatch === sealedBatch, 'the assertion');
      const waiting = sealedBatch - harness.sequencer.status().finalBatch;
      assert.equal(await read(harness, 'bonds_posted_wei'), waiting * bond);
      assert.equal(await read(harness, 'bonds_at_risk_wei'), 0);
      assert.ok((await read(harness, 'l1_spent_wei_total{kind="assertBatch"}'))! > 0);
      const id = (await harness.assertions.pendingId(sealedBatch))!;
      await harness.assertions.openDisputeOf(id, 0);
      await harness.until(() => harness.storage.batches.get(sealedBatch)!.state === 'disputed', 'the dispute');
      assert.equal(await read(harness, 'bonds_at_risk_wei'), bond);
    } finally {
      await harness.close();
    }
  });
});

describe('Sequencer: readiness', () => {
  const halted = new RollupError('FOREIGN_BATCH_FINAL', 'batch 7 is not ours', { batch: 7 } as never);

  it('says why transfers are refused', () => {
    assert.deepEqual(readinessOf({ halted, trouble: undefined }), {
      ready: false,
      reason: 'FOREIGN_BATCH_FINAL',
      message: 'batch 7 is not ours',
    });
    const takenBack = new RollupError('OPERATION_TAKEN_BACK', 'operation 3', { queueIndex: 3 });
    assert.deepEqual(readinessOf({ halted: undefined, trouble: takenBack }), {
      ready: false,
      reason: 'OPERATION_TAKEN_BACK',
      message: 'operation 3',
    });
  });

  it('is not taken by posting that fails: transfers are accepted meanwhile', () => {
    const trouble = new RollupError('L1_UNREACHABLE', 'no answer');
    assert.deepEqual(readinessOf({ halted: undefined, trouble }), { ready: true });
  });

  it('keeps to itself what concerns the operator only', () => {
    const damaged = new RollupError('DATABASE_DAMAGED', 'row 7 of /srv/secret/sequencer.db');
    const readiness = readinessOf({ halted: damaged, trouble: undefined });
    assert.ok(!readiness.ready && !readiness.message.includes('/srv'));
  });
});
