import { strict as assert } from 'node:assert';
import type { PriceBound } from '../../sequencer/index.ts';
import { mayWait, type Occasion } from '../../sequencer/publisher/patience.ts';
import { alice, bob, createPayerHarness, type PayerHarness } from '../support/sequencer/payer.ts';

const GWEI = 10n ** 9n;
const BOUND: PriceBound = { feePerGas: 20n * GWEI, feePerBlobGas: 5n * GWEI, mostSeconds: 600 };
const CHEAP = { feePerGas: 20n * GWEI, feePerBlobGas: 5n * GWEI };
const DEAR_GAS = { ...CHEAP, feePerGas: 20n * GWEI + 1n };
const DEAR_BLOBS = { ...CHEAP, feePerBlobGas: 5n * GWEI + 1n };

describe('Sequencer: patience', () => {
  const occasion: Occasion = {
    form: 'calldata',
    sealedAt: 1_000,
    expiresAt: 100_000,
    firstDeadline: undefined,
    now: 1_000,
  };

  it('ends once the batch has waited as long as it may', () => {
    assert.equal(mayWait(BOUND, { ...occasion, now: 1_599 }), true);
    assert.equal(mayWait(BOUND, { ...occasion, now: 1_600 }), false);
  });

  it('ends an hour before L1 refuses the batch', () => {
    assert.equal(mayWait(BOUND, { ...occasion, expiresAt: 1_000 + 3_601 }), true);
    assert.equal(mayWait(BOUND, { ...occasion, expiresAt: 1_000 + 3_600 }), false);
  });

  it('ends an hour before an operation of the queue is due', () => {
    assert.equal(mayWait(BOUND, { ...occasion, firstDeadline: 1_000 + 3_601 }), true);
    assert.equal(mayWait(BOUND, { ...occasion, firstDeadline: 1_000 + 3_600 }), false);
  });
});

describe('Sequencer: while gas is dear', () => {
  let harness: PayerHarness;
  afterEach(() => harness.close());

  const open = async (settings: object, prices = DEAR_GAS): Promise<void> => {
    harness = await createPayerHarness({ blobsAllowed: true });
    await harness.restart({ priceBound: BOUND, ...settings });
    harness.chain.setPrices(prices);
  };
  const pay = async (nonce: number): Promise<number> => {
    await harness.send(alice, harness.payment(nonce));
    await harness.sequencer.sealNow();
    return harness.sequencer.status().sealedBatch;
  };
  const stateOf = (batch: number) => harness.storage.batches.get(batch)!.state;
  const pass = async (seconds: number): Promise<void> => {
    harness.chain.advanceTime(seconds);
    await harness.clock.advance(1_000 * seconds);
  };

  for (const mode of ['zk', 'optimistic'] as const) {
    it(`keeps a batch back until the price has fallen, in mode ${mode}`, async () => {
      await open({ mode });
      const batch = await pay(0);
      await pass(300);
      assert.notEqual(stateOf(batch), 'posted');
      harness.chain.setPrices(CHEAP);
      await harness.until(() => ['posted', 'final'].includes(stateOf(batch)), 'the batch on L1');
    });
  }

  it('posts at any price after the longest wait', async () => {
    await open({});
    const batch = await pay(0);
    await pass(590);
    assert.equal(stateOf(batch), 'proving');
    await pass(20);
    await harness.until(() => stateOf(batch) === 'final', 'finality');
  });

  it('looks at the price of blobs only for a batch in blobs', async () => {
    await open({ data: 'calldata' }, DEAR_BLOBS);
    const batch = await pay(0);
    await harness.until(() => stateOf(batch) === 'final', 'finality');
    await harness.restart({ priceBound: BOUND, data: 'blobs' });
    const second = await pay(1);
    await pass(300);
    assert.equal(stateOf(second), 'proving');
  });

  it('goes on waiting after a restart, from when the batch was sealed', async () => {
    await open({});
    const batch = await pay(0);
    await pass(400);
    await harness.restart({ priceBound: BOUND });
    await pass(150);
    assert.equal(stateOf(batch), 'proving');
    await pass(60);
    await harness.until(() => stateOf(batch) === 'final', 'finality');
  });

  it('does not keep back what is due soon', async () => {
    await open({ priceBound: { ...BOUND, mostSeconds: 10 * 86_400 } });
    harness.chain.deposit(bob.keyPair.publicKey.y, bob.owner, 0, 5n);
    const { priorityOperations } = harness.sequencer.status();
    await harness.until(() => harness.sequencer.status().priorityOperations > priorityOperations, 'the deposit');
    const { deadline } = harness.storage.priority.get(priorityOperations)!;
    const now = Math.floor(harness.clock.nowMs() / 1_000);
    await harness.sequencer.stop();
    await pass(deadline - now - 3_000);
    await harness.restart({ priceBound: { ...BOUND, mostSeconds: 10 * 86_400 } });
    await harness.sequencer.sealNow();
    const batch = harness.sequencer.status().sealedBatch;
    await harness.until(() => stateOf(batch) === 'final', 'finality');
  });
});
