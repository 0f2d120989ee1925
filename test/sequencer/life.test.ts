import { strict as assert } from 'node:assert';
import { createPerson } from '../support/rollup/person.ts';
import { alice, createPayerHarness, type PayerHarness } from '../support/sequencer/payer.ts';

describe('Sequencer: the life of a transfer', () => {
  const carol = createPerson('carol');
  let harness: PayerHarness;

  before(async () => {
    harness = await createPayerHarness();
  });
  after(() => harness.close());

  it('gives deposits their accounts, in batches that L1 has', () => {
    const { queries } = harness.sequencer;
    assert.deepEqual([harness.from, harness.to], [2, 3]);
    assert.equal(queries.account(harness.from, 'finalized')?.balance, 1_000_000n);
    assert.equal(harness.chain.posted.length, 4);
    assert.equal(harness.chain.posted.at(-1)?.stateRoot, queries.proof(harness.from, 'finalized').stateRoot);
  });

  it('takes a transfer from pending to final with the same words everywhere', async () => {
    const { sequencer } = harness;
    const seen: string[] = [];
    const stopListening = sequencer.events.on('transfer', ({ status }) => seen.push(status));
    const ack = await harness.send(alice, harness.payment(0, { amount: 1_000n }));
    assert.equal(ack.status, 'pending');
    assert.equal(sequencer.queries.account(harness.to, 'latest')?.balance, 1_500n);
    assert.equal(sequencer.queries.account(harness.to, 'finalized')?.balance, 500n);
    harness.prover.hold();
    await sequencer.sealNow();
    await harness.until(() => sequencer.queries.transfer(ack.id)?.status === 'proving', 'proving');
    harness.prover.release();
    await harness.until(() => sequencer.queries.transfer(ack.id)?.status === 'final', 'finality');
    stopListening();
    assert.deepEqual(seen, ['pending', 'sealed']);
    assert.equal(sequencer.queries.account(harness.to, 'finalized')?.balance, 1_500n);
    assert.equal(sequencer.queries.account(harness.from, 'finalized')?.balance, 1_000_000n - 1_010n);
    assert.equal(sequencer.queries.account(harness.indexOf(harness.operator), 'finalized')?.balance, 1_010n);
  });

  it('creates accounts for new keys and pays withdrawals', async () => {
    const { sequencer } = harness;
    const created = await harness.send(alice, {
      kind: 'transferToNew',
      from: harness.from,
      receiver: { keyY: carol.keyPair.publicKey.y, owner: carol.owner },
      amount: 5_000n,
      fee: 20n,
      nonce: 1,
      validUntil: 0,
    });
    assert.equal(created.to, 4);
    const spent = await harness.send(carol, {
      kind: 'withdraw',
      from: 4,
      account: { owner: carol.owner, tokenId: 0 },
      amount: 100n,
      fee: 10n,
      nonce: 0,
      validUntil: 0,
    });
    await sequencer.sealNow();
    await harness.until(() => sequencer.queries.transfer(spent.id)?.status === 'final', 'finality');
    const view = sequencer.queries.transfer(spent.id)!;
    const claim = sequencer.queries.withdrawal(view.placement!.batch, view.placement!.withdrawal!);
    assert.equal(claim.withdrawal.amount, 100n);
    assert.equal(claim.header.withdrawalsRoot, harness.chain.posted.at(-1)?.withdrawalsRoot);
    assert.equal(sequencer.queries.account(4, 'finalized')?.balance, 4_890n);
  });

  it('seals by itself when the first operation has waited long enough', async () => {
    const { sequencer } = harness;
    const before = sequencer.status().sealedBatch;
    await harness.send(alice, harness.payment(2));
    await harness.clock.advance(29_000);
    assert.equal(sequencer.status().sealedBatch, before);
    await harness.clock.advance(1_000);
    await harness.until(() => sequencer.status().sealedBatch === before + 1, 'the seal');
  });
});
