import { strict as assert } from 'node:assert';
import { createPerson } from '../support/rollup/person.ts';
import { type Cluster, createCluster, isLeading } from '../support/sequencer/cluster.ts';

const [alice, bob] = [createPerson('alice'), createPerson('bob')];

describe('Sequencer: nodes', () => {
  let cluster: Cluster;
  let from: number;
  let to: number;

  beforeEach(async () => {
    cluster = await createCluster(['a', 'b']);
    from = await cluster.fund(alice, 1_000_000n);
    to = await cluster.fund(bob, 500n);
  });
  afterEach(() => cluster.close());

  const payment = (nonce: number, amount = 100n) =>
    cluster.sign(alice, {
      ...{ kind: 'transfer', from, to, amount, fee: 10n, nonce, validUntil: 0 },
      receiver: { keyY: bob.keyPair.publicKey.y, owner: bob.owner },
    });

  it('have one that leads, and others that have all it has', async () => {
    const [a, b] = cluster.members as [never, never];
    assert.deepEqual([isLeading(a), isLeading(b)], [true, false]);
    const { node } = cluster.leader();
    const ack = await node.present.submit(payment(0));
    assert.equal(ack.status, 'pending');
    await node.present.sealNow();
    await cluster.caughtUp(b);
  });
});
