import { strict as assert } from 'node:assert';
import { createPortableVerifier, portableHasher, type RollupError, referenceMessage } from '@quittance/protocol';
import { systemClock } from '../../runtime/index.ts';
import { type Api, startApi } from '../../sequencer/index.ts';
import type { Submission } from '../../sequencer/mempool/request.ts';
import type { PaymentReference } from '../../storage/index.ts';
import { requestOf } from '../support/sequencer/harness.ts';
import { alice, bob, createPayerHarness, type PayerHarness } from '../support/sequencer/payer.ts';
import { hexOf, referenceJson, signReference } from '../support/sequencer/references.ts';
import { rpc, transferJson } from '../support/sequencer/rpc.ts';
import { readDocument, sectionOf } from '../support/sources/markdown.ts';

describe('Sequencer: payment references', () => {
  let harness: PayerHarness;
  let api: Api;
  let nonce = 0;

  /** The next payment, with a reference signed by its payer or another. */
  const payment = (text: string, signer = alice) => {
    const signed = harness.sign(alice, harness.payment(nonce));
    return { signed, reference: signReference(signer, signed, text) };
  };
  const submissionOf = (signed: ReturnType<typeof payment>['signed'], reference?: PaymentReference): Submission =>
    reference === undefined ? requestOf(signed) : { ...requestOf(signed), reference };
  const codeOf = async (...submissions: Submission[]) => {
    const answers = await harness.sequencer.submitAll(submissions);
    return answers.map((answer) =>
      'error' in answer ? (answer.error as RollupError).code : answer.acknowledgement.status,
    );
  };
  const send = async (transfer: object) => (await rpc(api.url, 'rollup_sendTransfer', { transfer })).body;

  before(async () => {
    harness = await createPayerHarness();
    api = await startApi({ sequencer: harness.sequencer, clock: systemClock });
  });
  after(async () => {
    await api.stop();
    await harness.close();
  });

  it('are kept with the transfer and delivered with it, over a restart too', async () => {
    const { signed, reference } = payment('order 4711');
    const body = await send({ ...transferJson(signed), reference: referenceJson(reference) });
    assert.equal((body.result as { status: string }).status, 'pending', JSON.stringify(body));
    nonce += 1;
    const view = (await rpc(api.url, 'rollup_getTransaction', { id: String(signed.id) })).body.result;
    assert.equal((view as { reference: string }).reference, hexOf('order 4711'));
    const found = await rpc(api.url, 'rollup_findTransactions', { reference: hexOf('order 4711') });
    const { entries, next } = found.body.result as { entries: { id: string; reference: string }[]; next: null };
    assert.deepEqual(
      [entries.map(({ id }) => id), entries[0]?.reference, next],
      [[String(signed.id)], hexOf('order 4711'), null],
    );
    await api.stop();
    await harness.restart();
    api = await startApi({ sequencer: harness.sequencer, clock: systemClock });
    const kept = harness.storage.log.findTransfer(signed.id)?.entry;
    assert.ok(kept?.type === 'transfer' && kept.reference !== undefined);
    assert.deepEqual(kept.reference, reference);
    // Whoever has the log can show what the payer signed.
    const message = referenceMessage(portableHasher, signed.id, kept.reference.bytes);
    const { verify } = createPortableVerifier(portableHasher);
    assert.ok(verify({ key: alice.keyPair.publicKey, signature: kept.reference, message }));
  });

  it('are found by all of their bytes, of one account if it is named', async () => {
    const ask = async (params: object) =>
      ((await rpc(api.url, 'rollup_findTransactions', params)).body.result as { entries: unknown[] }).entries.length;
    assert.equal(await ask({ reference: hexOf('order 4711'), account: harness.to }), 1);
    assert.equal(await ask({ reference: hexOf('order 4711'), account: 0 }), 0);
    assert.equal(await ask({ reference: hexOf('order 471') }), 0);
  });

  it('are refused with BAD_REFERENCE unless the payer signed them for this transfer, and the transfer with them', async () => {
    const { signed, reference } = payment('rent');
    const head = harness.storage.log.head();
    const of = (changes: Partial<PaymentReference>) => submissionOf(signed, { ...reference, ...changes });
    const other = signReference(alice, { id: signed.id + 1n }, 'rent');
    for (const bad of [
      submissionOf(signed, signReference(bob, signed, 'rent')),
      submissionOf(signed, other),
      of({ bytes: Buffer.from('Rent') }),
      of({ bytes: Buffer.from('rent\0') }),
      of({ s: reference.s + 1n }),
      of({ r8: { ...reference.r8, x: reference.r8.x + 1n } }),
    ]) {
      const [answer] = await harness.sequencer.submitAll([bad]);
      assert.ok(answer !== undefined && 'error' in answer);
      assert.deepEqual([(answer.error as RollupError).code, answer.isWasted], ['BAD_REFERENCE', true]);
    }
    const forged = requestOf(signed);
    const both = { ...forged, authorization: { ...forged.authorization, s: forged.authorization.s + 1n }, reference };
    assert.deepEqual(await codeOf(both), ['BAD_SIGNATURE'], 'the transfer itself comes first');
    assert.deepEqual(harness.storage.log.head(), head);
    assert.deepEqual(await codeOf(submissionOf(signed, reference)), ['pending']);
    nonce += 1;
  });

  it('stay as they are when the transfer comes again: the same is acknowledged, another refused', async () => {
    const { signed, reference } = payment('first');
    const second = signReference(alice, signed, 'second');
    assert.deepEqual(await codeOf(submissionOf(signed, reference), submissionOf(signed, second)), [
      'pending',
      'REFERENCE_KEPT',
    ]);
    nonce += 1;
    assert.deepEqual(await codeOf(submissionOf(signed, reference), submissionOf(signed)), ['pending', 'pending']);
    const body = await send({ ...transferJson(signed), reference: referenceJson(second) });
    assert.deepEqual(
      [body.error?.data?.['reason'], body.error?.data?.['expected'], body.error?.data?.['actual']],
      ['REFERENCE_KEPT', hexOf('first'), hexOf('second')],
    );
    await harness.settle();
    assert.equal(harness.sequencer.queries.transfer(signed.id)?.status, 'final', 'the transfer stands');
  });

  it('cannot be added to a transfer that came without one', async () => {
    const { signed, reference } = payment('late');
    assert.deepEqual(await codeOf(submissionOf(signed), submissionOf(signed, reference)), [
      'pending',
      'REFERENCE_KEPT',
    ]);
    nonce += 1;
    const [answer] = await harness.sequencer.submitAll([submissionOf(signed, reference)]);
    assert.ok(answer !== undefined && 'error' in answer);
    const { code, message, data } = answer.error as RollupError;
    assert.deepEqual([code, data['expected']], ['REFERENCE_KEPT', null]);
    assert.match(message, /without a payment reference/);
  });

  for (const [what, change, reason] of [
    ['no bytes', { bytes: '0x' }, 'INVALID_PARAMS'],
    ['more than 140 bytes', { bytes: hexOf('x'.repeat(141)) }, 'INVALID_PARAMS'],
    ['half a byte', { bytes: '0x123' }, 'INVALID_PARAMS'],
    ['no signature', { s: undefined }, 'INVALID_PARAMS'],
    ['a coordinate that is no field element', { r8x: String(2n ** 255n) }, 'OUT_OF_RANGE'],
  ] as const) {
    it(`are refused with ${what}`, async () => {
      const { signed, reference } = payment('x');
      const body = await send({ ...transferJson(signed), reference: { ...referenceJson(reference), ...change } });
      assert.equal(body.error?.data?.['reason'], reason, JSON.stringify(body));
    });
  }

  it('may have 140 bytes', async () => {
    const { signed, reference } = payment('é'.repeat(70));
    assert.equal(reference.bytes.length, 140);
    assert.deepEqual(await codeOf(submissionOf(signed, reference)), ['pending']);
    nonce += 1;
  });

  it('are checked beside good ones of the same group', async () => {
    const [good, bad] = [payment('good'), payment('bad', bob)];
    nonce += 1;
    const next = payment('next');
    const codes = await codeOf(
      submissionOf(bad.signed, bad.reference),
      submissionOf(good.signed, good.reference),
      submissionOf(next.signed, next.reference),
    );
    nonce += 1;
    assert.deepEqual(codes, ['BAD_REFERENCE', 'pending', 'pending']);
  });
});

describe('docs/protocol.md: Payment references', () => {
  const text = sectionOf(readDocument('docs/protocol.md'), 'Payment references');

  it('gives a message that the code gives too', () => {
    const example = /id ([0-9]+), reference `(0x[0-9a-f]+)`: message ([0-9]+)/.exec(text);
    assert.ok(example !== null, 'the example');
    const [, id, reference, message] = example;
    const bytes = new Uint8Array(Buffer.from(reference!.slice(2), 'hex'));
    assert.equal(String(referenceMessage(portableHasher, BigInt(id!), bytes)), message);
    const tag = /tag `quittance:reference:1`[^0-9]*([0-9]+)/.exec(text)?.[1];
    assert.equal(BigInt(tag!), BigInt(`0x${Buffer.from('quittance:reference:1').toString('hex')}`));
  });
});
