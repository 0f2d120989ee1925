import { strict as assert } from 'node:assert';
import {
  packOwnerAndToken,
  portableHasher,
  signMessage,
  transactionMessage,
  transferRecord,
  withdrawalLeaf,
} from '@quittance/protocol';
import type { Intent } from '@quittance/sdk';
import { createPerson } from '../support/rollup/person.ts';
import { alice, createPayerHarness, type PayerHarness } from '../support/sequencer/payer.ts';
import { replaySubmissions } from '../support/sequencer/replay.ts';

const there = createPerson('there');

describe('Sequencer: moves', () => {
  let harness: PayerHarness;
  beforeEach(async () => {
    harness = await createPayerHarness();
  });
  afterEach(() => harness.close());

  const move = (nonce: number, destination: number): Intent => ({
    kind: 'move',
    from: harness.from,
    amount: 700n,
    fee: 10n,
    nonce,
    validUntil: 0,
    account: { owner: alice.owner, tokenId: 0 },
    destination,
    keyY: there.keyPair.publicKey.y,
  });
  /** What the sequencer looks at comes with a new block. */
  const look = async (): Promise<void> => {
    harness.chain.mine(harness.sequencer.config.confirmations);
    await harness.sequencer.pollL1();
    await harness.clock.advance(100);
  };

  it('are refused with DESTINATION_UNKNOWN until L1 has their destination', async () => {
    await assert.rejects(harness.send(alice, move(0, 0)), { code: 'DESTINATION_UNKNOWN' });
    assert.equal(harness.chain.registerDestination(), 0);
    await look();
    assert.equal((await harness.send(alice, move(0, 0))).status, 'pending');
    await assert.rejects(harness.send(alice, move(1, 1)), { code: 'DESTINATION_UNKNOWN' });
  });

  it('are refused with INVALID_KEY for a key that could not spend there', async () => {
    harness.chain.registerDestination();
    await look();
    const intent = { ...move(0, 0), keyY: 0n } as Extract<Intent, { kind: 'move' }>;
    // No wallet of ours signs it.
    const id = transactionMessage(portableHasher, {
      domain: harness.sequencer.domain,
      fields: transferRecord(intent).fields,
      nonce: 0,
      validUntil: 0,
      receiverKeyY: 0n,
      receiverOwner: 0n,
    });
    const { authorization } = harness.sign(alice, move(0, 0));
    const forged = { ...authorization, ...signMessage(portableHasher, alice.keyPair, id) };
    const sent = { ...move(0, 0), kind: 'move', toKeyY: 0n, destination: 0, authorization: forged } as const;
    await assert.rejects(harness.sequencer.submit(sent), { code: 'INVALID_KEY' });
  });

  it('are refused with BAD_SIGNATURE for another key or destination than was signed', async () => {
    harness.chain.registerDestination();
    harness.chain.registerDestination();
    await look();
    const { authorization } = harness.sign(alice, move(0, 0));
    const request = { from: harness.from, amount: 700n, fee: 10n, nonce: 0, authorization, kind: 'move' } as const;
    const toKeyY = there.keyPair.publicKey.y;
    for (const changes of [{ destination: 1 }, { toKeyY: alice.keyPair.publicKey.y }]) {
      await assert.rejects(harness.sequencer.submit({ ...request, destination: 0, toKeyY, ...changes }), {
        code: 'BAD_SIGNATURE',
      });
    }
  });

  it('become a withdrawal with a target, with its proof', async () => {
    harness.chain.registerDestination();
    await look();
    const { id } = await harness.send(alice, move(0, 0));
    await harness.settle();
    const { queries } = harness.sequencer;
    const { batch, placement, status } = queries.transfer(id)!;
    assert.equal(status, 'final');
    const claim = queries.withdrawal(batch!.number, placement!.withdrawal!);
    const expected = {
      ownerAndToken: packOwnerAndToken(alice.owner, 0),
      amount: 700n,
      move: { destination: 0, keyY: there.keyPair.publicKey.y },
    };
    assert.deepEqual(claim.withdrawal, expected);
    assert.equal(claim.header.withdrawalsRoot, withdrawalLeaf(expected));
    await harness.restart();
    assert.deepEqual(harness.sequencer.queries.withdrawal(batch!.number, placement!.withdrawal!), claim);
    const { chainId, contract } = harness.chain;
    const { withdrawals } = replaySubmissions(harness.chain.submissions, harness.sequencer.config.profile, {
      chainId,
      contract,
    });
    assert.deepEqual(withdrawals, [expected]);
  });
});
