import { strict as assert } from 'node:assert';
import { readFileSync } from 'node:fs';
import { encodeAssertion, encodeSubmission } from '@quittance/chain';
import { type BatchForm, PROFILES, type Profile, RollupError } from '@quittance/protocol';
import { type BatchSize, chooseForm, costOf, fitsForm, formsOf } from '../../sequencer/batcher/forms.ts';
import { transactionBytes, type Way } from '../../sequencer/mempool/data-limits.ts';
import { STRANGER, TERMS } from '../support/sequencer/fake-assertions.ts';
import { DUMMY_PROOF } from '../support/sequencer/harness.ts';
import { alice, createPayerHarness, type PayerHarness } from '../support/sequencer/payer.ts';

const GWEI = 10n ** 9n;
const unreachable = new RollupError('L1_UNREACHABLE', 'nobody answers', {});
const CHEAP_BLOBS = { feePerGas: 20n * GWEI, feePerBlobGas: 1n };
const DEAR_BLOBS = { feePerGas: GWEI, feePerBlobGas: 20n * GWEI };

const size = (chunks: number, changes: Partial<BatchSize['load']> = {}, way: Way = 'proven'): BatchSize => ({
  way,
  profile: PROFILES.standard,
  load: { chunks, visible: 0, signed: 0, ...changes },
  zeroBytes: 0,
});

