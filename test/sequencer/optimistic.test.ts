import { strict as assert } from 'node:assert';
import { PROFILES, RollupError } from '@quittance/protocol';
import type { SequencerSettings } from '../../sequencer/index.ts';
import { createSubmissions } from '../../sequencer/publisher/submissions.ts';
import { emptyBatch } from '../support/sequencer/empty-batch.ts';
import { PRODUCER, STRANGER, TERMS } from '../support/sequencer/fake-assertions.ts';
import { createHarness } from '../support/sequencer/harness.ts';
import { alice, createPayerHarness, type PayerHarness } from '../support/sequencer/payer.ts';
import { createCrashControl } from '../support/storage/crashing.ts';

const unreachable = new RollupError('L1_UNREACHABLE', 'no answer');

describe('Sequencer: batches that are asserted', () => {
  let harness: PayerHarness;
  let nonce: number;

  const open = async (settings: Partial<SequencerSettings>): Promise<void> => {
    harness = await createPayerHarness();
    nonce = 0;
    await harness.restart(settings);
  };
  const pay = () => harness.send(alice, harness.payment(nonce++));
  const payAndSeal = async () => {
    const { id } = await pay();
    await harness.sequencer.sealNow();
    return id;
  };
  const status = () => harness.sequencer.status();
  const stateOf = (id: bigint) => harness.sequencer.queries.transfer(id)?.status;
  const untilState = (id: bigint, state: string) => harness.until(() => stateOf(id) === state, state);
  const idOf = (number: number) => harness.assertions.pendingId(number).then((id) => id!);
  const sent = (type: string) => harness.assertions.sent.get(type) ?? 0;
  const pass = (seconds: number) => {
    harness.chain.advanceTime(seconds);
    harness.chain.mine(1);
  };
  const lastFinal = () => harness.chain.posted.at(-1)!;

  afterEach(() => harness.close());

  describe('optimistic', () => {
    beforeEach(() => open({ mode: 'optimistic' }));

    it('asserts at once without a proof, and has L1 make it final after the challenge period', async () => {
      const before = harness.chain.posted.length;
      const proven = harness.prover.proven.length;
      const seen: string[] = [];
      harness.sequencer.events.on('batch', ({ state }) => seen.push(state));
      const id = await payAndSeal();
      await untilState(id, 'posted');
      assert.deepEqual([status().postedBatch, status().finalBatch], [before + 1, before]);
      pass(TERMS.challengePeriodSeconds - 2);
      await harness.clock.advance(2_000);
      assert.equal(sent('finalizeBatches'), 0);
      pass(2);
      await untilState(id, 'final');
      assert.deepEqual(seen, ['sealed', 'posted', 'final']);
      assert.equal(harness.prover.proven.length, proven);
      assert.equal(lastFinal().number, before + 1);
    });

    it('collects its bond when nothing waits any more', async () => {
      const id = await payAndSeal();
      await untilState(id, 'posted');
      pass(TERMS.challengePeriodSeconds + 1);
      await untilState(id, 'final');
      await harness.until(() => harness.assertions.collected === TERMS.assertionBond, 'the bond');
      assert.equal(status().trouble, undefined);
    });

    it('makes several batches final in one transaction', async () => {
      const ids = [await payAndSeal(), await payAndSeal(), await payAndSeal()];
      await harness.until(() => ids.every((id) => stateOf(id) === 'posted'), 'posted');
      pass(TERMS.challengePeriodSeconds + 4);
      await untilState(ids[2]!, 'final');
      assert.equal(sent('finalizeBatches'), 1);
    });

    it('asserts no more batches than may wait, and says why', async () => {
      for (let count = 0; count <= TERMS.maxPending; count++) await payAndSeal();
      await harness.until(() => status().trouble?.code === 'WAITING_FULL', 'the trouble');
      assert.equal(sent('assertBatch'), TERMS.maxPending);
      pass(TERMS.challengePeriodSeconds + 10);
      await harness.until(() => sent('assertBatch') === TERMS.maxPending + 1, 'the last one');
      assert.equal(status().trouble, undefined);
    });

    it('shows a batch as disputed while a dispute of it runs, and final only afterwards', async () => {
      const id = await payAndSeal();
      await untilState(id, 'posted');
      const assertion = await idOf(status().postedBatch);
      await harness.assertions.openDisputeOf(assertion, 0);
      await untilState(id, 'disputed');
      assert.equal(harness.sequencer.queries.lastBatch('safe'), status().sealedBatch);
      pass(TERMS.challengePeriodSeconds + 1);
      await harness.clock.advance(2_000);
      assert.equal(sent('finalizeBatches'), 0);
      await harness.assertions.answer(assertion, 0);
      pass(TERMS.stepWindowSeconds - 2);
      await harness.clock.advance(2_000);
      assert.equal(stateOf(id), 'disputed');
      pass(2);
      await untilState(id, 'final');
    });

    it('shows a batch as posted again when its dispute is over before the period', async () => {
      const id = await payAndSeal();
      await untilState(id, 'posted');
      const assertion = await idOf(status().postedBatch);
      await harness.assertions.openDisputeOf(assertion, 0);
      await harness.assertions.answer(assertion, 0);
      await untilState(id, 'disputed');
      pass(TERMS.stepWindowSeconds + 1);
      await untilState(id, 'posted');
    });

    it('stops with BATCH_REJECTED when a step of its batch was proven wrong, and only answers reads after a restart', async () => {
      const id = await payAndSeal();
      const later = await payAndSeal();
      await untilState(later, 'posted');
      await harness.assertions.reject(await idOf(status().postedBatch - 1));
      await harness.until(() => status().halted !== undefined, 'the stop');
      assert.equal(status().halted?.code, 'BATCH_REJECTED');
      assert.match(status().halted!.message, /proven wrong/);
      assert.deepEqual([stateOf(id), stateOf(later)], ['reverted', 'reverted']);
      await assert.rejects(pay(), { code: 'READ_ONLY', data: { reason: 'BATCH_REJECTED' } });
      const asserted = sent('assertBatch');
      for (const mode of ['optimistic', 'zk'] as const) {
        await harness.restart({ mode });
        assert.equal(status().halted?.code, 'BATCH_REJECTED');
      }
      assert.equal(sent('assertBatch'), asserted);
      await harness.restart({ mode: 'optimistic', resealRejected: true });
    });

    it('seals again what L1 rejected when it is told to, once', async () => {
      const id = await payAndSeal();
      await untilState(id, 'posted');
      await harness.assertions.reject(await idOf(status().postedBatch), true);
      await harness.until(() => status().halted !== undefined, 'the stop');
      assert.match(status().halted!.message, /--mode defend/);
      pass(1);
      await harness.restart({ mode: 'optimistic', resealRejected: true });
      await harness.sequencer.sealNow();
      await untilState(id, 'posted');
      await harness.restart({ mode: 'optimistic' });
      pass(TERMS.challengePeriodSeconds + 1);
      await untilState(id, 'final');
      assert.equal(harness.sequencer.queries.account(harness.to, 'finalized')?.balance, 501n);
    });

    it('posts a batch again that L1 removed, and gets the bond of the first one back', async () => {
      const id = await payAndSeal();
      await untilState(id, 'posted');
      const seen: string[] = [];
      harness.sequencer.events.on('batch', ({ state }) => seen.push(state));
      await harness.assertions.remove(await idOf(status().postedBatch));
      await harness.until(() => sent('assertBatch') === 2, 'posting again');
      assert.deepEqual(seen, ['reverted', 'posted']);
      assert.equal(sent('releaseBond'), 1);
      pass(TERMS.challengePeriodSeconds + 1);
      await untilState(id, 'final');
      await harness.until(() => harness.assertions.collected === 2n * TERMS.assertionBond, 'both bonds');
    });

    for (const depth of [1, 2, 7, 64]) {
      it(`asserts again what a reorg of ${depth} blocks removed`, async () => {
        const id = await payAndSeal();
        await untilState(id, 'posted');
        harness.chain.mine(depth - 1);
        await harness.clock.advance(2_000);
        harness.chain.reorg(depth, { keepRequests: true });
        await harness.until(() => sent('assertBatch') === 2, 'posting again');
        pass(TERMS.challengePeriodSeconds + 1);
        await untilState(id, 'final');
        assert.equal(status().halted, undefined);
      });
    }

    it('has it made final again when a reorg removed only that', async () => {
      await harness.restart({ mode: 'optimistic', confirmations: 5 });
      const id = await payAndSeal();
      await untilState(id, 'posted');
      pass(TERMS.challengePeriodSeconds + 1);
      await harness.until(() => sent('finalizeBatches') === 1, 'finality on L1');
      const head = (await harness.chain.head()).number;
      const finalized = await harness.chain.findBatch(status().postedBatch, 0, head);
      harness.chain.reorg(head - finalized!.blockNumber + 1);
      assert.equal(stateOf(id), 'posted');
      await harness.until(() => sent('finalizeBatches') === 2, 'finality on L1 again');
      assert.equal(stateOf(id), 'posted');
      harness.chain.mine(5);
      await untilState(id, 'final');
      assert.equal(sent('assertBatch'), 1);
    });

    it('waits while a batch of somebody else waits in its place, and posts when that one is rejected', async () => {
      const foreign = await harness.assertions.assertAs(STRANGER, emptyBatch(lastFinal()));
      const id = await payAndSeal();
      await harness.until(() => status().trouble?.code === 'FOREIGN_BATCH', 'the trouble');
      assert.equal(stateOf(id), 'sealed');
      assert.equal(status().halted, undefined);
      await harness.assertions.reject(foreign);
      await untilState(id, 'posted');
      assert.equal(status().trouble, undefined);
    });

    for (const isUnanswered of [true, false]) {
      it(`asserts its own batch when somebody else's assertion of it was rejected ${isUnanswered ? 'unanswered' : 'by a step'}`, async () => {
        const id = await payAndSeal();
        await untilState(id, 'posted');
        const [honest] = harness.assertions.asserted;
        harness.chain.reorg(1, { keepRequests: true });
        const copy = await harness.assertions.assertAs(STRANGER, honest!);
        await harness.clock.advance(2_000);
        assert.deepEqual([stateOf(id), sent('assertBatch')], ['posted', 1]);
        await harness.assertions.reject(copy, isUnanswered);
        await harness.until(() => sent('assertBatch') === 2, 'an assertion of its own');
        assert.equal(status().halted, undefined);
        pass(TERMS.challengePeriodSeconds + 1);
        await untilState(id, 'final');
      });
    }

    it('asserts again what was final when a reorg beyond its confirmations took all of it away', async () => {
      const { number: before } = await harness.chain.head();
      const id = await payAndSeal();
      await untilState(id, 'posted');
      pass(TERMS.challengePeriodSeconds + 1);
      await untilState(id, 'final');
      harness.chain.reorg((await harness.chain.head()).number - before);
      await harness.until(() => sent('assertBatch') === 2, 'the second assertion');
      assert.equal(stateOf(id), 'final');
      pass(TERMS.challengePeriodSeconds + 1);
      await harness.until(() => lastFinal().number === status().finalBatch, 'finality on L1');
      assert.equal(status().halted, undefined);
    });

    it('stops with FOREIGN_BATCH_FINAL when a batch of somebody else became final in its place', async () => {
      const batch = emptyBatch(lastFinal());
      await payAndSeal();
      await harness.until(() => sent('assertBatch') === 1, 'the assertion');
      const { a, b, c } = {
        a: [1n, 2n],
        b: [
          [3n, 4n],
          [5n, 6n],
        ],
        c: [7n, 8n],
      } as never;
      await harness.chain.submitBatch({ ...batch, evaluations: [], opening: new Uint8Array(), proofs: [{ a, b, c }] });
      await harness.until(() => status().halted !== undefined, 'the stop');
      assert.equal(status().halted?.code, 'FOREIGN_BATCH_FINAL');
    });

    it('adopts an assertion whose answer was lost', async () => {
      harness.assertions.loseNextAnswer(unreachable);
      const id = await payAndSeal();
      await untilState(id, 'posted');
      assert.equal(sent('assertBatch'), 1);
    });

    it('goes on after a restart between assertion and finality', async () => {
      const id = await payAndSeal();
      await untilState(id, 'posted');
      await harness.restart({ mode: 'optimistic' });
      assert.equal(stateOf(id), 'posted');
      pass(TERMS.challengePeriodSeconds + 1);
      await harness.restart({ mode: 'optimistic' });
      await untilState(id, 'final');
      assert.deepEqual([sent('assertBatch'), sent('finalizeBatches')], [1, 1]);
    });

    for (const wasAsserted of [true, false]) {
      const what = wasAsserted ? 'adopts a batch that waits on L1' : 'seals a batch again';
      it(`${what} after a crash before it knew, and two days`, async () => {
        harness.chain.fail(unreachable);
        const id = await payAndSeal();
        await harness.sequencer.stop();
        harness.chain.fail(undefined);
        const { batches } = harness.storage;
        const { number, headerHash } = batches.last()!;
        const { chainId, contract } = harness.chain;
        const genesis = (await harness.chain.findBatch(0, 0, 0))!.header;
        const { storage } = harness;
        const deployment = { chainId, contract };
        const submissions = createSubmissions({
          storage,
          profile: PROFILES.quick,
          deployment,
          genesis,
          kzg: undefined,
        });
        const { submission } = await submissions.asserted(batches.last()!);
        if (wasAsserted) await harness.assertions.assertAs(PRODUCER, submission);
        pass(2 * 86_400);
        await harness.restart({ mode: 'optimistic' });
        await harness.sequencer.sealNow();
        await untilState(id, 'posted');
        assert.equal(harness.storage.batches.get(number)!.headerHash === headerHash, wasAsserted);
        assert.equal(sent('assertBatch'), wasAsserted ? 0 : 1);
      });
    }

    it('does not assert a second time what L1 rejected while it was down before it knew of the assertion', async () => {
      harness.assertions.loseNextAnswer(unreachable);
      harness.chain.mine(1);
      await payAndSeal();
      await harness.until(() => sent('assertBatch') === 1, 'the assertion');
      await harness.assertions.reject(await idOf(lastFinal().number + 1));
      await harness.until(() => status().halted !== undefined, 'the stop');
      assert.equal(status().halted?.code, 'BATCH_REJECTED');
      assert.equal(sent('assertBatch'), 1);
    });

    it('leaves final to L1 when the mode is changed to zk while a batch waits, and proves it', async () => {
      const id = await payAndSeal();
      await untilState(id, 'posted');
      harness.prover.hold();
      await harness.restart({ mode: 'zk' });
      await harness.clock.advance(5_000);
      assert.equal(stateOf(id), 'posted');
      harness.prover.release();
      await untilState(id, 'final');
      assert.equal(sent('finalizeBatches'), 0);
    });
  });

  describe('hybrid', () => {
    beforeEach(() => open({ mode: 'hybrid' }));

    it('asserts at once, proves afterwards, and is final by its proofs before the period ends', async () => {
      harness.prover.hold();
      const id = await payAndSeal();
      await untilState(id, 'posted');
      await harness.clock.advance(5_000);
      assert.equal(sent('submitProofs'), 0);
      harness.prover.release();
      await untilState(id, 'final');
      assert.deepEqual([sent('assertBatch'), sent('submitProofs'), sent('finalizeBatches')], [1, 1, 1]);
    });

    it('is final by time when the proofs do not come', async () => {
      harness.prover.hold();
      const id = await payAndSeal();
      await untilState(id, 'posted');
      pass(TERMS.challengePeriodSeconds + 1);
      await untilState(id, 'final');
      assert.equal(sent('submitProofs'), 0);
    });

    it('proves past a batch of somebody else that waits on the last final one', async () => {
      await harness.assertions.assertAs(STRANGER, emptyBatch(lastFinal()));
      const id = await payAndSeal();
      await untilState(id, 'final');
      assert.equal(sent('assertBatch'), 0);
      assert.equal(status().trouble, undefined);
    });

    it('proves its batch when somebody else asserted it, without a bond of its own', async () => {
      harness.prover.hold();
      const id = await payAndSeal();
      await untilState(id, 'posted');
      const [honest] = harness.assertions.asserted;
      harness.chain.reorg(1, { keepRequests: true });
      await harness.assertions.assertAs(STRANGER, honest!);
      await harness.clock.advance(2_000);
      assert.equal(sent('assertBatch'), 1);
      harness.prover.release();
      await untilState(id, 'final');
      assert.deepEqual([sent('assertBatch'), sent('submitProofs'), sent('finalizeBatches')], [1, 0, 0]);
    });

    it('submits its proofs after a restart that found them made', async () => {
      const id = await payAndSeal();
      await harness.until(() => sent('assertBatch') === 1 && harness.prover.proven.length > 0, 'the proofs');
      await harness.restart({ mode: 'hybrid' });
      await untilState(id, 'final');
      assert.equal(sent('submitProofs'), 1);
    });
  });
});

