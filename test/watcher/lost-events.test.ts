import { strict as assert } from 'node:assert';
import { type AssertionEvent, createAssertionReader, createRollupReader } from '@quittance/chain';
import type { StoredHeader } from '@quittance/protocol';
import { silentLogger } from '../../runtime/index.ts';
import { createLostEvents } from '../../watcher/follow/lost-events.ts';
import { IN_MEMORY, openWatcherStore } from '../../watcher/index.ts';
import { assertBatch, buildOn, sendAnswer, submitFinal } from '../support/optimistic/calls.ts';
import { assertionsFixture } from '../support/optimistic/fixture.ts';
import { chunkOf, FORGERY, HONEST, THEFT } from '../support/optimistic/lie-chunks.ts';
import { actionsOf, chainOf, endpointOf, storeAt, verdictsOf, watch } from '../support/watcher/watch.ts';

describe('Watcher: a node that leaves events out', () => {
  const fixture = assertionsFixture();
  /** A challenger whose node gives no such event as long as it is `behind`. */
  async function challenger(type: AssertionEvent['type']) {
    const { world, prepared } = fixture;
    const chain = await chainOf(world, world.bob);
    const node = { behind: false };
    const assertions: typeof chain = {
      ...chain,
      events: async (...range) =>
        (await chain.events(...range)).filter((event) => !(node.behind && event.type === type)),
    };
    return { node, watcher: await watch(world, prepared.tip, { mode: 'challenge', assertions }) };
  }

  it('is asked again for the assertion that L1 shows, and the lie is disputed', async () => {
    const { world, prepared } = fixture;
    const { node, watcher } = await challenger('asserted');
    await watcher.poll();
    await assertBatch(world, await buildOn(world, prepared.tip, [THEFT]));
    node.behind = true;
    const report = await watcher.poll();
    assert.deepEqual([report.isSynced, verdictsOf(report)], [false, []]);
    node.behind = false;
    assert.deepEqual(actionsOf(await watcher.poll()), ['dispute done']);
  });

  it('does not move it past them, however often it looks', async () => {
    const { world, prepared } = fixture;
    const chain = await chainOf(world, world.bob);
    const node = { behind: true };
    const assertions: typeof chain = {
      ...chain,
      events: async (...range) =>
        (await chain.events(...range)).filter((event) => !(node.behind && event.type === 'asserted')),
    };
    const store = storeAt(world, prepared.tip);
    const watcher = await watch(world, prepared.tip, { mode: 'challenge', assertions, store });
    await watcher.poll();
    const [newest] = store.events.heads();
    await assertBatch(world, await buildOn(world, prepared.tip, [THEFT]));
    const alerts = () =>
      store.alerts
        .due(Number.MAX_SAFE_INTEGER, 1, 100)
        .map(({ content }) => JSON.parse(content).what)
        .filter((what) => what !== undefined);
    for (let look = 0; look < 2; look++) await watcher.poll();
    assert.deepEqual(alerts(), []);
    for (let look = 0; look < 3; look++) await watcher.poll();
    assert.deepEqual(alerts(), ['assertion 1']);
    assert.ok(store.events.heads().every(({ number }) => number <= newest!.number));
    node.behind = false;
    assert.deepEqual(actionsOf(await watcher.poll()), ['dispute done']);
  });

  it('goes back to them when its database had moved past them', async () => {
    const { world, prepared } = fixture;
    const store = storeAt(world, prepared.tip);
    const setup = { mode: 'challenge', signer: world.bob, store } as const;
    await (await watch(world, prepared.tip, setup)).poll();
    const built = await buildOn(world, prepared.tip, [HONEST]);
    await assertBatch(world, built);
    const head = await createRollupReader(endpointOf(world)).head();
    store.commit(() => store.events.advance(head, [], 100));
    await assertBatch(world, await buildOn(world, built, [THEFT]));
    const watcher = await watch(world, prepared.tip, setup);
    const results: string[][] = [];
    for (let look = 0; look < 3; look++) results.push(actionsOf(await watcher.poll()));
    assert.deepEqual(results.at(-1), ['dispute done']);
  });

  it('is asked again for the answer that L1 shows, and the step is proven', async () => {
    const { world, prepared } = fixture;
    const { node, watcher } = await challenger('answered');
    const built = await buildOn(world, prepared.tip, [FORGERY]);
    const id = await assertBatch(world, built);
    assert.deepEqual(actionsOf(await watcher.poll()), ['dispute done']);
    await sendAnswer(world, id, built, 0);
    node.behind = true;
    // The answer that it plans by is not read yet: not possible now, and planned anew.
    assert.deepEqual(actionsOf(await watcher.poll()), ['commit waiting']);
    node.behind = false;
    await assert.rejects(watcher.poll(), { code: 'L1_LOGS_INCOMPLETE', message: /the answer for chunk 0/ });
    assert.deepEqual(actionsOf(await watcher.poll()), ['commit done']);
    assert.deepEqual(actionsOf(await watcher.poll()), ['prove done']);
  });

  it('is asked again for a final batch that is missing between others, which is no mismatch', async () => {
    const { world, prepared } = fixture;
    const reader = createRollupReader(endpointOf(world));
    const node = { behind: true };
    const forgetful: typeof reader = {
      ...reader,
      finalizedBatches: async (...range) =>
        (await reader.finalizedBatches(...range)).filter(({ header }) => !(node.behind && header.number === 2)),
    };
    const two = await buildOn(world, prepared.tip, [HONEST]);
    const three = await buildOn(world, two, [chunkOf()]);
    for (const built of [two, three]) await submitFinal(world, built);
    const watcher = await watch(world, prepared.tip, { reader: forgetful });
    await assert.rejects(watcher.poll(), { code: 'L1_LOGS_INCOMPLETE', message: /final batch 2/ });
    node.behind = false;
    assert.equal((await watcher.poll()).finalBatch, 3);
  });

  it('is not asked for commitments to steps, of which anyone can make any number', async () => {
    const { world, prepared } = fixture;
    const reader = createAssertionReader(endpointOf(world));
    const asked: (readonly string[] | undefined)[] = [];
    const assertions: typeof reader = {
      ...reader,
      events(...range) {
        asked.push(range[2]);
        return reader.events(...range);
      },
    };
    await (await watch(world, prepared.tip, { assertions })).poll();
    assert.ok(asked.length > 0);
    for (const names of asked) assert.deepEqual(names?.includes('StepCommitted'), false);
  });

  it('and gives other data of a final batch makes no mismatch of it', async () => {
    const { world, prepared } = fixture;
    await submitFinal(world, await buildOn(world, prepared.tip, [HONEST]));
    const reader = createRollupReader(endpointOf(world));
    const lying: typeof reader = {
      ...reader,
      submission: async (hash) => ({ ...(await reader.submission(hash)), time: 1 }),
    };
    const watcher = await watch(world, prepared.tip, { reader: lying });
    await assert.rejects(watcher.poll(), { code: 'L1_INCONSISTENT' });
  });

  it('or data of one batch does not keep the watcher from disputing another', async () => {
    const { world, prepared } = fixture;
    const one = await buildOn(world, prepared.tip, [FORGERY]);
    await assertBatch(world, one);
    await assertBatch(world, await buildOn(world, one, [HONEST]));
    const chain = await chainOf(world, world.bob);
    const assertions: typeof chain = {
      ...chain,
      async submission(hash) {
        const submission = await chain.submission(hash);
        if (submission.number === 3) throw new TypeError('a defect');
        return submission;
      },
    };
    const store = storeAt(world, prepared.tip);
    const report = await (await watch(world, prepared.tip, { mode: 'challenge', assertions, store })).poll();
    assert.deepEqual([verdictsOf(report), report.isSynced], [['2 wrong', '3 unverified'], false]);
    assert.deepEqual(actionsOf(report), ['dispute done']);
    const alerts = store.alerts.due(Number.MAX_SAFE_INTEGER, 1, 100).map(({ content }) => JSON.parse(content));
    const failures = alerts.filter(({ kind }) => kind === 'notJudged');
    assert.deepEqual([failures.length, failures[0]?.batch], [1, 3]);
  });
});