describe('Sequencer: the form of a batch', () => {
  for (const [mode, data, blobsAllowed, expected] of [
    ['zk', 'auto', true, ['calldata', 'coefficients']],
    ['zk', 'auto', false, ['calldata']],
    ['zk', 'calldata', true, ['calldata']],
    ['zk', 'blobs', true, ['coefficients']],
    ['optimistic', 'auto', true, ['calldata', 'evaluations']],
    ['optimistic', 'blobs', true, ['evaluations']],
    ['hybrid', 'auto', true, ['calldata']],
  ] as const) {
    it(`is ${expected.join(' or ')} in mode ${mode} with data ${data}, blobs ${blobsAllowed ? '' : 'not '}allowed`, () => {
      assert.deepEqual(formsOf({ mode, data }, { blobsAllowed }), expected);
    });
  }

  for (const [mode, blobsAllowed] of [
    ['zk', false],
    ['hybrid', true],
  ] as const) {
    it(`is refused with CONFIG_INVALID when blobs cannot be used: mode ${mode}, allowed ${blobsAllowed}`, () => {
      assert.throws(() => formsOf({ mode, data: 'blobs' }, { blobsAllowed }), { code: 'CONFIG_INVALID' });
    });
  }

  const proven: readonly BatchForm[] = ['calldata', 'coefficients'];
  const asserted: readonly BatchForm[] = ['calldata', 'evaluations'];

  it('is that of the lower price: a point evaluation and a blob against the bytes of the records', () => {
    assert.equal(chooseForm(proven, size(9), CHEAP_BLOBS), 'coefficients');
    assert.equal(chooseForm(proven, size(9), DEAR_BLOBS), 'calldata');
    assert.equal(chooseForm(proven, size(1), CHEAP_BLOBS), 'calldata', 'one chunk is less than a point evaluation');
    assert.equal(chooseForm(asserted, size(4, { signed: 496 }, 'asserted'), CHEAP_BLOBS), 'evaluations');
    assert.equal(chooseForm(asserted, size(4, { signed: 496 }, 'asserted'), DEAR_BLOBS), 'calldata');
  });

  it('changes where both cost the same', () => {
    const batch = size(9);
    const feePerGas = 20n * GWEI;
    const costs = (feePerBlobGas: bigint) => proven.map((form) => costOf(batch, form, { feePerGas, feePerBlobGas })!);
    const [calldata, free] = costs(0n) as [bigint, bigint];
    const even = (calldata - free) / 131_072n;
    assert.equal(chooseForm(proven, batch, { feePerGas, feePerBlobGas: even - 1n }), 'coefficients');
    assert.equal(chooseForm(proven, batch, { feePerGas, feePerBlobGas: even + 1n }), 'calldata');
  });

  it('is calldata while no prices are known, and on an L1 without a price of blobs', () => {
    assert.equal(chooseForm(proven, size(9), undefined), 'calldata');
    assert.equal(chooseForm(proven, size(9), { feePerGas: 500n * GWEI, feePerBlobGas: undefined }), 'calldata');
  });

  it('is in blobs, at any price, when the batch is too large for calldata', () => {
    assert.equal(fitsForm(size(50), 'calldata'), true);
    assert.equal(fitsForm(size(64), 'calldata'), false);
    assert.equal(fitsForm(size(64), 'coefficients'), true);
    assert.equal(chooseForm(proven, size(64), DEAR_BLOBS), 'coefficients');
    assert.equal(chooseForm(asserted, size(20, { signed: 2_000 }, 'asserted'), DEAR_BLOBS), 'evaluations');
  });

  it('is chosen by costs that are within a tenth of the gas that L1 charged', () => {
    const snapshot = JSON.parse(readFileSync('test/contracts/gas.snapshot.json', 'utf8')) as Record<
      'standardBatch' | 'standardBlobBatch' | 'fullBlobBatch',
      { bytes: { records: number }; gas: { calldata: { records: number }; total: number } }
    >;
    const isNear = (actual: bigint, expected: number) => Math.abs(Number(actual) - expected) < expected / 10;
    const prices = { feePerGas: 1n, feePerBlobGas: 0n };
    const { bytes, gas } = snapshot.standardBatch;
    const zeroBytes = (16 * bytes.records - gas.calldata.records) / 12;
    assert.ok(isNear(costOf({ ...size(9), zeroBytes }, 'calldata', prices)!, gas.total));
    assert.ok(isNear(costOf(size(9), 'coefficients', prices)!, snapshot.standardBlobBatch.gas.total));
    const full = { ...size(8), profile: PROFILES.single };
    assert.ok(isNear(costOf(full, 'coefficients', prices)!, snapshot.fullBlobBatch.gas.total));
  });

  it('charges the floor of EIP-7623 where that is more than bytes and execution', () => {
    const prices = { feePerGas: 1n, feePerBlobGas: 1n };
    const batch = size(1, { visible: 124 }, 'asserted');
    const bytes = transactionBytes('asserted', 'calldata', PROFILES.standard);
    const count = bytes.base + bytes.cost.chunks + 124 * bytes.cost.visible;
    assert.equal(costOf(batch, 'calldata', prices), BigInt(21_000 + 40 * count));
    assert.equal(costOf({ ...batch, zeroBytes: 100 }, 'calldata', prices), BigInt(21_000 + 40 * count - 100 * 30));
  });

  describe('of a transaction', () => {
    const roots = (count: number) => Array.from({ length: count }, () => 2n ** 253n);
    const common = (profile: Profile, form: BatchForm, chunks: number, visible: number) => ({
      parent: {
        number: 1,
        time: 1,
        parentHash: `0x${'ab'.repeat(32)}`,
        stateRoot: 1n,
        chunksHash: `0x${'ab'.repeat(32)}`,
        withdrawalsRoot: `0x${'ab'.repeat(32)}`,
        withdrawalCount: 0,
        priorityCount: 0,
        transferToNewCount: 0,
      },
      number: 2,
      time: 2,
      roots: roots(chunks + 1),
      commitments: roots(chunks),
      feeTokens: roots(chunks),
      form,
      blobHashes: [],
      chunks:
        form === 'calldata'
          ? Array.from({ length: chunks }, () => new Uint8Array((profile.slotsPerChunk / 2) * 31))
          : [],
      visible: Array.from({ length: chunks }, () => new Uint8Array(112 * visible)),
    });

    for (const name of ['quick', 'standard', 'single'] as const) {
      for (const chunks of [1, 2, PROFILES[name].maxChunks]) {
        it(`has at most the bytes that are counted: ${chunks} chunks of ${name}, each way and form`, () => {
          const profile = PROFILES[name];
          const bound = (way: Way, form: BatchForm, visible: number, signed: number) => {
            const { base, cost } = transactionBytes(way, form, profile);
            return base + chunks * (cost.chunks + visible * cost.visible + signed * cost.signed);
          };
          const bytesOf = (hex: string) => (hex.length - 2) / 2;
          for (const visible of [0, 1, 7]) {
            for (const form of ['calldata', 'coefficients'] as const) {
              const calldata = encodeSubmission({
                ...common(profile, form, chunks, visible),
                evaluations: form === 'calldata' ? [] : roots(chunks),
                opening: new Uint8Array(form === 'calldata' ? 0 : 96),
                proofs: Array.from({ length: chunks }, () => DUMMY_PROOF),
              });
              // 600 bytes for the envelope: fees, signature, six hashes of blobs.
              assert.ok(bytesOf(calldata) + 600 <= bound('proven', form, visible, 0));
            }
            for (const form of ['calldata', 'evaluations'] as const) {
              const authorizations =
                form === 'calldata' ? Array.from({ length: chunks }, () => new Uint8Array(69 * 3)) : [];
              const calldata = encodeAssertion({ ...common(profile, form, chunks, visible), authorizations });
              assert.ok(bytesOf(calldata) + 600 <= bound('asserted', form, visible, 3));
            }
          }
        });
      }
    }
  });
});

