import { strict as assert } from 'node:assert';
import { createPerson } from '../support/rollup/person.ts';
import { createHarness, type Harness } from '../support/sequencer/harness.ts';

const YEAR = 365 * 86_400;

describe('Sequencer: a node that gave a false time', () => {
  let harness: Harness;

  beforeEach(async () => {
    harness = await createHarness();
  });
  afterEach(() => harness.close());

  it('stops nothing for good: the batch of a time to come is sealed anew at the next start', async () => {
    const { head } = harness.chain;
    let ahead = YEAR;
    Object.assign(harness.chain, {
      async head() {
        const newest = await head();
        return { ...newest, timestamp: newest.timestamp + ahead };
      },
    });
    await harness.restart();
    const alice = createPerson('alice');
    harness.chain.deposit(alice.keyPair.publicKey.y, alice.owner, 0, 5n);
    await harness.sequencer.pollL1();
    await harness.sequencer.sealNow();
    const sealed = harness.storage.batches.last()!;
    assert.ok(sealed.header.time > harness.chain.time + YEAR / 2);
    ahead = 0;
    await harness.restart();
    const batch = sealed.number;
    await harness.until(() => harness.storage.batches.get(batch)?.state === 'final', 'finality');
    assert.equal(harness.sequencer.status().halted, undefined);
  });
});