describe('Watcher: what to do when an event never comes', () => {
  it('reads the last heads again, then everything, and then says so', async () => {
    const store = openWatcherStore({ file: IN_MEMORY, chainId: 1n, contract: `0x${'c0'.repeat(20)}` });
    const header = { number: 1 } as StoredHeader;
    const hash = `0x${'11'.repeat(32)}`;
    store.commit(() => {
      store.checkpoint.move({ header, headerHash: hash, blockNumber: 1 }, []);
      for (const number of [5, 10]) store.events.advance({ number, hash }, [], 10);
    });
    const head = { number: 12, hash, parentHash: hash, timestamp: 0 };
    const lost = createLostEvents({ reader: { head: async () => head } as never, store, logger: silentLogger });
    const numbers = () => store.events.heads().map(({ number }) => number);
    const what = 'assertion 3';
    // The view may be newer than the events, up to the newest block.
    assert.deepEqual(await lost.note([what], 10), []);
    assert.deepEqual(await lost.note([what], 11), []);
    await assert.rejects(lost.note([what], 12), { code: 'L1_LOGS_INCOMPLETE' });
    assert.deepEqual(numbers(), [5]);
    assert.deepEqual(await lost.note([what], 12), []);
    await assert.rejects(lost.note([what], 12), { code: 'L1_LOGS_INCOMPLETE' });
    assert.deepEqual([numbers(), store.checkpoint.get()], [[], undefined]);
    assert.deepEqual(await lost.note([what], 12), []);
    assert.deepEqual(await lost.note([what], 12), [what]);
    // What came after all is forgotten.
    assert.deepEqual(await lost.note([], 12), []);
    assert.deepEqual(await lost.note([what], 12), []);
    store.close();
  });
});