describe('Sequencer: batches in blobs', () => {
  let harness: PayerHarness;
  afterEach(() => harness.close());

  const open = async (options: Parameters<typeof createPayerHarness>[0]): Promise<void> => {
    harness = await createPayerHarness({ blobsAllowed: true, ...options });
  };
  const lastForm = () => harness.storage.batches.last()!.form;

  it('are sealed in the form that is cheaper at the time, and posted in it when prices have changed', async () => {
    await open({ profile: PROFILES.standard });
    harness.chain.setPrices(CHEAP_BLOBS);
    harness.chain.mine();
    await harness.sequencer.pollL1();
    harness.prover.hold();
    await Promise.all(Array.from({ length: 400 }, (_, nonce) => harness.send(alice, harness.payment(nonce))));
    await harness.sequencer.sealNow();
    assert.deepEqual(
      [harness.storage.chunks.ofBatch(harness.storage.batches.last()!.number).length, lastForm()],
      [4, 'coefficients'],
    );
    harness.chain.setPrices(DEAR_BLOBS);
    harness.chain.mine();
    await harness.sequencer.pollL1();
    await harness.restart();
    harness.prover.release();
    await harness.settle();
    assert.equal(harness.chain.submissions.at(-1)!.form, 'coefficients');
    await harness.send(alice, harness.payment(400));
    await harness.settle();
    assert.equal(harness.chain.submissions.at(-1)!.form, 'calldata');
  });

  it('keep their form and their proofs when the operator changes his mind', async () => {
    await open({ settings: { data: 'blobs' } });
    await harness.send(alice, harness.payment(0));
    harness.chain.fail(unreachable);
    await harness.sequencer.sealNow();
    const batch = harness.storage.batches.last()!;
    await harness.until(() => harness.storage.proofs.has(batch.number, 0), 'the proof');
    harness.chain.fail(undefined);
    const { challenge } = harness.storage.proofs.get(batch.number, 0)!;
    await harness.restart({ data: 'calldata' });
    await harness.settle();
    const posted = harness.chain.submissions.at(-1)!;
    assert.deepEqual([posted.form, posted.blobHashes, posted.chunks], ['coefficients', batch.blobHashes, []]);
    assert.equal(harness.storage.proofs.get(batch.number, 0)!.challenge, challenge);
  });

  it('are asserted with records and signatures in blobs, and wait for the clocks of L1 whatever the mode is', async () => {
    await open({});
    await harness.restart({ mode: 'optimistic', data: 'blobs' });
    const { id } = await harness.send(alice, harness.payment(0));
    await harness.sequencer.sealNow();
    await harness.until(() => harness.assertions.asserted.length === 1, 'the assertion');
    const before = harness.prover.proven.length;
    const [asserted] = harness.assertions.asserted;
    assert.deepEqual([asserted!.form, asserted!.blobs.length, asserted!.authorizations], ['evaluations', 1, []]);
    await harness.until(() => harness.storage.batches.last()!.state === 'posted', 'the batch on L1');
    // Nobody can prove it: as long as it waits, the clocks of L1 decide.
    await assert.rejects(harness.restart({ mode: 'zk' }), { code: 'CONFIG_INVALID' });
    harness.storage.close();
    await harness.reopen({ mode: 'hybrid' });
    harness.chain.advanceTime(TERMS.challengePeriodSeconds + 1);
    harness.chain.mine();
    await harness.until(() => harness.sequencer.queries.transfer(id)!.status === 'final', 'finality');
    assert.deepEqual([harness.prover.proven.length, harness.assertions.sent.get('submitProofs')], [before, undefined]);
  });

  it('are not asserted while a dispute waits for its answer: the account must be free for it', async () => {
    await open({});
    await harness.restart({ mode: 'optimistic', data: 'blobs' });
    await harness.send(alice, harness.payment(0));
    await harness.sequencer.sealNow();
    const first = harness.storage.batches.last()!.number;
    await harness.until(() => harness.storage.batches.get(first)!.state === 'posted', 'the assertion');
    const id = (await harness.assertions.pendingId(first))!;
    await harness.assertions.openDisputeOf(id, 0);
    await harness.until(() => harness.storage.batches.get(first)!.state === 'disputed', 'the dispute');
    await harness.send(alice, harness.payment(1));
    await harness.sequencer.sealNow();
    await harness.clock.advance(20_000);
    assert.equal(harness.assertions.sent.get('assertBatch'), 1);
    assert.equal(harness.sequencer.status().trouble?.code, 'ANSWER_DUE');
    await harness.assertions.answer(id, 0);
    await harness.until(() => harness.assertions.sent.get('assertBatch') === 2, 'the next assertion');
  });

  describe('while a dispute opens', () => {
    let first: number;
    let disputed: bigint;
    const trouble = () => harness.sequencer.status().trouble?.code;
    const assertedCount = () => harness.assertions.sent.get('assertBatch') ?? 0;
    const isPosted = (number: number) => () => harness.storage.batches.get(number)!.state === 'posted';

    /** One batch waits on L1, and the next one is in the pool. */
    async function begin(data: 'blobs' | 'calldata'): Promise<void> {
      await open({});
      await harness.restart({ mode: 'optimistic', data });
      await harness.send(alice, harness.payment(0));
      await harness.sequencer.sealNow();
      first = harness.storage.batches.last()!.number;
      await harness.until(isPosted(first), 'the assertion');
      disputed = (await harness.assertions.pendingId(first))!;
      harness.assertions.hold();
      await harness.send(alice, harness.payment(1));
      await harness.sequencer.sealNow();
      harness.chain.mine();
      await harness.clock.advance(10_000);
      assert.deepEqual([harness.assertions.givenUp, trouble()], [[], undefined]);
    }
    const giveUp = () => harness.until(() => harness.assertions.givenUp.length === 1, 'the way out');

    for (const data of ['blobs', 'calldata'] as const) {
      it(`give up what is on its way in ${data}, so that the answer goes first, and find it when it got in`, async () => {
        await begin(data);
        await harness.assertions.openDisputeOf(disputed, 0);
        await giveUp();
        await harness.until(() => trouble() === 'ANSWER_DUE', 'the reason');
        await harness.clock.advance(10_000);
        assert.equal(assertedCount(), 1);
        await harness.assertions.include();
        await harness.until(isPosted(first + 1), 'the second assertion');
        await harness.assertions.answer(disputed, 0);
        await harness.until(() => trouble() === undefined, 'the end of the trouble');
        await harness.clock.advance(5_000);
        assert.equal(assertedCount(), 1, 'it was sent once');
      });
    }

    it('are asserted again after the answer when they did not get in', async () => {
      await begin('blobs');
      harness.chain.fail(unreachable);
      await harness.clock.advance(3_000);
      harness.chain.fail(undefined);
      await harness.assertions.openDisputeOf(disputed, 0);
      await giveUp();
      await harness.assertions.answer(disputed, 0);
      harness.assertions.drop();
      await harness.until(isPosted(first + 1), 'the second assertion');
      assert.deepEqual([assertedCount(), trouble()], [2, undefined]);
    });

    it('wait no longer than an answer is taken', async () => {
      await begin('calldata');
      await harness.assertions.openDisputeOf(disputed, 0);
      await giveUp();
      harness.assertions.drop();
      harness.chain.advanceTime(TERMS.answerWindowSeconds);
      harness.chain.mine();
      await harness.until(isPosted(first + 1), 'the second assertion');
    });

    it('do not wait for answers that others owe', async () => {
      await begin('calldata');
      const [honest] = harness.assertions.asserted;
      await harness.sequencer.stop();
      harness.assertions.drop();
      harness.chain.reorg(
        (await harness.chain.head()).number - harness.storage.batches.get(first)!.inclusion!.blockNumber + 1,
      );
      const copy = await harness.assertions.assertAs(STRANGER, honest!);
      await harness.assertions.openDisputeOf(copy, 0);
      await harness.restart({ mode: 'optimistic', data: 'calldata' });
      await harness.until(isPosted(first + 1), 'the second assertion');
    });
  });

  it('are sealed anew in a form that can be proven when they were not asserted yet', async () => {
    await open({});
    await harness.restart({ mode: 'optimistic', data: 'blobs' });
    harness.chain.fail(unreachable);
    const { id } = await harness.send(alice, harness.payment(0));
    await harness.sequencer.sealNow();
    assert.equal(lastForm(), 'evaluations');
    await harness.sequencer.stop();
    harness.chain.fail(undefined);
    await harness.restart({ mode: 'zk' });
    await harness.settle();
    assert.equal(lastForm(), 'calldata');
    assert.equal(harness.sequencer.queries.transfer(id)!.status, 'final');
  });

  describe('that L1 took back beyond our confirmations', () => {
    const status = () => harness.sequencer.status();
    const trouble = (code: string) => harness.until(() => status().trouble?.code === code, 'the trouble');
    let id: bigint;
    let number: number;
    let before: number;

    /** Has a batch made final in this mode, restarts in the other one, and takes all of it back. */
    async function loseFinal(
      settings: Parameters<PayerHarness['restart']>[0],
      other: Parameters<PayerHarness['restart']>[0],
    ): Promise<void> {
      await open({});
      await harness.restart(settings);
      before = (await harness.chain.head()).number;
      ({ id } = await harness.send(alice, harness.payment(0)));
      await harness.sequencer.sealNow();
      number = harness.storage.batches.last()!.number;
      if (settings?.mode === 'optimistic') {
        await harness.until(() => harness.storage.batches.get(number)!.state === 'posted', 'the assertion');
        harness.chain.advanceTime(TERMS.challengePeriodSeconds + 1);
        harness.chain.mine();
      }
      await harness.until(() => harness.storage.batches.get(number)!.state === 'final', 'finality');
      await harness.restart(other);
      harness.chain.reorg((await harness.chain.head()).number - before);
    }
    const isFinalAgain = () => harness.until(() => harness.chain.posted.at(-1)!.number >= number, 'finality on L1');

    for (const mode of ['optimistic', 'hybrid'] as const) {
      it(`are named in mode zk when they were asserted in blobs, and asserted again in mode ${mode}`, async () => {
        await loseFinal({ mode: 'optimistic', data: 'blobs' }, { mode: 'zk' });
        await trouble('BATCH_OF_ANOTHER_MODE');
        assert.match(status().trouble!.message, new RegExp(`batch ${number}.*--mode optimistic or hybrid`));
        // Transfers are still taken, and wait behind it.
        await harness.send(alice, harness.payment(1));
        await harness.sequencer.sealNow();
        await harness.clock.advance(5_000);
        assert.equal(harness.chain.posted.at(-1)!.number, number - 1);
        await harness.restart({ mode });
        await harness.until(() => harness.assertions.sent.get('assertBatch')! > 1, 'the second assertion');
        harness.chain.advanceTime(TERMS.challengePeriodSeconds + 1);
        harness.chain.mine();
        await isFinalAgain();
        await harness.restart({ mode: 'zk' });
        await harness.settle();
        assert.deepEqual([status().trouble, status().halted], [undefined, undefined]);
        assert.equal(harness.sequencer.queries.transfer(id)!.status, 'final');
      });
    }

    it('are proven in mode zk when they were asserted in calldata, also from folded accounts', async () => {
      await loseFinal({ mode: 'optimistic', data: 'calldata' }, { mode: 'zk' });
      for (let isMore = true, fold = harness.storage.leaves.fold(number); isMore; ) {
        isMore = harness.storage.stage(() => fold.step());
      }
      await isFinalAgain();
      await harness.settle();
      assert.deepEqual([status().trouble, harness.storage.proofs.countOf(number)], [undefined, 1]);
      assert.equal(harness.sequencer.queries.transfer(id)!.status, 'final');
    });

    it('are proven again, however many, when their proofs are not there, and what was sealed since follows', async () => {
      await open({});
      before = (await harness.chain.head()).number;
      for (let nonce = 0; nonce < 10; nonce += 1) {
        await harness.send(alice, harness.payment(nonce));
        await harness.sequencer.sealNow();
      }
      await harness.settle();
      const { finalBatch } = status();
      await harness.sequencer.stop();
      harness.storage.commit(() => {
        for (let batch = 1; batch <= finalBatch; batch += 1) harness.storage.proofs.remove(batch, 0);
      });
      harness.chain.reorg((await harness.chain.head()).number - before);
      await harness.restart({});
      ({ id } = await harness.send(alice, harness.payment(10)));
      await harness.sequencer.sealNow();
      number = finalBatch + 1;
      await isFinalAgain();
      await harness.settle();
      assert.equal(harness.chain.posted.length, number);
      assert.equal(harness.sequencer.queries.transfer(id)!.status, 'final');
    });

    it('are named in mode optimistic when their blob goes with proofs, and posted again in mode zk', async () => {
      await loseFinal({ mode: 'zk', data: 'blobs' }, { mode: 'optimistic' });
      await trouble('BATCH_OF_ANOTHER_MODE');
      assert.match(status().trouble!.message, new RegExp(`batch ${number}.*--mode zk`));
      await harness.restart({ mode: 'zk' });
      await isFinalAgain();
      assert.equal(status().trouble, undefined);
    });
  });

  it('keep mode zk from starting when they wait on L1 and a crash came before that was noted', async () => {
    await open({});
    await harness.restart({ mode: 'optimistic', data: 'blobs' });
    harness.assertions.loseNextAnswer(unreachable);
    await harness.send(alice, harness.payment(0));
    await harness.sequencer.sealNow();
    await harness.until(() => harness.assertions.sent.get('assertBatch') === 1, 'the assertion whose answer is lost');
    await harness.sequencer.stop();
    const { number, state } = harness.storage.batches.last()!;
    assert.equal(state, 'sealed');
    assert.notEqual(await harness.assertions.pendingId(number), undefined);
    await assert.rejects(harness.restart({ mode: 'zk' }), { code: 'CONFIG_INVALID', message: /waits on L1/ });
    harness.storage.close();
    await harness.reopen({ mode: 'optimistic' });
    await harness.until(() => harness.storage.batches.get(number)!.state === 'posted', 'the assertion');
    assert.equal(harness.assertions.sent.get('assertBatch'), 1);
  });

  it('do not start with CONFIG_INVALID where the deployment allows none', async () => {
    await open({ blobsAllowed: false });
    await assert.rejects(harness.restart({ data: 'blobs' }), { code: 'CONFIG_INVALID' });
  });

  it('stop with DATABASE_DAMAGED when the stored data is not that of the blobs', async () => {
    await open({ settings: { data: 'blobs' } });
    await harness.send(alice, harness.payment(0));
    harness.prover.hold();
    await harness.sequencer.sealNow();
    const { kzg } = harness;
    const { commitment } = kzg;
    kzg.commitment = async (blob) => (await commitment(blob)).map((byte) => byte ^ 1);
    harness.prover.release();
    await harness.until(() => harness.sequencer.status().halted !== undefined, 'the halt');
    assert.equal(harness.sequencer.status().halted?.code, 'DATABASE_DAMAGED');
    kzg.commitment = commitment;
  });

  it('have at most as many chunks as the operator allows', async () => {
    await open({ settings: { maxChunksPerBatch: 1 } });
    for (let nonce = 0; nonce < 20; nonce++) await harness.send(alice, harness.payment(nonce));
    await harness.settle();
    const { batches, chunks } = harness.storage;
    const counts = batches.range(1, 100).map(({ number }) => chunks.ofBatch(number).length);
    assert.ok(counts.every((count) => count === 1));
    assert.deepEqual(
      harness.chain.submissions.map(({ visible }) => visible.length),
      counts,
    );
    await assert.rejects(harness.restart({ maxChunksPerBatch: 3 }), { code: 'CONFIG_INVALID' });
  });
});
