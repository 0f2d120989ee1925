import assert from 'node:assert/strict';
import { encodeAccountRows, type RollupError } from '@quittance/protocol';
import { silentLogger } from '../../runtime/index.ts';
import { createFolding, foldThreshold } from '../../sequencer/publisher/folding.ts';
import { createPayerHarness, type PayerHarness } from '../support/sequencer/payer.ts';

describe('Sequencer: folding accounts on disk', () => {
  let harness: PayerHarness;
  beforeEach(async () => {
    harness = await createPayerHarness();
  });
  afterEach(() => harness.close());

  const halt = (error: RollupError): void => assert.fail(error);

  it('waits for half as many versions as there are accounts, within bounds', () => {
    assert.deepEqual(
      [0, 32_768, 32_770, 1_000_001, 2 ** 24].map(foldThreshold),
      [16_384, 16_384, 16_385, 500_001, 1_000_000],
    );
  });

  it('folds final batches once there are enough, and answers the same before and after', async () => {
    const { storage, clock, sequencer } = harness;
    const final = sequencer.status().finalBatch;
    const accounts = () =>
      [0, 1, harness.from, harness.to].map((index) => sequencer.queries.account(index, 'finalized'));
    const before = { accounts: accounts(), proof: sequencer.queries.proof(harness.from, 'finalized') };
    const versions = storage.leaves.unfoldedCount(final);
    assert.ok(versions >= 4, String(versions));
    let threshold = versions + 1;
    const folding = createFolding({ storage, clock, halt, logger: silentLogger }, () => threshold);
    folding.start();
    await harness.clock.advance(1_000);
    assert.equal(storage.leaves.unfoldedCount(final), versions, 'too few');
    threshold = versions;
    folding.wake();
    await harness.until(() => storage.leaves.unfoldedCount(final) === 0, 'the fold');
    await folding.stop();
    assert.deepEqual({ accounts: accounts(), proof: sequencer.queries.proof(harness.from, 'finalized') }, before);
    await harness.restart();
    await harness.settle();
    assert.deepEqual(sequencer.queries.account(harness.from, 'latest'), before.accounts[2]);
  });

  it('leaves a state that a restart refuses when an account is another', async () => {
    const { storage, sequencer } = harness;
    const fold = storage.leaves.fold(sequencer.status().finalBatch);
    while (storage.stage(() => fold.step()));
    await sequencer.stop();
    const row = storage.leaves.getAfter(sequencer.status().finalBatch, harness.from)!;
    const wrong = encodeAccountRows([[harness.from, { ...row, balance: row.balance + 1n }]]);
    storage.commit(() => storage.leaves.put(1, wrong));
    await assert.rejects(harness.restart(), { code: 'DATABASE_DAMAGED' });
  });
});
