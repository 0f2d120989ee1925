import { strict as assert } from 'node:assert';
import type { SequencerContext } from '../../sequencer/context.ts';
import { type AssertingParts, createAssertionSearch } from '../../sequencer/publisher/assertions.ts';
import { reject } from '../../sequencer/publisher/waiting.ts';
import { alice, createPayerHarness, type PayerHarness } from '../support/sequencer/payer.ts';

describe('Sequencer: the reason of a rejection', () => {
  let harness: PayerHarness;

  before(async () => {
    harness = await createPayerHarness();
    await harness.restart({ mode: 'optimistic' });
  });
  after(() => harness.close());

  it('is not told before the event that says it was read, and nothing is recorded until then', async () => {
    const { id } = await harness.send(alice, harness.payment(0));
    await harness.sequencer.sealNow();
    await harness.until(() => harness.sequencer.queries.transfer(id)?.status === 'posted', 'posted');
    const number = harness.sequencer.status().postedBatch;
    const batch = harness.storage.batches.get(number)!;
    await harness.sequencer.stop();

    const before = await harness.chain.head();
    harness.chain.mine(1);
    await harness.assertions.reject((await harness.assertions.pendingId(number))!, true);
    const { storage, chain } = harness;
    const context = { storage, chain, config: { deploymentBlock: 0 } } as unknown as SequencerContext;
    const find = createAssertionSearch(context, harness.assertions);

    const early = (await find(batch, before))!;
    assert.deepEqual([early.status.isRejected, early.isUnanswered], [true, undefined]);
    // No part is needed, because nothing is done.
    assert.equal(reject({} as AssertingParts, batch, early).code, 'L1_LOGS_INCOMPLETE');
    assert.equal(harness.storage.batches.get(number)!.state, 'posted');

    const whole = (await find(batch, await harness.chain.head()))!;
    assert.deepEqual([whole.status.isRejected, whole.isUnanswered], [true, true]);
  });
});
