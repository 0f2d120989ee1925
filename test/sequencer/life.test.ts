import { strict as assert } from 'node:assert';
import { createPerson } from '../support/person.ts';
import { createHarness, type Harness } from '../support/sequencer-harness.ts';

describe('Sequencer: the life of a transfer', () => {
  const alice = createPerson('alice');
  const bob = createPerson('bob');
  const carol = createPerson('carol');
  let harness: Harness;
  let from: number;
  let to: number;

  before(async () => {
    harness = await createHarness();
    from = await harness.fund(alice, 0, 1_000_000n);
    to = await harness.fund(bob, 0, 500n);
  });
  after(() => harness.close());

  it('gives deposits their accounts, in batches that L1 has', () => {
    const { queries } = harness.sequencer;
    assert.deepEqual([from, to], [2, 3]);
    assert.equal(queries.account(from, 'finalized')?.balance, 1_000_000n);
    assert.equal(harness.chain.posted.length, 4);
    assert.equal(harness.chain.posted.at(-1)?.stateRoot, queries.proof(from, 'finalized').stateRoot);
  });

  it('takes a transfer from pending to final with the same words everywhere', async () => {
    const { sequencer } = harness;
    const seen: string[] = [];
    const stopListening = sequencer.events.on('transfer', ({ status }) => seen.push(status));
    const ack = await harness.send(alice, {
      kind: 'transfer',
      from,
      to,
      receiver: { keyY: bob.keyPair.publicKey.y, owner: bob.owner },
      amount: 1_000n,
      fee: 10n,
      nonce: 0,
      validUntil: 0,
    });
    assert.equal(ack.status, 'pending');
    assert.equal(sequencer.queries.account(to, 'latest')?.balance, 1_500n);
    assert.equal(sequencer.queries.account(to, 'finalized')?.balance, 500n);
    harness.prover.hold();
    await sequencer.sealNow();
    await harness.until(() => sequencer.queries.transfer(ack.id)?.status === 'proving', 'proving');
    harness.prover.release();
    await harness.until(() => sequencer.queries.transfer(ack.id)?.status === 'final', 'finality');
    stopListening();
    assert.deepEqual(seen, ['pending', 'sealed']);
    assert.equal(sequencer.queries.account(to, 'finalized')?.balance, 1_500n);
    assert.equal(sequencer.queries.account(from, 'finalized')?.balance, 1_000_000n - 1_010n);
    assert.equal(sequencer.queries.account(harness.indexOf(harness.operator), 'finalized')?.balance, 1_010n);
  });

  it('creates accounts for new keys and pays withdrawals', async () => {
    const { sequencer } = harness;
    const created = await harness.send(alice, {
      kind: 'transferToNew',
      from,
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
    await harness.send(alice, {
      kind: 'transfer',
      from,
      to,
      receiver: { keyY: bob.keyPair.publicKey.y, owner: bob.owner },
      amount: 1n,
      fee: 10n,
      nonce: 2,
      validUntil: 0,
    });
    await harness.clock.advance(29_000);
    assert.equal(sequencer.status().sealedBatch, before);
    await harness.clock.advance(2_000);
    assert.equal(sequencer.status().sealedBatch, before + 1);
  });
});
