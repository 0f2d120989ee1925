import { strict as assert } from 'node:assert';
import type { ErrorCode, RollupError } from '@quittance/protocol';
import { systemClock } from '../../runtime/index.ts';
import { type SequencerSettings, startApi } from '../../sequencer/index.ts';
import { bulkOf } from '../../sequencer/mempool/verify.ts';
import { createPerson } from '../support/rollup/person.ts';
import { emptyBatch } from '../support/sequencer/empty-batch.ts';
import { createHarness, DUMMY_PROOF, fastCrypto, type Harness } from '../support/sequencer/harness.ts';
import { rpc, transferJson } from '../support/sequencer/rpc.ts';

const alice = createPerson('alice');

describe('Sequencer: read mode', () => {
  let harness: Harness;
  let from: number;
  /** Batch with a withdrawal of alice, final. */
  let withdrawn: number;

  const status = () => harness.sequencer.status();
  const withdrawal = (nonce: number) => {
    const account = { owner: alice.owner, tokenId: 0 };
    return harness.sign(alice, {
      kind: 'withdraw',
      from,
      account,
      amount: 7n,
      fee: 10n,
      nonce,
      validUntil: 0,
    });
  };

  beforeEach(async () => {
    harness = await createHarness();
    from = await harness.fund(alice, 0, 1_000_000n);
    await harness.send(alice, withdrawal(0).intent);
    await harness.settle();
    withdrawn = status().finalBatch;
  });
  afterEach(() => harness.close());

  /** What must not change: nothing is written, nothing is sent. */
  const traces = () => ({
    log: harness.storage.log.head(),
    batches: harness.storage.batches.range(1, 1_000),
    submissions: harness.chain.submissionCount,
    sent: [...harness.assertions.sent],
  });

  /** Asks the API of the sequencer for everything that people need to get their money out. */
  async function assertReadsOnly(code: ErrorCode): Promise<void> {
    const before = traces();
    const api = await startApi({ sequencer: harness.sequencer, clock: systemClock });
    const ask = async <T>(method: string, params: unknown = {}): Promise<T> => {
      const { status: http, body } = await rpc(api.url, method, params);
      assert.deepEqual([http, body.error], [200, undefined], method);
      return body.result as T;
    };
    try {
      const account = await ask<{ nonce: number }>('rollup_getAccount', { index: from, tag: 'finalized' });
      assert.equal(account.nonce, 1);
      await ask('rollup_getAccount', { index: from, tag: 'latest' });
      const owner = `0x${alice.owner.toString(16).padStart(40, '0')}`;
      assert.equal((await ask<unknown[]>('rollup_getAccounts', { owner, tag: 'finalized' })).length, 1);
      const proof = await ask<{ account: { balance: string } }>('rollup_getProof', { index: from, state: 'finalized' });
      assert.equal(proof.account.balance, '999983');
      await ask('rollup_getProof', { index: from, state: 'sealed' });
      const claim = await ask<{ amount: string }>('rollup_getWithdrawalProof', { batch: withdrawn, index: 0 });
      assert.equal(claim.amount, '7');
      assert.equal((await ask<{ state: string }>('rollup_getBatch', { batch: withdrawn })).state, 'final');
      const { id } = withdrawal(0);
      assert.equal((await ask<{ batch: number }>('rollup_getTransaction', { id: String(id) })).batch, withdrawn);
      const { halted } = await ask<{ halted: { reason: string; message: string } }>('rollup_syncStatus');
      assert.equal(halted.reason, code);
      assert.equal(halted.message, status().halted?.message);

      const refused = await rpc(api.url, 'rollup_sendTransfer', { transfer: transferJson(withdrawal(1)) });
      assert.deepEqual([refused.status, refused.body.error?.code], [503, -32002]);
      assert.equal(refused.body.error?.data?.['reason'], 'READ_ONLY');
      assert.ok(refused.body.error?.message.includes(code) && refused.body.error.message.includes(halted.message));
      assert.equal((await fetch(`${api.url}/livez`)).status, 200);
      const { message, ...readiness } = (await (await fetch(`${api.url}/readyz`)).json()) as { message: string };
      assert.deepEqual(readiness, { ready: false, reason: code });
      assert.equal(message, halted.message);
    } finally {
      await api.stop();
    }
    for (const call of [harness.sequencer.sealNow(), harness.sequencer.pollL1()]) {
      await assert.rejects(call, { code: 'READ_ONLY', data: { reason: code } });
    }
    await harness.clock.advance(120_000);
    assert.deepEqual(traces(), before);
  }

  /** Once when it stops, and again after each of two restarts. */
  async function assertReadsOnlyForGood(code: ErrorCode, settings: Partial<SequencerSettings> = {}): Promise<void> {
    await harness.until(() => status().halted !== undefined, 'the halt');
    await assertReadsOnly(code);
    for (let restart = 0; restart < 2; restart++) {
      await harness.restart(settings);
      assert.equal(status().halted?.code, code);
      await assertReadsOnly(code);
    }
  }

  /** Another producer's batch becomes final on our last one. */
  async function makeForeignFinal(): Promise<void> {
    const { authorizations: _, ...batch } = emptyBatch(harness.chain.posted.at(-1)!);
    await harness.chain.submitBatch({ ...batch, evaluations: [], opening: new Uint8Array(), proofs: [DUMMY_PROOF] });
  }

  for (const [place, hasOwn] of [
    ['in the place of its own', true],
    ['on its last one', false],
  ] as const) {
    it(`answers reads when L1 made a batch of another producer final ${place}, after restarts too`, async () => {
      harness.prover.hold();
      if (hasOwn) {
        await harness.send(alice, withdrawal(1).intent);
        await harness.sequencer.sealNow();
      }
      await makeForeignFinal();
      await assertReadsOnlyForGood('FOREIGN_BATCH_FINAL');
    });
  }

  it('does not start with an empty database when L1 has batches: there would be nothing to read', async () => {
    const other = await createHarness({ withFeeAccounts: false });
    try {
      const { authorizations: _, ...batch } = emptyBatch(other.chain.posted.at(-1) ?? other.chain.genesis);
      await other.sequencer.stop();
      await other.chain.submitBatch({ ...batch, evaluations: [], opening: new Uint8Array(), proofs: [DUMMY_PROOF] });
      await assert.rejects(other.restart(), { code: 'FOREIGN_BATCH_FINAL' });
    } finally {
      await other.close();
    }
  });

  it('answers reads when L1 rejected its batch, after restarts in any mode too', async () => {
    await harness.restart({ mode: 'optimistic' });
    await harness.send(alice, withdrawal(1).intent);
    await harness.sequencer.sealNow();
    await harness.until(() => status().postedBatch === withdrawn + 1, 'the assertion');
    await harness.assertions.reject((await harness.assertions.pendingId(withdrawn + 1))!);
    await assertReadsOnlyForGood('BATCH_REJECTED', { mode: 'optimistic' });
    await harness.restart({ mode: 'zk' });
    await assertReadsOnlyForGood('BATCH_REJECTED', { mode: 'zk' });
  });

  it('refuses with READ_ONLY what waited for its signature check when it stopped, and logs none of it', async () => {
    await harness.close();
    const gate = Promise.withResolvers<void>();
    let isHeld = false;
    const crypto = fastCrypto();
    const bulk = bulkOf(crypto);
    const verifySignatures = async (items: Uint8Array) => {
      if (isHeld) await gate.promise;
      return await bulk.verifySignatures(items);
    };
    harness = await createHarness({ crypto: { ...crypto, bulk: { ...bulk, verifySignatures } } });
    from = await harness.fund(alice, 0, 1_000_000n);
    isHeld = true;
    const code = (sent: Promise<unknown>) =>
      sent.then(
        () => undefined,
        (error: RollupError) => error.code,
      );
    const checked = code(harness.send(alice, withdrawal(0).intent));
    await harness.clock.advance(1);
    const queued = code(harness.send(alice, withdrawal(1).intent));
    await makeForeignFinal();
    await harness.until(() => status().halted !== undefined, 'the halt');
    const head = harness.storage.log.head();
    gate.resolve();
    assert.deepEqual([await checked, await queued], ['READ_ONLY', 'READ_ONLY']);
    assert.deepEqual(harness.storage.log.head(), head);
  });
});
