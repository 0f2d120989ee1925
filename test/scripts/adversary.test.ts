import { strict as assert } from 'node:assert';
import { locateFault, replayAssertion } from '@quittance/derivation';
import { PROFILES, RollupState } from '@quittance/protocol';
import { createLie, type Lie } from '../../scripts/devnet/adversary.ts';
import type { Asserted } from '../../scripts/devnet/front-running.ts';
import { fastCrypto } from '../support/sequencer/harness.ts';
import { alice, createPayerHarness, type PayerHarness } from '../support/sequencer/payer.ts';

const AMOUNT = 500_000n;

/** A batch by calldata as whoever reads it has it. */
const read = (submission: AssertionSubmission) => ({ ...submission, blobs: [] });

describe('The lie of the devnet', () => {
  const crypto = fastCrypto();
  const { slotsPerChunk } = PROFILES.quick;
  let harness: PayerHarness;
  let honest: Asserted;
  let lie: Lie;
  /** Before the batch. */
  const state = () => new RollupState(crypto.hasher, harness.storage.leaves.stateAfter(honest.number - 1));
  const deployment = () => ({ domain: harness.sequencer.domain, slotsPerChunk });

  before(async () => {
    harness = await createPayerHarness();
    await harness.restart({ mode: 'optimistic' });
    const { send } = harness.assertions;
    harness.assertions.send = (action, signal) => {
      if (action.type === 'assertBatch') honest = { ...action.submission, blobs: [] };
      return send(action, signal);
    };
    for (let nonce = 0; nonce < 20; nonce++) {
      await harness.send(alice, harness.payment(nonce, { amount: 3n }));
    }
    await harness.sequencer.sealNow();
    await harness.until(() => honest !== undefined, 'the assertion');
    lie = createLie({ state: state(), honest, ...deployment(), position: 17, amount: AMOUNT });
  });
  after(() => harness.close());

  it('changes one record, in the second chunk here, and every root from its chunk on', () => {
    const { submission } = lie;
    assert.equal(lie.chunk, 1);
    assert.deepEqual(submission.chunks[0], honest.chunks[0]);
    assert.notDeepEqual(submission.chunks[1], honest.chunks[1]);
    assert.deepEqual(
      submission.roots.map((root, position) => root === honest.roots[position]),
      [true, true, false],
    );
    assert.deepEqual(submission.authorizations, honest.authorizations);
  });

  it('is made of a batch that is right', () => {
    assert.equal(replayAssertion(crypto, state(), honest.parent, read(honest), deployment()).isRight, true);
  });

  it('is found at that record and nowhere else, as one that nobody signed', () => {
    const verdict = replayAssertion(crypto, state(), honest.parent, read(lie.submission), deployment());
    assert.ok(!verdict.isRight);
    assert.deepEqual(
      verdict.faults.map(({ chunk, slot, result }) => [chunk, slot, result]),
      [[lie.chunk, lie.slot, 'BAD_SIGNATURE']],
    );
  });

  it('is answered consistently: only the forged step of the answer is wrong', () => {
    const { answers, chunk, slot } = lie;
    const submission = read(lie.submission);
    const fault = locateFault(crypto, state(), { submission, chunk }, answers[chunk]!, deployment());
    assert.deepEqual([fault?.slot, fault?.result], [slot, 'BAD_SIGNATURE']);
    assert.equal(locateFault(crypto, state(), { submission, chunk: 0 }, answers[0]!, deployment()), undefined);
  });

  it('cannot be made of a transfer that the batch does not have', () => {
    const options = { state: state(), honest, ...deployment(), position: 20, amount: AMOUNT };
    assert.throws(() => createLie(options), { code: 'NOT_FOUND' });
  });
});
