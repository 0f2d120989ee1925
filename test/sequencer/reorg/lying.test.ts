import { strict as assert } from 'node:assert';
import type { RollupError } from '@quittance/protocol';
import { createPerson } from '../../support/rollup/person.ts';
import { emptyBatch } from '../../support/sequencer/empty-batch.ts';
import type { FakeChain } from '../../support/sequencer/fake-chain.ts';
import { DUMMY_PROOF } from '../../support/sequencer/harness.ts';
import { createReorged, type Reorged } from '../../support/sequencer/reorged.ts';

const carol = createPerson('carol');

describe('Sequencer: what is not enough to take an operation back', () => {
  let reorged: Reorged;
  let count: number;
  let troubles: Set<string>;

  const harness = () => reorged.harness;
  const status = () => harness().sequencer.status();
  const kept = () => [reorged.unseals(), status().priorityOperations];

  /** Starts on a node that gives other answers, as one that lies or is on a fork. @returns how to end it. */
  const lie = async (answers: (honest: FakeChain) => Partial<FakeChain>): Promise<() => Promise<void>> => {
    const honest = { ...harness().chain };
    await harness().sequencer.stop();
    Object.assign(harness().chain, answers(honest));
    await harness().restart();
    return async () => {
      for (const name of Object.keys(answers(honest)))
        Object.assign(harness().chain, { [name]: honest[name as never] });
      await harness().restart();
    };
  };
  /** Looks at many new blocks, one by one. @returns the codes of the looks that failed. */
  const lookAtBlocks = async (blocks: number): Promise<string[]> => {
    for (let block = 0; block < blocks; block++) {
      harness().chain.mine(1);
      await harness()
        .sequencer.pollL1()
        .catch((error: RollupError) => troubles.add(error.code));
    }
    return [...troubles];
  };

  beforeEach(async () => {
    reorged = await createReorged();
    troubles = new Set();
    reorged.deposit(carol, 50n);
    count = status().priorityOperations + 1;
    await reorged.takenOn(count);
    await harness().settle();
    harness().chain.mine(1);
    await harness().sequencer.pollL1();
  });
  afterEach(() => harness().close());

  it('is a node that has another operation, and still the block of the one that was taken on', async () => {
    const stop = await lie((honest) => ({
      priorityRequests: async (from, to) =>
        (await honest.priorityRequests(from, to)).map((request) => ({ ...request, words: [1n, 1n, 1n] })),
    }));
    // It reads again because the block that it had read last is another one.
    harness().chain.reorg(1);
    assert.deepEqual(await lookAtBlocks(8), ['L1_INCONSISTENT']);
    assert.equal(status().trouble?.code, 'OPERATION_REPLACED');
    assert.deepEqual(kept(), [0, count]);
    await stop();
    await lookAtBlocks(1);
    await reorged.assertWhole();
    assert.deepEqual(kept(), [0, count]);
  });

  it('is a node that has less in its queue, and still the block of what it lacks', async () => {
    const stop = await lie((honest) => ({
      priorityRequests: async () => [],
      queueState: async (hash) => ({ ...(await honest.queueState(hash)), requestedCount: count - 1 }),
    }));
    const { meta } = harness().storage;
    const cursor = JSON.parse(meta.get('l1_cursor')!) as object;
    harness().storage.commit(() => meta.set('l1_cursor', JSON.stringify({ ...cursor, requestedCount: count - 1 })));
    assert.deepEqual(await lookAtBlocks(8), ['L1_INCONSISTENT']);
    assert.deepEqual(kept(), [0, count]);
    await stop();
    await lookAtBlocks(1);
    assert.deepEqual(kept(), [0, count]);
  });

  it('is a node that has another operation, and the batch that executes the one that was taken on', async () => {
    const row = harness().storage.priority.get(count - 1)!;
    await lie((honest) => ({
      block: async (number) => {
        const block = await honest.block(number);
        return block === undefined || number !== row.blockNumber ? block : { ...block, hash: `0x${'ab'.repeat(32)}` };
      },
      priorityRequests: async (from, to) =>
        (await honest.priorityRequests(from, to)).map((request) =>
          request.queueIndex < count - 1
            ? request
            : { ...request, words: [1n, 1n, 1n], blockHash: `0x${'ab'.repeat(32)}` },
        ),
    }));
    harness().chain.reorg(1);
    assert.deepEqual(await lookAtBlocks(8), ['L1_INCONSISTENT']);
    assert.deepEqual(kept(), [0, count]);
    assert.equal(status().halted, undefined);
  });

  it('are words that change from look to look', async () => {
    await harness().restart({ confirmations: 3 });
    for (let round = 0; round < 6; round++) {
      const { number } = await harness().chain.head();
      harness().chain.reorg(Math.min(6, number));
      reorged.deposit(carol, BigInt(round + 1));
      harness().chain.mine(3);
      await harness().sequencer.pollL1();
      assert.equal(status().trouble?.code, 'OPERATION_REPLACED');
    }
    assert.deepEqual(kept(), [0, count]);
    // Only once it stays.
    await reorged.untilCertain();
    await harness().restart();
    await reorged.assertWhole();
    assert.equal(reorged.balanceOf(carol), 6n);
  });

  it('are requests of blocks that others took the place of while they were read: they are not even taken on', async () => {
    let isRead = false;
    await lie((honest) => ({
      async priorityRequests(from, to) {
        const found = await honest.priorityRequests(from, to);
        if (found.length === 0 || isRead) return found;
        isRead = true;
        harness().chain.reorg(1);
        reorged.deposit(carol, 9n);
        return found;
      },
    }));
    reorged.deposit(carol, 5n);
    await reorged.takenOn(count + 1);
    assert.equal(isRead, true);
    await reorged.assertWhole();
    assert.deepEqual([reorged.unseals(), reorged.balanceOf(carol)], [0, 59n]);
  });

  it('is mended when L1 refuses what was built on such requests all the same', async () => {
    let isRead = false;
    await lie((honest) => ({
      async priorityRequests(from, to) {
        const found = await honest.priorityRequests(from, to);
        if (found.length === 0 || isRead) return found;
        isRead = true;
        const blockHash = `0x${'cd'.repeat(32)}`;
        // In the last block that is read it would be noticed.
        harness().chain.mine(1);
        return found.map((request) => ({ ...request, words: [request.words[0]!, request.words[1]!, 5n], blockHash }));
      },
    }));
    reorged.deposit(carol, 9n);
    harness().chain.mine(1);
    await reorged.takenOn(count + 1);
    await harness().sequencer.sealNow();
    await reorged.untilCertain();
    await reorged.assertWhole();
    assert.deepEqual([reorged.unseals(), reorged.balanceOf(carol)], [1, 59n]);
  });

  it('halts when another producer went on from what L1 has now', async () => {
    await harness().restart({ confirmations: 2 });
    harness().chain.reorg(4);
    reorged.deposit(carol, 8n);
    const { authorizations: _, ...batch } = emptyBatch(harness().chain.posted.at(-1)!);
    await harness().chain.submitBatch({ ...batch, evaluations: [], opening: new Uint8Array(), proofs: [DUMMY_PROOF] });
    await harness().until(() => status().halted !== undefined, 'the halt');
    assert.equal(status().halted?.code, 'FOREIGN_BATCH_FINAL');
    assert.deepEqual(kept(), [0, count]);
  });
});
