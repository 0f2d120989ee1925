import assert from 'node:assert/strict';
import { portableHasher } from '@quittance/protocol';
import { createPurse, type Purse } from '../../../sequencer/fleet/rewards/purse.ts';
import { requestOf } from '../../support/sequencer/harness.ts';
import { alice, createPayerHarness, type PayerHarness } from '../../support/sequencer/payer.ts';

describe('the account that provers are paid from', () => {
  let harness: PayerHarness;
  const purse = (person = alice): Purse => {
    const { sequencer, storage } = harness;
    return createPurse({
      ...{ keyPair: person.keyPair, owner: person.owner, domain: sequencer.domain, hasher: portableHasher, storage },
      ...{ queries: sequencer.queries, suggestedFee: () => 10n, submit: sequencer.submit },
    });
  };
  before(async () => {
    harness = await createPayerHarness();
  });
  after(() => harness.close());

  it('knows which transfer used a nonce, and says nothing of what the log does not have', async () => {
    const signed = [0, 1, 2].map((nonce) => harness.sign(alice, harness.payment(nonce)));
    for (const transfer of signed) await harness.sequencer.submit(requestOf(transfer));
    const { from, to } = harness;
    assert.deepEqual(
      [0, 1, 2, 3].map((nonce) => purse().takerOf(from, nonce)?.id),
      [...signed.map(({ id }) => id), undefined],
    );
    assert.equal(purse().takerOf(from, 0)?.amount, 1n);
    assert.equal(purse().takerOf(to, 0), undefined, 'it only received');
  });
});
