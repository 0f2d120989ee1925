import { strict as assert } from 'node:assert';
import { type BlockReference, createRollupReader } from '@quittance/chain';
import type { RollupError } from '@quittance/protocol';
import { IN_MEMORY } from '../../watcher/index.ts';
import { assertBatch, buildOn, finalize, submitFinal } from '../support/optimistic/calls.ts';
import { assertionsFixture } from '../support/optimistic/fixture.ts';
import { chunkOf, FORGERY, HONEST, THEFT } from '../support/optimistic/lie-chunks.ts';
import { actionsOf, endpointOf, storeAt, verdictsOf, watch } from '../support/watcher/watch.ts';

describe('Watcher: reorgs of L1', () => {
  const fixture = assertionsFixture();
  const helpers = () => fixture.world.l1.networkHelpers;
  const advance = (seconds: number) => helpers().time.increase(seconds);

  for (const depth of [1, 2, 7, 64]) {
    it(`replaces an honest batch by a lie when ${depth} blocks are replaced`, async () => {
      const { world, prepared } = fixture;
      const watcher = await watch(world, prepared.tip, { mode: 'challenge', signer: world.bob });
      await watcher.poll();
      const fork = await helpers().takeSnapshot();
      await assertBatch(world, await buildOn(world, prepared.tip, [HONEST]));
      await helpers().mine(depth - 1);
      const before = await watcher.poll();
      assert.deepEqual([verdictsOf(before), actionsOf(before)], [['2 right'], []]);
      await fork.restore();
      await helpers().mine(depth - 1);
      await assertBatch(world, await buildOn(world, prepared.tip, [FORGERY]));
      const after = await watcher.poll();
      assert.equal(after.removedBlocks, depth);
      assert.deepEqual([verdictsOf(after), actionsOf(after)], [['2 wrong'], ['dispute done']]);
    });
  }

  it('takes final batches back and replays what L1 has in their place', async () => {
    const { world, prepared } = fixture;
    const watcher = await watch(world, prepared.tip);
    await watcher.poll();
    const fork = await helpers().takeSnapshot();
    const one = await buildOn(world, prepared.tip, [HONEST]);
    const two = await buildOn(world, one, [HONEST, chunkOf()]);
    for (const built of [one, two]) await assertBatch(world, built);
    await advance(world.optimistic.challengePeriod + 1);
    await finalize(world, one, two);
    assert.equal((await watcher.poll()).stateRoot, two.header.stateRoot);
    await fork.restore();
    assert.deepEqual(await watcher.poll().then(({ finalBatch }) => finalBatch), 1);
    const other = await buildOn(world, prepared.tip, [HONEST, HONEST]);
    await submitFinal(world, other);
    const report = await watcher.poll();
    assert.deepEqual([report.finalBatch, report.stateRoot], [2, other.header.stateRoot]);
  });

  it('stakes its bond again when the block of its dispute is replaced, and only one at a time', async () => {
    const { world, prepared } = fixture;
    await assertBatch(world, await buildOn(world, prepared.tip, [THEFT]));
    const watcher = await watch(world, prepared.tip, { mode: 'challenge', signer: world.bob });
    const fork = await helpers().takeSnapshot();
    assert.deepEqual(actionsOf(await watcher.poll()), ['dispute done']);
    await fork.restore();
    await helpers().mine(2);
    assert.deepEqual(actionsOf(await watcher.poll()), ['dispute done']);
    assert.deepEqual(actionsOf(await watcher.poll()), []);
    const [, disputes] = await world.assertions.counts();
    assert.equal(disputes, 1n);
  });

  it('reads everything again when more blocks are replaced than it keeps', async () => {
    const { world, prepared } = fixture;
    const fork = await helpers().takeSnapshot();
    await helpers().mine(200);
    const store = storeAt(world, prepared.tip);
    const watcher = await watch(world, prepared.tip, { store });
    await watcher.poll();
    await fork.restore();
    await helpers().mine(100, { interval: 7 });
    // Nobody deposited the accounts of lies: a replay from the start finds the lie that the fixture made final.
    await assert.rejects(watcher.poll(), (error: RollupError) => {
      assert.equal(error.code, 'LIE_FINAL');
      assert.equal(store.checkpoint.get()?.header.number, 0);
      return true;
    });
  });

  it('forgets nothing for a node that is further behind than any reorg', async () => {
    const { world, prepared } = fixture;
    await helpers().mine(300);
    const store = storeAt(world, prepared.tip);
    const reader = createRollupReader(endpointOf(world));
    await (await watch(world, prepared.tip, { store })).poll();
    const heads = store.events.heads();
    const last = heads[0]!.number - 200;
    const behind: typeof reader = {
      ...reader,
      head: async () => (await reader.block(last))!,
      block: async (number) => (number <= last ? reader.block(number) : undefined),
    };
    const watcher = await watch(world, prepared.tip, { store, reader: behind });
    await assert.rejects(watcher.poll(), { code: 'L1_BEHIND', message: /the node is not synced/ });
    assert.deepEqual(store.events.heads(), heads);
    assert.equal(store.checkpoint.get()?.header.number, 1);
  });

  it('takes nothing of another chain behind the same URL, and forgets nothing', async () => {
    const { world, prepared } = fixture;
    const store = storeAt(world, prepared.tip);
    const reader = createRollupReader(endpointOf(world));
    let isAnother = false;
    const other = (block: BlockReference): BlockReference =>
      isAnother
        ? { ...block, hash: block.hash.replace(/..$/, 'ff'), parentHash: block.parentHash.replace(/..$/, 'ff') }
        : block;
    const changing: typeof reader = {
      ...reader,
      head: async () => other(await reader.head()),
      async block(number) {
        const block = await reader.block(number);
        return block && other(block);
      },
    };
    const watcher = await watch(world, prepared.tip, { store, reader: changing });
    await watcher.poll();
    const heads = store.events.heads();
    isAnother = true;
    await assert.rejects(watcher.poll(), { code: 'L1_WRONG_CHAIN' });
    await assert.rejects((await watch(world, prepared.tip, { store, reader: changing })).poll(), {
      code: 'L1_WRONG_CHAIN',
    });
    assert.deepEqual(store.events.heads(), heads);
    assert.equal(store.checkpoint.get()?.header.number, 1);
    isAnother = false;
    await watcher.poll();
  });

  it('looks again when L1 changes while it is read', async () => {
    const { world, prepared } = fixture;
    const reader = createRollupReader(endpointOf(world));
    let isChanging = true;
    const changing = {
      ...reader,
      async finalizedBatches(from: number, to: number) {
        const found = await reader.finalizedBatches(from, to);
        if (isChanging) {
          isChanging = false;
          await fork.restore();
          await helpers().mine(3);
        }
        return found;
      },
    };
    const fork = await helpers().takeSnapshot();
    await assertBatch(world, await buildOn(world, prepared.tip, [THEFT]));
    const watcher = await watch(world, prepared.tip, { reader: changing });
    await assert.rejects(watcher.poll(), { code: 'L1_REORG' });
    assert.deepEqual(verdictsOf(await watcher.poll()), []);
  });

  it('stops with a mismatch when a lie became final', async () => {
    const { world, prepared } = fixture;
    const built = await buildOn(world, prepared.tip, [THEFT]);
    await assertBatch(world, built);
    await advance(world.optimistic.challengePeriod + 1);
    await finalize(world, built);
    const watcher = await watch(world, prepared.tip, { mode: 'challenge', signer: world.bob });
    await assert.rejects(watcher.poll(), { code: 'LIE_FINAL' });
  });

  it('goes on from its checkpoint after a restart, without reading what came before', async () => {
    const { world, prepared } = fixture;
    const file = IN_MEMORY;
    const store = storeAt(world, prepared.tip, file);
    const built = await buildOn(world, prepared.tip, [HONEST]);
    await submitFinal(world, built);
    await helpers().mine(200);
    await (await watch(world, prepared.tip, { store })).poll();
    assert.equal(store.checkpoint.get()?.header.number, 2);
    const reader = createRollupReader(endpointOf(world));
    const strict = { ...reader, submission: () => assert.fail('it was replayed') };
    const report = await (await watch(world, prepared.tip, { store, reader: strict })).poll();
    assert.deepEqual([report.finalBatch, report.stateRoot], [2, built.header.stateRoot]);
  });

  it('refuses a checkpoint whose accounts do not give its root', async () => {
    const { world, prepared } = fixture;
    const store = storeAt(world, prepared.tip);
    const checkpoint = store.checkpoint.get()!;
    const [index, account] = [...store.checkpoint.accounts()][0]!;
    const changed = { ...account, balance: account.balance + 1n };
    store.commit(() => store.checkpoint.move(checkpoint, [[index, changed]]));
    const watcher = await watch(world, prepared.tip, { store });
    await assert.rejects(watcher.poll(), { code: 'DATABASE_DAMAGED' });
  });
});
