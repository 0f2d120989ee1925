import { strict as assert } from 'node:assert';
import { RollupError } from '@quittance/protocol';
import type { AssertionJson } from '@quittance/rpc';
import { systemClock } from '../../runtime/index.ts';
import { type Api, startApi } from '../../sequencer/index.ts';
import { PRODUCER, STRANGER, TERMS } from '../support/sequencer/fake-assertions.ts';
import { alice, createPayerHarness, type PayerHarness } from '../support/sequencer/payer.ts';
import { rpc } from '../support/sequencer/rpc.ts';

describe('Sequencer: what waits on L1, for whoever asks', () => {
  let harness: PayerHarness;
  let api: Api;
  let batch: number;
  const ask = async () => (await rpc(api.url, 'rollup_getAssertions')).body;
  const read = async () => (await ask()).result as AssertionJson[];
  const idOf = (number: number) => harness.assertions.pendingId(number).then((id) => id!);
  const unreachable = new RollupError('L1_UNREACHABLE', 'no node', {});
  /** Time goes on, and with it the block that the sequencer saw last. */
  const look = async () => {
    harness.chain.mine();
    const { l1Block } = harness.sequencer.status();
    await harness.until(() => harness.sequencer.status().l1Block > l1Block, 'the block');
    await harness.clock.advance(5_000);
  };

  before(async () => {
    harness = await createPayerHarness();
    await harness.restart({ mode: 'optimistic' });
    api = await startApi({ sequencer: harness.sequencer, clock: systemClock });
    await harness.send(alice, harness.payment(0));
    await harness.sequencer.sealNow();
    batch = harness.sequencer.status().sealedBatch;
    await harness.until(() => harness.sequencer.status().postedBatch === batch, 'the assertion');
  });
  after(async () => {
    await api.stop();
    await harness.close();
  });

  it('is not known while L1 was never read', async () => {
    harness.chain.fail(unreachable);
    assert.equal((await ask()).error?.data?.['reason'], 'L1_UNREACHABLE');
    harness.chain.fail(undefined);
  });

  it('names bond, asserter and the end of the challenge period', async () => {
    const assertionId = await idOf(batch);
    const { assertedAt } = await harness.assertions.assertion(assertionId);
    assert.deepEqual(await read(), [
      {
        ...{ assertionId: String(assertionId), batch, asserter: PRODUCER.toLowerCase(), bond: '1000', disputes: [] },
        finalAt: assertedAt + TERMS.challengePeriodSeconds,
      },
    ]);
  });

  it('names a dispute with what it waits for and until when', async () => {
    const assertionId = await idOf(batch);
    await harness.assertions.openDisputeOf(assertionId, 0);
    assert.deepEqual((await read())[0]?.disputes, [], 'from seconds ago');
    await look();
    const { firstDisputeAt } = await harness.assertions.chunkDisputes(assertionId, 0);
    const common = { chunk: 0, challenger: STRANGER.toLowerCase(), bond: '100' };
    assert.deepEqual((await read())[0]?.disputes, [
      { ...common, phase: 'answer', deadline: firstDisputeAt + TERMS.answerWindowSeconds },
    ]);
    await harness.assertions.answer(assertionId, 0);
    await look();
    const { answeredAt } = await harness.assertions.chunkDisputes(assertionId, 0);
    assert.deepEqual((await read())[0]?.disputes, [
      { ...common, phase: 'step', deadline: answeredAt + TERMS.stepWindowSeconds },
    ]);
  });

  it('stays as it was read last while L1 does not answer', async () => {
    const known = await read();
    await harness.clock.advance(5_000);
    harness.chain.fail(unreachable);
    assert.deepEqual(await read(), known);
    harness.chain.fail(undefined);
  });

  it('is nothing once all is final', async () => {
    harness.chain.advanceTime(TERMS.challengePeriodSeconds + TERMS.stepWindowSeconds + 1);
    harness.chain.mine();
    await harness.until(() => harness.sequencer.status().finalBatch === batch, 'finality');
    await look();
    assert.deepEqual(await read(), []);
  });
});