describe('Sequencer: an assertion and a crash', () => {
  /** Commits of the deposits come first; then those of the transfer, its seal, its posting and its finality. */
  async function play(atCommit: number, when: 'before' | 'after'): Promise<{ commits: number; asserted: number }> {
    const control = createCrashControl({ atCommit, when });
    const harness = await createHarness({
      wrapStorage: control.wrap,
      withFeeAccounts: false,
      settings: { mode: 'optimistic' },
    });
    const status = () => harness.sequencer.status();
    const survive = async (condition: () => boolean): Promise<void> => {
      for (let restarts = 0; restarts < 3; restarts++) {
        await harness.until(() => status().halted !== undefined || condition(), 'the step');
        if (status().halted === undefined) return;
        await harness.restart();
      }
    };
    try {
      harness.chain.deposit(alice.keyPair.publicKey.y, alice.owner, 0, 7n);
      await survive(() => status().priorityOperations === 1);
      await harness.sequencer.sealNow().catch(() => undefined);
      await survive(() => {
        if (status().sealedBatch === 0) harness.sequencer.sealNow().catch(() => undefined);
        return status().postedBatch === 1;
      });
      harness.chain.advanceTime(TERMS.challengePeriodSeconds + 1);
      harness.chain.mine(1);
      await survive(() => status().finalBatch === 1);
      assert.equal(harness.sequencer.queries.account(0, 'finalized')?.balance, 7n);
      return { commits: control.commitCount, asserted: harness.assertions.sent.get('assertBatch') ?? 0 };
    } finally {
      await harness.close();
    }
  }

  it('is made once, whichever commit the process dies at', async function () {
    this.timeout(60_000);
    const { commits } = await play(1_000_000, 'before');
    for (let atCommit = 1; atCommit <= commits; atCommit++) {
      for (const when of ['before', 'after'] as const) {
        assert.equal((await play(atCommit, when)).asserted, 1, `crash ${when} commit ${atCommit} of ${commits}`);
      }
    }
  });
});
