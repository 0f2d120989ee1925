import { strict as assert } from 'node:assert';
import { createPerson } from '../support/rollup/person.ts';
import { type Follower, sharedAnswers, startFollower } from '../support/sequencer/follower.ts';
import { createHarness, type Harness } from '../support/sequencer/harness.ts';

const [alice, bob] = [createPerson('alice'), createPerson('bob')];

/** Payments of all kinds, sealed and open; the last ones are open. */
async function play(harness: Harness): Promise<void> {
  const from = await harness.fund(alice, 0, 1_000_000n);
  const to = await harness.fund(bob, 0, 1_000n);
  const toBob = { receiver: { keyY: bob.keyPair.publicKey.y, owner: bob.owner } };
  const common = { from, fee: 10n, validUntil: 0 };
  for (let nonce = 0; nonce < 5; nonce++) {
    await harness.send(alice, { ...common, kind: 'transfer', to, amount: BigInt(100 + nonce), nonce, ...toBob });
  }
  const newcomer = createPerson('newcomer');
  const receiver = { keyY: newcomer.keyPair.publicKey.y, owner: newcomer.owner };
  await harness.send(alice, { ...common, kind: 'transferToNew', receiver, amount: 77n, nonce: 5 });
  const account = { owner: alice.owner, tokenId: 0 };
  await harness.send(alice, { ...common, kind: 'withdraw', account, amount: 500n, nonce: 6 });
  await harness.sequencer.sealNow();
  await harness.send(alice, { ...common, kind: 'transfer', to, amount: 9n, nonce: 7, ...toBob });
}

describe('Replica: following', () => {
  let harness: Harness;
  let follower: Follower;
  afterEach(async () => {
    await follower.close();
    await harness.close();
  });

  it('comes to the rows of the leader, whether seals stand alone or not, and answers the same', async () => {
    for (const isMixed of [false, true]) {
      harness = await createHarness({ blobsAllowed: true });
      follower = await startFollower(harness);
      await play(harness);
      await follower.follow({ isMixed });
      await follower.replica.pollL1();
      assert.deepEqual(sharedAnswers(follower.storage), sharedAnswers(harness.storage));
      const { queries } = follower.replica;
      const index = harness.indexOf(alice);
      assert.deepEqual(queries.account(index, 'latest'), harness.sequencer.queries.account(index, 'latest'));
      assert.equal(
        queries.proof(index, 'sealed').stateRoot,
        harness.sequencer.queries.proof(index, 'sealed').stateRoot,
      );
      assert.equal(follower.replica.status().openTransfers, 1);
      if (isMixed) continue;
      await follower.close();
      await harness.close();
    }
  });
});
