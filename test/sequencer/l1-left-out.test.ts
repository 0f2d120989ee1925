import { strict as assert } from 'node:assert';
import { RollupError } from '@quittance/protocol';
import fc from 'fast-check';
import { createPerson } from '../support/rollup/person.ts';
import { createHarness, type Harness } from '../support/sequencer/harness.ts';

const alice = createPerson('alice');

describe('Sequencer: a node that leaves logs out', () => {
  let harness: Harness;

  beforeEach(async () => {
    harness = await createHarness();
  });
  afterEach(() => harness.close());

  const deposit = () => harness.chain.deposit(alice.keyPair.publicKey.y, alice.owner, 0, 7n);
  const known = () => harness.sequencer.status().priorityOperations;
  /** From now on the node gives no logs of new blocks. */
  const leaveOutLater = async (): Promise<void> => {
    const { number } = await harness.chain.head();
    harness.chain.leaveOut(({ blockNumber }) => blockNumber > number);
  };
  const look = () => harness.sequencer.pollL1();

  it('does not move past them, and reads them when the node is well', async () => {
    const before = known();
    await leaveOutLater();
    deposit();
    await assert.rejects(look(), {
      code: 'L1_LOGS_INCOMPLETE',
      message: new RegExp(`priority operation ${before} in`),
    });
    assert.equal(harness.sequencer.status().halted, undefined);
    harness.chain.leaveOut(undefined);
    deposit();
    await look();
    assert.equal(known(), before + 2);
  });

  it('takes nothing on of blocks whose logs do not add up to the count of the contract', async () => {
    const before = known();
    deposit();
    await leaveOutLater();
    deposit();
    deposit();
    await assert.rejects(look(), {
      code: 'L1_LOGS_INCOMPLETE',
      message: new RegExp(`priority operation ${before + 1} in`),
    });
    assert.equal(known(), before);
    harness.chain.leaveOut(undefined);
    await look();
    assert.equal(known(), before + 3);
  });

  it('and has come back with a later one is read again from the last operation that is known', async () => {
    const before = known();
    deposit();
    await look();
    deposit();
    deposit();
    harness.chain.leaveOut((log) => 'queueIndex' in log && log.queueIndex === before + 1);
    await assert.rejects(look(), {
      code: 'L1_LOGS_INCOMPLETE',
      message: new RegExp(`priority operation ${before + 1} in`),
    });
    harness.chain.leaveOut(undefined);
    await look();
    assert.equal(known(), before + 3);
  });

  for (const [what, requestedCount] of [
    ['that says no count', undefined],
    ['that counts what was left out', 1_000],
  ] as const) {
    it(`is made good after a restart with a cursor ${what}`, async () => {
      const before = known();
      await harness.sequencer.stop();
      deposit();
      const { number: blockNumber, hash: blockHash } = await harness.chain.head();
      harness.storage.commit(() =>
        harness.storage.meta.set('l1_cursor', JSON.stringify({ blockNumber, blockHash, requestedCount })),
      );
      await harness.restart();
      assert.equal(known(), before + 1);
      deposit();
      await look();
      assert.equal(known(), before + 2);
    });
  }

  it('keeps a restart from sealing until it gives all, and a later restart succeeds', async () => {
    const before = known();
    await harness.sequencer.stop();
    await leaveOutLater();
    deposit();
    await assert.rejects(harness.restart(), { code: 'L1_LOGS_INCOMPLETE' });
    harness.storage.close();
    harness.chain.leaveOut(undefined);
    await harness.reopen();
    assert.equal(known(), before + 1);
  });

  it('and goes on so is not asked for everything since the last operation with each look', async () => {
    const before = known();
    const distance = 15_000;
    harness.chain.mine(distance);
    let blocks = 0;
    const { priorityRequests } = harness.chain;
    Object.assign(harness.chain, {
      priorityRequests(from: number, to: number) {
        blocks += to - from + 1;
        return priorityRequests(from, to);
      },
    });
    await harness.restart();
    deposit();
    harness.chain.leaveOut((log) => 'queueIndex' in log && log.queueIndex === before);
    blocks = 0;
    for (let looks = 0; looks < 20; looks++) await assert.rejects(look(), { code: 'L1_LOGS_INCOMPLETE' });
    assert.ok(blocks < 6 * distance, `${blocks} blocks`);
    harness.chain.leaveOut(undefined);
    for (let looks = 0; looks < 64 && known() === before; looks++) await look().catch(() => undefined);
    assert.equal(known(), before + 1);
  });

  it('and has forgotten the state of old blocks serves with any number of confirmations', async () => {
    const before = known();
    const { queueState } = harness.chain;
    Object.assign(harness.chain, {
      async queueState(blockHash?: string) {
        const { number: newest } = await harness.chain.head();
        const held = (await harness.chain.block(newest - 128))?.number ?? 0;
        for (let number = held; number <= newest; number++) {
          if ((await harness.chain.block(number))?.hash === blockHash) return queueState(blockHash);
        }
        throw new RollupError('L1_UNREACHABLE', 'missing trie node');
      },
    });
    await harness.restart({ confirmations: 200 });
    deposit();
    harness.chain.mine(200);
    await look();
    assert.equal(known(), before + 1);
  });

  it('because a block changed while it was read is asked again in the same look, which fails when that goes on', async () => {
    const before = known();
    const { priorityRequests } = harness.chain;
    let changes = 0;
    Object.assign(harness.chain, {
      async priorityRequests(from: number, to: number) {
        const requests = await priorityRequests(from, to);
        if (changes-- > 0) harness.chain.reorg(1, { keepRequests: true });
        return requests;
      },
    });
    await harness.restart();
    changes = 1;
    deposit();
    await look();
    assert.equal(known(), before + 1);
    changes = 1_000;
    deposit();
    await assert.rejects(look(), { code: 'L1_REORG' });
    assert.equal(known(), before + 1);
  });

  it('in whatever order has lost nothing once it is well', async () => {
    const step = fc.oneof(
      fc.constant({ type: 'deposit' } as const),
      fc.record({ type: fc.constant('mine' as const), count: fc.integer({ min: 1, max: 3 }) }),
      fc.record({ type: fc.constant('reorg' as const), depth: fc.integer({ min: 1, max: 2 }) }),
      fc.record({ type: fc.constant('behind' as const), blocks: fc.integer({ min: 0, max: 4 }) }),
      fc.constant({ type: 'look' } as const),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
        const { chain } = harness;
        for (const action of steps) {
          if (action.type === 'deposit') deposit();
          else if (action.type === 'mine') chain.mine(action.count);
          else if (action.type === 'reorg') chain.reorg(action.depth, { keepRequests: true });
          else if (action.type === 'behind') {
            const last = (await chain.head()).number - action.blocks;
            chain.leaveOut(({ blockNumber }) => blockNumber > last);
          } else await look().catch((error: RollupError) => assert.equal(error.code, 'L1_LOGS_INCOMPLETE'));
        }
        chain.leaveOut(undefined);
        await look();
        assert.equal(known(), (await chain.queueState()).requestedCount);
        assert.equal(harness.sequencer.status().halted, undefined);
      }),
      { numRuns: 30 },
    );
  });
});
