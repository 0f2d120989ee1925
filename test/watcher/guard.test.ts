import { strict as assert } from 'node:assert';
import { createAssertionReader, createRollupReader } from '@quittance/chain';
import { RollupError } from '@quittance/protocol';
import type { CheckEndpoint } from '../../watcher/index.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { assertBatch, buildOn, sendAnswer, sendDispute } from '../support/optimistic/calls.ts';
import { assertionsFixture } from '../support/optimistic/fixture.ts';
import { THEFT } from '../support/optimistic/lie-chunks.ts';
import { actionsOf, endpointOf, storeAt, verdictsOf, watch } from '../support/watcher/watch.ts';

describe('Watcher: when no bond is staked', () => {
  const fixture = assertionsFixture();
  /** Another way to the same L1, with some answers changed. */
  const endpoint = (reader: object = {}, assertions: object = {}): CheckEndpoint => ({
    name: 'second.example',
    reader: { ...createRollupReader(endpointOf(fixture.world)), ...reader },
    assertions: { ...createAssertionReader(endpointOf(fixture.world)), ...assertions },
  });
  const original = () => {
    const reader = createAssertionReader(endpointOf(fixture.world));
    return {
      async assertion(id: bigint) {
        await reader.connect();
        return reader.assertion(id);
      },
    };
  };
  const lie = async () => {
    const { world, prepared } = fixture;
    const built = await buildOn(world, prepared.tip, [THEFT]);
    return { built, id: await assertBatch(world, built) };
  };
  /** What a challenger does, and what it says about it. */
  async function poll(options: Parameters<typeof watch>[2]) {
    const { world, prepared } = fixture;
    const store = storeAt(world, prepared.tip);
    const watcher = await watch(world, prepared.tip, { mode: 'challenge', signer: world.bob, store, ...options });
    const actions = actionsOf(await watcher.poll());
    const alerts = store.alerts.due(Number.MAX_SAFE_INTEGER, 1, 100).map(({ content }) => JSON.parse(content));
    return { actions, refusals: alerts.filter(({ kind }) => kind === 'challengeRefused') };
  }

  it('is staked when another node is behind, but has the assertion', async () => {
    await lie();
    const reader = createRollupReader(endpointOf(fixture.world));
    const last = await reader.head();
    await fixture.world.l1.networkHelpers.mine(3);
    const behind = {
      block: async (number: number) => (number <= last.number ? reader.block(number) : undefined),
      head: async () => last,
    };
    assert.deepEqual(await poll({ checks: [endpoint(behind)] }), { actions: ['dispute done'], refusals: [] });
  });

  it('is staked when another node says the same', async () => {
    await lie();
    assert.deepEqual(await poll({ checks: [endpoint()] }), { actions: ['dispute done'], refusals: [] });
  });

  const disagreeing: readonly (readonly [string, object, object, string, RegExp])[] = [
    [
      'has another block of this number',
      { block: async (number: number) => ({ number, hash: `0x${'99'.repeat(32)}`, parentHash: '0x', timestamp: 1 }) },
      {},
      'endpointsDisagree',
      /its block \d+ is 0x9999/,
    ],
    [
      'has not the block of the assertion yet',
      { block: async () => undefined, head: async () => ({ number: 1, hash: '0x', parentHash: '0x', timestamp: 1 }) },
      {},
      'endpointsDisagree',
      /it has no block \d+ yet/,
    ],
    [
      'is behind on another chain',
      {
        block: async () => undefined,
        head: async () => ({ number: 9_999, hash: `0x${'99'.repeat(32)}`, parentHash: '0x', timestamp: 1 }),
      },
      {},
      'endpointsDisagree',
      /its block 9999 is 0x9999.*, ours is not there/,
    ],
    [
      'has another header for the assertion',
      {},
      { assertion: async () => ({ headerHash: `0x${'77'.repeat(32)}`, isPending: true }) },
      'endpointsDisagree',
      /has header hash 0x7777/,
    ],
    [
      'has other authorizations for the assertion',
      {},
      {
        assertion: async (id: bigint) => ({ ...(await original().assertion(id)), contentHash: `0x${'55'.repeat(32)}` }),
      },
      'endpointsDisagree',
      /has content hash 0x5555/,
    ],
    [
      'does not have it waiting',
      {},
      { assertion: async (id: bigint) => ({ ...(await original().assertion(id)), isPending: false }) },
      'endpointsDisagree',
      /does not wait any more/,
    ],
    [
      'does not answer',
      {},
      {
        assertion: async () => {
          throw new RollupError('L1_UNREACHABLE', 'L1 did not answer');
        },
      },
      'endpointUnreachable',
      /cannot confirm/,
    ],
  ];
  for (const [how, reader, assertions, reason, message] of disagreeing) {
    it(`is not staked when another node ${how}, and says so once`, async () => {
      await lie();
      const { actions, refusals } = await poll({ checks: [endpoint(), endpoint(reader, assertions)] });
      assert.deepEqual(actions, ['dispute uncertain']);
      assert.deepEqual(
        refusals.map((alert) => alert.reason),
        [reason],
      );
      assert.match(refusals[0].message, message);
      assert.match(refusals[0].message, /second\.example/);
    });
  }

  it('is not staked on a head that is older than allowed, to the second', async () => {
    await lie();
    const { timestamp } = await createRollupReader(endpointOf(fixture.world)).head();
    const at = (age: number) => poll({ clock: createManualClock(1_000 * (timestamp + age)), maxHeadAgeSeconds: 60 });
    const stale = await at(61);
    assert.deepEqual(stale.actions, ['dispute uncertain']);
    assert.match(stale.refusals[0].message, /61 s old/);
    assert.deepEqual((await at(60)).actions, ['dispute done']);
  });

  it('is not staked before the assertion is as deep as wanted, and then at once', async () => {
    const { world, prepared } = fixture;
    await lie();
    const watcher = await watch(world, prepared.tip, { mode: 'challenge', signer: world.bob, confirmations: 3 });
    assert.deepEqual(actionsOf(await watcher.poll()), ['dispute waiting']);
    await world.l1.networkHelpers.mine(1);
    assert.deepEqual(actionsOf(await watcher.poll()), ['dispute waiting']);
    await world.l1.networkHelpers.mine(1);
    assert.deepEqual(actionsOf(await watcher.poll()), ['dispute done']);
  });

  it('lets a dispute of somebody else be played: nothing is at stake', async () => {
    const { world } = fixture;
    const { built, id } = await lie();
    await sendDispute(world, id, built, 0, { signer: world.alice });
    await sendAnswer(world, id, built, 0);
    const { actions } = await poll({ checks: [endpoint({ block: async () => Promise.reject(new Error('asked')) })] });
    assert.deepEqual(actions, ['commit done']);
  });

  it('begins on no node that names another domain, under which all signatures would look forged', async () => {
    const { world, prepared } = fixture;
    const reader = createRollupReader(endpointOf(world));
    const lying = { ...reader, connect: async () => ({ ...(await reader.connect()), domain: 1n }) };
    await assert.rejects(watch(world, prepared.tip, { reader: lying }), { code: 'L1_WRONG_CHAIN' });
  });

  it('does nothing about a batch of which it has not read the event', async () => {
    await lie();
    const { world, prepared } = fixture;
    const reader = createAssertionReader(endpointOf(world));
    const blind = { ...reader, events: async () => [] };
    const report = await (await watch(world, prepared.tip, { assertions: blind })).poll();
    assert.deepEqual([report.isSynced, report.waiting], [false, []]);
  });

  it('believes no data that is not what L1 has hashed, and says that it cannot judge', async () => {
    await lie();
    const { world, prepared } = fixture;
    const reader = createAssertionReader(endpointOf(world));
    for (const change of [{ time: 1 }, { authorizations: [new Uint8Array([1])] }]) {
      const lying = {
        ...reader,
        submission: async (hash: string) => ({ ...(await reader.submission(hash)), ...change }),
      };
      const store = storeAt(world, prepared.tip);
      const report = await (await watch(world, prepared.tip, { assertions: lying, store })).poll();
      assert.deepEqual([report.isSynced, verdictsOf(report)], [false, ['2 unverified']]);
      const [alert] = store.alerts.due(Number.MAX_SAFE_INTEGER, 1, 100).map(({ content }) => JSON.parse(content));
      assert.equal(alert.kind, 'notJudged');
      assert.match(alert.message, /the node lies/);
    }
  });
});
