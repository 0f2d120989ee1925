import { strict as assert } from 'node:assert';
import { locateFault, replayAssertion } from '@quittance/derivation';
import { assertedRecordsOf, PROFILES, type RollupError } from '@quittance/protocol';
import { createLie, type Lie, withSidecars } from '../../cli/devnet/adversary.ts';
import type { Asserted } from '../../cli/devnet/front-running.ts';
import { fastCrypto } from '../support/sequencer/harness.ts';
import { alice, createPayerHarness, type PayerHarness } from '../support/sequencer/payer.ts';

const AMOUNT = 500_000n;

for (const data of ['calldata', 'blobs'] as const)
  describe(`The lie of the devnet, data in ${data}`, () => {
    const crypto = fastCrypto();
    const { slotsPerChunk } = PROFILES.quick;
    let harness: PayerHarness;
    let honest: Asserted;
    let lie: Lie;
    /** Before the batch. */
    const accounts = () => harness.storage.leaves.stateAfter(honest.number - 1);
    const state = () => crypto.engine.createState(accounts());
    const deployment = () => ({ domain: harness.sequencer.domain, slotsPerChunk });

    before(async () => {
      harness = await createPayerHarness({ blobsAllowed: true });
      await harness.restart({ mode: 'optimistic', data });
      const { send } = harness.assertions;
      harness.assertions.send = (action, signal) => {
        if (action.type === 'assertBatch')
          honest = { ...action.submission, blobs: (action.blobs ?? []).map(({ blob }) => blob) };
        return send(action, signal);
      };
      for (let nonce = 0; nonce < 20; nonce++) {
        await harness.send(alice, harness.payment(nonce, { amount: 3n }));
      }
      await harness.sequencer.sealNow();
      await harness.until(() => honest !== undefined, 'the assertion');
      lie = await createLie({ accounts: accounts(), honest, ...deployment(), position: 17, amount: AMOUNT });
    });
    after(() => harness.close());

    it('changes one record, in the second chunk here, and every root from its chunk on', () => {
      const { submission } = lie;
      assert.equal(lie.chunk, 1);
      const records = (batch: Asserted) => assertedRecordsOf(batch, slotsPerChunk, batch.blobs);
      assert.deepEqual(records(submission)[0], records(honest)[0]);
      assert.notDeepEqual(records(submission)[1], records(honest)[1]);
      assert.deepEqual(submission.visible, honest.visible);
      assert.deepEqual(
        submission.roots.map((root, position) => root === honest.roots[position]),
        [true, true, false],
      );
      assert.deepEqual(submission.authorizations, honest.authorizations);
    });

    it('is asserted with the hashes of its own blobs', async () => {
      const { submission, blobs } = await withSidecars(lie, harness.kzg);
      assert.deepEqual(
        blobs.map(({ blob }) => blob),
        lie.submission.blobs,
      );
      assert.deepEqual(
        submission.blobHashes,
        blobs.map(({ versionedHash }) => versionedHash),
      );
      assert.equal(submission.blobHashes.length, data === 'blobs' ? 1 : 0);
      if (data === 'blobs') assert.notDeepEqual(submission.blobHashes, honest.blobHashes);
    });

    it('is made of a batch that is right', async () => {
      const verdict = await replayAssertion(crypto, state(), honest.parent, honest, deployment());
      assert.equal(verdict.isRight, true);
    });

    it('is found at that record and nowhere else, as one that nobody signed', async () => {
      const verdict = await replayAssertion(crypto, state(), honest.parent, lie.submission, deployment());
      assert.ok(!verdict.isRight);
      assert.deepEqual(
        verdict.faults.map(({ chunk, slot, result }) => [chunk, slot, result]),
        [[lie.chunk, lie.slot, 'BAD_SIGNATURE']],
      );
    });

    it('is answered consistently: only the forged step of the answer is wrong', () => {
      const { submission, answers, chunk, slot } = lie;
      const fault = locateFault(crypto, state(), { submission, chunk }, answers[chunk]!, deployment());
      assert.deepEqual([fault?.slot, fault?.result], [slot, 'BAD_SIGNATURE']);
      assert.equal(locateFault(crypto, state(), { submission, chunk: 0 }, answers[0]!, deployment()), undefined);
    });

    it('cannot be made of a transfer that the batch does not have, or of more money than there is', async () => {
      const options = { accounts: accounts(), honest, ...deployment(), position: 20, amount: AMOUNT };
      await assert.rejects(createLie(options), { code: 'NOT_FOUND' });
      const greedy = createLie({ ...options, accounts: accounts(), position: 17, amount: 10n ** 30n });
      await assert.rejects(
        greedy,
        ({ code, data }: RollupError) => code === 'INSUFFICIENT_BALANCE' && data['chunk'] === 1,
      );
    });
  });
