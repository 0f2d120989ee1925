import assert from 'node:assert/strict';
import { createFailingEngine, DEATH, type FailingEngine } from '../support/sequencer/engines.ts';
import { fastCrypto } from '../support/sequencer/harness.ts';
import { alice, createPayerHarness, type PayerHarness } from '../support/sequencer/payer.ts';

describe('Sequencer: an engine that fails', () => {
  let harness: PayerHarness;
  let engine: FailingEngine;

  beforeEach(async () => {
    const crypto = fastCrypto();
    engine = createFailingEngine(crypto.engine);
    harness = await createPayerHarness({ crypto: { ...crypto, engine }, settings: { shadow: 0 } });
  });
  afterEach(() => harness.close());

  const statusOf = (id: bigint) => harness.sequencer.queries.transfer(id)?.status;

  it('once: the batch is executed again, and nothing is lost', async () => {
    const sent = [];
    for (let nonce = 0; nonce < 3; nonce++) sent.push(await harness.send(alice, harness.payment(nonce)));
    const { count } = engine;
    engine.failNext(1);
    await harness.settle();
    assert.equal(engine.count, count + 2);
    assert.deepEqual(
      sent.map(({ id }) => statusOf(id)),
      ['final', 'final', 'final'],
    );
  });

  it('always: the sequencer stops with the reason, and a start with a good engine executes what was acknowledged', async () => {
    const { id } = await harness.send(alice, harness.payment(0));
    const { sealedBatch } = harness.sequencer.status();
    const { root } = { root: harness.sequencer.queries.proof(harness.from, 'sealed').stateRoot };
    engine.failNext(Number.POSITIVE_INFINITY);
    await harness.sequencer.sealNow();
    const { halted } = harness.sequencer.status();
    assert.equal(halted?.code, 'INVARIANT_BROKEN');
    assert.ok(halted.message.includes(DEATH), halted.message);
    assert.equal(harness.sequencer.status().sealedBatch, sealedBatch);
    assert.equal(harness.sequencer.queries.proof(harness.from, 'sealed').stateRoot, root, 'the state is as it was');
    assert.equal(statusOf(id), 'pending');
    engine.failNext(0);
    await harness.restart();
    await harness.settle();
    assert.equal(statusOf(id), 'final');
  });

  it('after it has changed the state: the batch is not executed twice', async () => {
    const { id } = await harness.send(alice, harness.payment(0));
    const { count } = engine;
    engine.failNext(1, 'after');
    await harness.sequencer.sealNow();
    assert.equal(engine.count, count + 1);
    const { halted } = harness.sequencer.status();
    assert.equal(halted?.code, 'INVARIANT_BROKEN');
    assert.match(halted.message, /left another state behind/);
    await harness.restart();
    await harness.settle();
    assert.equal(statusOf(id), 'final');
  });
});
