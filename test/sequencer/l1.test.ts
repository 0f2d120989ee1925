import { strict as assert } from 'node:assert';
import { RollupError } from '@quittance/protocol';
import type { HarnessOptions } from '../support/sequencer/harness.ts';
import { alice, createPayerHarness, type PayerHarness } from '../support/sequencer/payer.ts';

const unreachable = new RollupError('L1_UNREACHABLE', 'no answer');

describe('Sequencer: L1', () => {
  let harness: PayerHarness;
  let nonce: number;

  const open = async (options: HarnessOptions = {}): Promise<void> => {
    harness = await createPayerHarness(options);
    nonce = 0;
  };
  const pay = () => harness.send(alice, harness.payment(nonce++));
  const status = () => harness.sequencer.status();
  const idle = () => status().openTransfers === 0 && status().sealedBatch === status().finalBatch;

  afterEach(() => harness.close());

  for (const depth of [1, 2, 7, 64]) {
    it(`posts again what a reorg of ${depth} blocks removed, and waits for the confirmations anew`, async () => {
      await open();
      await harness.restart({ confirmations: depth + 2 });
      const before = harness.chain.posted.length;
      await pay();
      await harness.sequencer.sealNow();
      await harness.until(() => harness.chain.posted.length === before + 1);
      harness.chain.mine(depth - 1);
      await harness.clock.advance(2_000);
      assert.equal(status().postedBatch, before + 1);
      assert.equal(status().finalBatch, before);
      harness.chain.reorg(depth, { keepRequests: true });
      assert.equal(harness.chain.posted.length, before);
      await harness.until(() => harness.chain.posted.length === before + 1, 'posting again');
      harness.chain.mine(depth + 2);
      await harness.until(idle, 'finality');
      assert.equal(harness.chain.submissionCount, before + 2);
      assert.equal(status().halted, undefined);
    });
  }

  for (const depth of [1, 2, 7, 64]) {
    it(`credits a deposit once that a reorg of ${depth} blocks dropped before it was confirmed`, async () => {
      await open();
      await harness.restart({ confirmations: depth + 1 });
      const count = status().priorityOperations;
      harness.chain.deposit(alice.keyPair.publicKey.y, alice.owner, 0, 7n);
      harness.chain.mine(depth - 1);
      await harness.clock.advance(2_000);
      assert.equal(status().priorityOperations, count);
      harness.chain.reorg(depth);
      harness.chain.mine(depth + 1);
      await harness.clock.advance(2_000);
      assert.equal(status().priorityOperations, count);
      harness.chain.deposit(alice.keyPair.publicKey.y, alice.owner, 0, 9n);
      harness.chain.mine(depth);
      await harness.until(() => status().priorityOperations === count + 1, 'the deposit');
      await harness.sequencer.sealNow();
      await harness.until(() => harness.chain.posted.at(-1)!.number === status().sealedBatch, 'posting');
      harness.chain.mine(depth + 1);
      await harness.until(idle, 'finality');
      assert.equal(harness.sequencer.queries.account(harness.from, 'finalized')?.balance, 1_000_009n);
    });
  }

  it('takes a deposit that a reorg moved to another block as the same', async () => {
    await open();
    harness.chain.deposit(alice.keyPair.publicKey.y, alice.owner, 0, 7n);
    const count = status().priorityOperations;
    await harness.until(() => status().priorityOperations === count + 1);
    harness.chain.mine(1);
    await harness.clock.advance(2_000);
    harness.chain.reorg(2, { keepRequests: true });
    await harness.clock.advance(2_000);
    assert.equal(status().priorityOperations, count + 1);
    await harness.sequencer.sealNow();
    await harness.until(idle, 'finality');
    assert.equal(harness.sequencer.queries.account(harness.from, 'finalized')?.balance, 1_000_007n);
  });

  it('waits, without posting, while a reorg has removed a deposit that is sealed', async () => {
    await open();
    harness.prover.hold();
    const { requestedCount } = await harness.chain.queueState();
    harness.chain.deposit(alice.keyPair.publicKey.y, alice.owner, 0, 7n);
    await harness.until(() => status().priorityOperations === requestedCount + 1);
    await harness.sequencer.sealNow();
    harness.chain.reorg(1);
    harness.prover.release();
    await harness.until(() => status().trouble?.code === 'L1_REJECTED', 'the refusal');
    assert.equal(status().halted, undefined);
    harness.chain.deposit(alice.keyPair.publicKey.y, alice.owner, 0, 7n);
    await harness.until(idle, 'finality');
    assert.equal(status().trouble, undefined);
  });

  it('refuses transfers while L1 lacks a deposit that it took on, and takes them once it is requested again', async () => {
    await open();
    harness.chain.mine(1);
    const { requestedCount } = await harness.chain.queueState();
    harness.chain.deposit(alice.keyPair.publicKey.y, alice.owner, 0, 7n);
    await harness.until(() => status().priorityOperations === requestedCount + 1);
    harness.chain.reorg(1);
    await harness.until(() => status().trouble?.code === 'OPERATION_TAKEN_BACK', 'the trouble');
    assert.equal(status().trouble?.data['queueIndex'], requestedCount);
    const { sequence } = harness.storage.log.head();
    await assert.rejects(pay(), { code: 'OPERATION_TAKEN_BACK', data: { queueIndex: requestedCount } });
    await harness.restart();
    nonce = 0;
    await assert.rejects(pay(), { code: 'OPERATION_TAKEN_BACK' });
    assert.equal(harness.storage.log.head().sequence, sequence);
    assert.equal(status().halted, undefined);
    assert.equal(harness.sequencer.queries.account(harness.from, 'finalized')?.balance, 1_000_000n);
    harness.chain.deposit(alice.keyPair.publicKey.y, alice.owner, 0, 7n);
    await harness.until(() => status().trouble === undefined, 'the end of the trouble');
    nonce = 0;
    await pay();
    await harness.sequencer.sealNow();
    await harness.until(idle, 'finality');
  });

  it('accepts and seals while L1 is unreachable, and posts when it is back', async () => {
    await open();
    harness.chain.fail(unreachable);
    const ack = await pay();
    await harness.sequencer.sealNow();
    await harness.until(() => status().trouble?.code === 'L1_UNREACHABLE', 'the trouble');
    assert.equal(harness.sequencer.queries.transfer(ack.id)?.status, 'proving');
    harness.chain.fail(undefined);
    await harness.until(() => harness.sequencer.queries.transfer(ack.id)?.status === 'final', 'finality');
  });

  it('adopts a batch that L1 included although the answer was lost', async () => {
    await open();
    const before = harness.chain.submissionCount;
    harness.chain.loseNextAnswer(unreachable);
    await pay();
    await harness.sequencer.sealNow();
    await harness.until(idle, 'finality');
    assert.equal(harness.chain.submissionCount, before + 1);
  });

  it('tries a proof again that failed once', async () => {
    await open();
    harness.prover.failNext(1);
    await pay();
    await harness.sequencer.sealNow();
    await harness.until(idle, 'finality');
    assert.equal(status().halted, undefined);
  });

  it('stops when a proof fails again and again, keeping what it accepted', async () => {
    await open();
    harness.prover.failNext(3);
    const ack = await pay();
    await harness.sequencer.sealNow();
    await harness.until(() => status().halted !== undefined, 'the stop');
    assert.equal(status().halted?.code, 'PROVING_FAILED');
    await harness.restart();
    await harness.until(() => harness.sequencer.queries.transfer(ack.id)?.status === 'final', 'finality');
  });

  it('refuses a database of another contract shape', async () => {
    await open();
    await assert.rejects(
      harness.restart({ profile: { name: 'standard', slotsPerChunk: 124, maxChunks: 2 } }),
      (error: RollupError) => error.code === 'CONFIG_INVALID',
    );
    await harness.restart();
  });
});
