/** How far an account is in a final state, by a sequencer that may lie. */

import assert from 'node:assert/strict';
import { createClient, type SequencerClient } from '@quittance/sdk';
import { createFinalNonces } from '@quittance/sdk/channels';
import { systemClock } from '../../../../runtime/index.ts';
import { type Api, startApi } from '../../../../sequencer/index.ts';
import { assertRejects } from '../../../support/assertions.ts';
import { alice, createPayerHarness, type PayerHarness } from '../../../support/sequencer/payer.ts';

type Json = Record<string, unknown>;

describe('the final state of an account, as a router asks for it', () => {
  let harness: PayerHarness;
  let api: Api;
  before(async () => {
    harness = await createPayerHarness();
    api = await startApi({ sequencer: harness.sequencer, clock: systemClock });
  });
  after(async () => {
    await api.stop();
    await harness.close();
  });

  /** @param bend what the sequencer says instead. */
  const nonceOf = (bend: (method: string, answer: Json) => Json = (_, answer) => answer) => {
    const client = createClient({ url: api.url });
    const call = async (method: never, params: never) => bend(method, (await client.call(method, params)) as Json);
    const sources = { client: { call } as unknown as Pick<SequencerClient, 'call'>, reader: harness.chain };
    return createFinalNonces(sources)(harness.from);
  };

  it('is that of the last final batch, with its time, and not what is promised', async () => {
    const before = await nonceOf();
    assert.equal(before.nonce, 0);
    await harness.send(alice, harness.payment(0));
    assert.equal((await nonceOf()).nonce, 0, 'promised');
    await harness.settle();
    const { nonce, time } = await nonceOf();
    assert.equal(nonce, 1);
    assert.equal(time, harness.storage.batches.lastFinal()!.header.time);
  });

  const LIES: readonly [string, string, (answer: Json) => Json][] = [
    [
      'of a lower nonce',
      'rollup_getProof',
      (proof) => ({ ...proof, account: { ...(proof['account'] as Json), nonce: 0 } }),
    ],
    ['of no account', 'rollup_getProof', (proof) => ({ ...proof, account: null })],
    ['of another account', 'rollup_getProof', (proof) => ({ ...proof, index: 5 })],
    [
      'of a later batch',
      'rollup_getBatch',
      (batch) => {
        const header = batch['header'] as Json;
        return { ...batch, header: { ...header, time: (header['time'] as number) + 100_000 } };
      },
    ],
  ];
  for (const [what, method, bend] of LIES) {
    it(`is believed to no sequencer that speaks ${what}`, async () => {
      await assertRejects(
        nonceOf((asked, answer) => (asked === method ? bend(answer) : answer)),
        'RPC_ANSWER_INVALID',
      );
    });
  }
});
