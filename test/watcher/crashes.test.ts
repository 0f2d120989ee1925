import { strict as assert } from 'node:assert';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PinnedAssertionChain } from '@quittance/chain';
import { RollupError } from '@quittance/protocol';
import type { WatchReport } from '../../watcher/index.ts';
import { assertBatch, buildOn, sendAnswer, sendDispute } from '../support/optimistic/calls.ts';
import { assertionsFixture } from '../support/optimistic/fixture.ts';
import { FORGERY, HONEST, THEFT } from '../support/optimistic/lie-chunks.ts';
import { actionsOf, chainOf, storeAt, watch } from '../support/watcher/watch.ts';

/** When the process dies: before anything was sent, or after L1 took it and before the answer arrived. */
type Crash = 'before' | 'after';

/** A chain that dies at the next action of one type. */
function crashingAt(chain: PinnedAssertionChain, type: string, crash: Crash): PinnedAssertionChain {
  let armed = true;
  return {
    ...chain,
    async send(action, signal, nonce) {
      if (action.type !== type || !armed) return chain.send(action, signal, nonce);
      armed = false;
      if (crash === 'after') await chain.send(action, signal, nonce);
      throw new Error('crashed');
    },
  };
}

describe('Watcher: a crash in the middle of a dispute', () => {
  const fixture = assertionsFixture();
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'quittance-watcher-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const disputeCount = async (): Promise<bigint> => {
    const [, count] = await fixture.world.assertions.counts();
    return count as bigint;
  };

  /** Runs one process on the database of this test. */
  async function process<T>(
    run: (poll: () => Promise<WatchReport>) => Promise<T>,
    chain: PinnedAssertionChain,
    mode: 'challenge' | 'defend' = 'challenge',
  ): Promise<T> {
    const { world, prepared } = fixture;
    const store = storeAt(world, prepared.tip, join(folder, 'watcher.db'));
    try {
      const watcher = await watch(world, prepared.tip, { mode, store, assertions: chain });
      return await run(() => watcher.poll());
    } finally {
      store.close();
    }
  }
  const once = (poll: () => Promise<WatchReport>) => poll().then(actionsOf);
  const dies = (poll: () => Promise<WatchReport>) => assert.rejects(poll(), /crashed/);

  for (const crash of ['before', 'after'] as const) {
    it(`stakes one bond when it dies ${crash} the dispute is sent`, async () => {
      const { world, prepared } = fixture;
      await assertBatch(world, await buildOn(world, prepared.tip, [THEFT]));
      const chain = await chainOf(world, world.bob);
      await process(dies, crashingAt(chain, 'openDispute', crash));
      const next = await process(once, chain);
      assert.deepEqual(next, crash === 'before' ? ['dispute done'] : []);
      assert.deepEqual(await process(once, chain), []);
      assert.equal(await disputeCount(), 1n);
    });

    it(`proves the step it committed to when it dies ${crash} the commitment is sent`, async () => {
      const { world, prepared } = fixture;
      const built = await buildOn(world, prepared.tip, [HONEST, FORGERY]);
      const id = await assertBatch(world, built);
      await sendDispute(world, id, built, 1, { signer: world.alice });
      await sendAnswer(world, id, built, 1);
      const chain = await chainOf(world, world.bob);
      const sent: string[] = [];
      const recording: PinnedAssertionChain = {
        ...chain,
        send(action, signal, nonce) {
          if (action.type === 'commitStep') sent.push(action.commitment);
          return chain.send(action, signal, nonce);
        },
      };
      await process(dies, crashingAt(recording, 'commitStep', crash));
      if (crash === 'before') assert.deepEqual(await process(once, recording), ['commit done']);
      assert.deepEqual(await process(once, chain), ['prove done']);
      assert.equal(sent.length, 1, 'one commitment, whose salt survived');
    });

    it(`rejects once when it dies ${crash} the step proof is sent`, async () => {
      const { world, prepared } = fixture;
      const built = await buildOn(world, prepared.tip, [FORGERY]);
      const id = await assertBatch(world, built);
      await sendDispute(world, id, built, 0, { signer: world.alice });
      await sendAnswer(world, id, built, 0);
      const chain = await chainOf(world, world.bob);
      assert.deepEqual(await process(once, chain), ['commit done']);
      await process(dies, crashingAt(chain, 'proveStep', crash));
      assert.deepEqual(await process(once, chain), crash === 'before' ? ['prove done'] : ['collect done']);
      assert.equal((await chain.assertion(id)).isRejected, true);
    });

    it(`answers once when it dies ${crash} the answer is sent`, async () => {
      const { world, prepared } = fixture;
      const built = await buildOn(world, prepared.tip, [HONEST]);
      const id = await assertBatch(world, built);
      await sendDispute(world, id, built, 0, { signer: world.alice });
      const chain = await chainOf(world, world.producer);
      await process(dies, crashingAt(chain, 'answerDispute', crash), 'defend');
      assert.deepEqual(await process(once, chain, 'defend'), crash === 'before' ? ['answer done'] : []);
      assert.ok((await chain.chunkDisputes(id, 0)).answeredAt > 0);
    });
  }

  it('does not stake a second bond when L1 shows the first one only after the restart', async () => {
    const { world, prepared } = fixture;
    await assertBatch(world, await buildOn(world, prepared.tip, [THEFT]));
    const chain = await chainOf(world, world.bob);
    await process(dies, crashingAt(chain, 'openDispute', 'after'));
    // A node that is behind: it shows neither the dispute nor the nonce that it used.
    const used = await chain.nextNonce();
    const behind: PinnedAssertionChain = {
      ...chain,
      nextNonce: async () => used - 1,
      events: async (from, to) => (await chain.events(from, to)).filter(({ type }) => type !== 'disputed'),
      assertion: async (id) => ({ ...(await chain.assertion(id)), disputedChunks: 0n }),
    };
    assert.deepEqual(await process(once, behind), ['dispute waiting']);
    assert.equal(await disputeCount(), 1n);
  });

  it('stakes no second bond beside another watcher with its key, which was faster', async () => {
    const { world, prepared } = fixture;
    const built = await buildOn(world, prepared.tip, [THEFT]);
    const id = await assertBatch(world, built);
    const chain = await chainOf(world, world.bob);
    let isFirst = true;
    const raced: PinnedAssertionChain = {
      ...chain,
      async dryRun(action) {
        if (isFirst) await sendDispute(world, id, built, 0, { signer: world.bob });
        isFirst = false;
        return chain.dryRun(action);
      },
    };
    assert.deepEqual(await process(once, raced), ['dispute waiting']);
    assert.deepEqual(await process(once, raced), []);
    assert.equal(await disputeCount(), 1n);
  });

  it('begins anew when another transaction used the nonce', async () => {
    const { world, prepared } = fixture;
    await assertBatch(world, await buildOn(world, prepared.tip, [THEFT]));
    const chain = await chainOf(world, world.bob);
    await process(dies, crashingAt(chain, 'openDispute', 'before'));
    await world.bob.sendTransaction({ to: world.alice.address, value: 1n });
    assert.deepEqual(await process(once, chain), ['dispute done']);
    assert.equal(await disputeCount(), 1n);
  });

  it('uses up a nonce that a reorg freed before its own, so that the action is not stuck for ever', async () => {
    const { world, prepared } = fixture;
    await assertBatch(world, await buildOn(world, prepared.tip, [THEFT]));
    const chain = await chainOf(world, world.bob);
    const fork = await world.l1.networkHelpers.takeSnapshot();
    await world.bob.sendTransaction({ to: world.alice.address, value: 1n });
    assert.deepEqual(await process(once, chain), ['dispute done']);
    await fork.restore();
    await world.l1.networkHelpers.mine(3);
    assert.deepEqual(await process(once, chain), ['dispute waiting']);
    assert.deepEqual(await process(once, chain), ['dispute done']);
    assert.equal(await disputeCount(), 1n);
  });

  it('says that an action failed, and tries it again at the next look', async () => {
    const { world, prepared } = fixture;
    await assertBatch(world, await buildOn(world, prepared.tip, [THEFT]));
    const chain = await chainOf(world, world.bob);
    let refusals = 1;
    const stuck: PinnedAssertionChain = {
      ...chain,
      async send(action, signal, nonce) {
        if (refusals-- > 0)
          throw new RollupError('TRANSACTION_STUCK', 'the transaction was not included', { nonce: nonce ?? 0 });
        return chain.send(action, signal, nonce);
      },
    };
    await process(async (poll) => {
      assert.deepEqual(actionsOf(await poll()), ['dispute waiting']);
      assert.deepEqual(actionsOf(await poll()), ['dispute done']);
    }, stuck);
    assert.equal(await disputeCount(), 1n);
  });

  it('sends nothing that the dry run refuses', async () => {
    const { world, prepared } = fixture;
    await assertBatch(world, await buildOn(world, prepared.tip, [THEFT]));
    const chain = await chainOf(world, world.bob);
    const refused: PinnedAssertionChain = {
      ...chain,
      dryRun: async () => {
        throw new RollupError('L1_REJECTED', 'the contract refused: TooLate(1, 2)', { error: 'TooLate' });
      },
      send: () => assert.fail('it was sent'),
    };
    assert.deepEqual(await process(once, refused), ['dispute refused']);
  });

  it('sends nothing that is dearer than its limit', async () => {
    const { world, prepared } = fixture;
    await assertBatch(world, await buildOn(world, prepared.tip, [THEFT]));
    const chain = await chainOf(world, world.bob);
    const dear: PinnedAssertionChain = {
      ...chain,
      dryRun: async () => ({ gas: 100_000n, costWei: 100_000n * (10n ** 12n + 1n) }),
      send: () => assert.fail('it was sent'),
    };
    assert.deepEqual(await process(once, dear), ['dispute feeTooHigh']);
  });
});
