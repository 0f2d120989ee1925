import { strict as assert } from 'node:assert';
import { mayLeaveOverdue, PROFILES } from '@quittance/protocol';
import { limitsOf } from '../../sequencer/mempool/data-limits.ts';
import { groupEndOf } from '../../sequencer/mempool/open-entry.ts';
import { createPacking } from '../../sequencer/mempool/packing.ts';
import { createPerson } from '../support/rollup/person.ts';
import { alice, createPayerHarness, type PayerHarness } from '../support/sequencer/payer.ts';

const people = Array.from({ length: 16 }, (_, number) => createPerson(`group ${number}`));
const deposits = (count: number) =>
  people.slice(0, count).map(({ keyPair, owner }) => ({ keyY: keyPair.publicKey.y, owner, tokenId: 0, amount: 7n }));

describe('Sequencer: groups of the queue', () => {
  let harness: PayerHarness;
  beforeEach(async () => {
    harness = await createPayerHarness();
  });
  afterEach(() => harness.close());

  const queued = async (count: number): Promise<void> => {
    await harness.until(() => harness.sequencer.status().priorityOperations >= count, 'the queue');
  };
  /** Priority operations that each batch executes. */
  const counts = (first: number) => harness.storage.batches.range(first, 100).map(({ priorityCount }) => priorityCount);

  it('are executed by one batch, with an account for each deposit', async () => {
    const first = harness.chain.importDeposits(deposits(5));
    await queued(first + 5);
    const next = harness.sequencer.status().sealedBatch + 1;
    await harness.settle();
    assert.deepEqual(counts(next), [5]);
    for (const person of people.slice(0, 5)) assert.ok(harness.indexOf(person) > 0);
  });

  it('wait for the next batch when they do not fit', async () => {
    const next = harness.sequencer.status().sealedBatch + 1;
    const first = harness.chain.importDeposits(deposits(16));
    harness.chain.importDeposits(deposits(10));
    harness.chain.importDeposits(deposits(16));
    await queued(first + 42);
    await harness.settle();
    assert.deepEqual(counts(next), [26, 16]);
    assert.equal(harness.sequencer.status().halted, undefined);
  });

  it('wait when transfers before them took the room', async () => {
    const next = harness.sequencer.status().sealedBatch + 1;
    for (let nonce = 0; nonce < 20; nonce++) await harness.send(alice, harness.payment(nonce));
    const first = harness.chain.importDeposits(deposits(12));
    await queued(first + 12);
    await harness.settle();
    assert.deepEqual(counts(next), [0, 12]);
  });

  it('stay whole over a restart between the log and the batch', async () => {
    const first = harness.chain.importDeposits(deposits(10));
    await queued(first + 10);
    const next = harness.sequencer.status().sealedBatch + 1;
    await harness.restart();
    assert.deepEqual(
      [...harness.storage.log.range(1)].flatMap(({ entry }) =>
        entry.type === 'priority' && entry.queueIndex >= first ? [groupEndOf(entry)] : [],
      ),
      Array.from({ length: 10 }, () => first + 9),
    );
    for (let nonce = 0; nonce < 8; nonce++) await harness.send(alice, harness.payment(nonce));
    harness.chain.importDeposits(deposits(14));
    await queued(first + 24);
    await harness.settle();
    assert.deepEqual(counts(next), [10, 14]);
  });

  it('are not taken for others: one that a reorg put together differently is another operation', async () => {
    const [one] = deposits(1);
    harness.chain.deposit(one!.keyY, one!.owner, 0, 7n);
    harness.chain.deposit(one!.keyY, one!.owner, 0, 7n);
    const { requestedCount } = await harness.chain.queueState();
    await queued(requestedCount);
    harness.chain.reorg(2);
    harness.chain.importDeposits([one!, one!]);
    harness.chain.mine();
    await harness.until(() => harness.sequencer.status().trouble !== undefined, 'the doubt');
    assert.equal(harness.sequencer.status().trouble?.code, 'OPERATION_REPLACED');
    harness.chain.mine();
    await harness.until(() => harness.sequencer.status().trouble === undefined, 'certainty');
    const ends = [...harness.storage.log.range(1)].flatMap(({ entry }) =>
      entry.type === 'priority' ? [groupEndOf(entry)] : [],
    );
    const last = requestedCount - 1;
    assert.deepEqual(ends.slice(-4), [last - 1, last, last, last]);
  });
});

describe('Sequencer: the room of a group', () => {
  it('is that of all of its operations or none', () => {
    const packing = createPacking(PROFILES.quick);
    assert.equal(packing.addPriority(16), true);
    assert.equal(packing.addPriority(10), true);
    assert.equal(packing.addPriority(7), false);
    assert.equal(packing.priorityCount, 26);
    assert.equal(packing.addPriority(6), true);
    assert.equal(packing.isFull, true);
  });

  for (const profile of Object.values(PROFILES)) {
    for (const [way, form] of [
      ['proven', 'calldata'],
      ['proven', 'coefficients'],
      ['asserted', 'calldata'],
      ['asserted', 'evaluations'],
    ] as const) {
      it(`leaves one behind only where L1 lets it, ${way} in ${form}, ${profile.name}`, () => {
        for (const size of [1, 7, 100, 128].filter((count) => count <= profile.slotsPerChunk)) {
          const packing = createPacking(profile, limitsOf(way, form, profile));
          while (packing.addPriority(size));
          const slots = Math.ceil(packing.priorityCount / profile.slotsPerChunk) * profile.slotsPerChunk;
          assert.ok(mayLeaveOverdue(packing.priorityCount, size, slots), `${packing.priorityCount} by ${size}`);
        }
      });
    }
  }
});
