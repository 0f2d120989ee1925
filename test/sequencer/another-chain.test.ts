import { strict as assert } from 'node:assert';
import { RollupError } from '@quittance/protocol';
import { alice, createPayerHarness, type PayerHarness } from '../support/sequencer/payer.ts';

describe('Sequencer: another chain behind the same URL', () => {
  let harness: PayerHarness;

  beforeEach(async () => {
    harness = await createPayerHarness({}, { payer: 1_000n, receiver: 1_000n });
  });
  afterEach(() => harness.close());

  const pay = () => harness.send(alice, harness.payment(0));
  const status = () => harness.sequencer.status();

  /** Nothing is taken on or posted, and the state is kept and shown. */
  const expectEnd = async (l1Block: number, submissions: number): Promise<void> => {
    await harness.until(() => status().halted !== undefined, 'the end');
    assert.equal(status().halted?.code, 'L1_WRONG_CHAIN');
    await assert.rejects(pay(), { code: 'READ_ONLY', data: { reason: 'L1_WRONG_CHAIN' } });
    await harness.clock.advance(10_000);
    assert.equal(harness.chain.submissionCount, submissions);
    assert.equal(status().l1Block, l1Block);
    assert.equal(harness.sequencer.queries.account(harness.from, 'latest')?.balance, 1_000n);
  };

  it('with our chain id ends it with L1_WRONG_CHAIN, and its blocks are not shown as ours', async () => {
    const { l1Block } = status();
    const { submissionCount } = harness.chain;
    harness.chain.becomeAnother();
    harness.chain.mine(1_000);
    await expectEnd(l1Block, submissionCount);
  });

  it('with another chain id ends it with L1_WRONG_CHAIN', async () => {
    const { l1Block } = status();
    const { submissionCount } = harness.chain;
    harness.chain.fail(new RollupError('L1_WRONG_CHAIN', 'L1 has chain id 1, expected 31337'));
    await expectEnd(l1Block, submissionCount);
  });

  it('gets none of what was sealed before', async () => {
    harness.prover.hold();
    await pay();
    await harness.sequencer.sealNow();
    const { submissionCount } = harness.chain;
    harness.chain.becomeAnother();
    harness.prover.release();
    await harness.until(() => status().halted !== undefined, 'the end');
    await harness.clock.advance(10_000);
    assert.equal(harness.chain.submissionCount, submissionCount);
  });

  it('is refused at a restart', async () => {
    harness.chain.becomeAnother();
    await assert.rejects(harness.restart(), { code: 'L1_WRONG_CHAIN' });
  });

  it('that lacks the block of the deployment is L1_BEHIND and waited out', async () => {
    await harness.restart({ deploymentBlock: 0 });
    harness.chain.fail(new RollupError('L1_BEHIND', 'the node is not synced', { expected: 1, actual: 0 }));
    await harness.clock.advance(10_000);
    assert.equal(status().halted, undefined);
    harness.chain.fail(undefined);
    await pay();
    await harness.sequencer.sealNow();
    await harness.until(() => status().finalBatch === status().sealedBatch, 'finality');
  });
});
