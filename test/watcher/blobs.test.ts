import { strict as assert } from 'node:assert';
import { type RollupError, VISIBLE_ENTRY_BYTES } from '@quittance/protocol';
import { testKzg } from '../support/blobs/kzg.ts';
import { type BlobShelf, createBlobShelf } from '../support/l1/blob-shelf.ts';
import { assertBatch, assertionsBy, buildOn, finalize, sendAnswer } from '../support/optimistic/calls.ts';
import type { ChunkScript } from '../support/optimistic/claimed-chunk.ts';
import { assertionsFixture } from '../support/optimistic/fixture.ts';
import { type BlobAssertion, buildInBlobsOn, sendInBlobs } from '../support/optimistic/in-blobs.ts';
import { chunkOf, FORGERY, HONEST, THEFT } from '../support/optimistic/lie-chunks.ts';
import { HOLDERS } from '../support/optimistic/lie-scene.ts';
import { transferOf, withdrawOf } from '../support/optimistic/slot-scripts.ts';
import { actionsOf, verdictsOf, type WatcherSetup, watch } from '../support/watcher/watch.ts';

const { alice, bob } = HOLDERS;

describe('Watcher: batches in blobs', () => {
  const fixture = assertionsFixture({ blobsAllowed: true });
  let shelf: BlobShelf;
  beforeEach(() => {
    shelf = createBlobShelf();
  });

  const challenger = async (setup: WatcherSetup = {}) =>
    watch(fixture.world, fixture.prepared.tip, {
      ...{ mode: 'challenge', signer: fixture.world.bob, blobs: shelf, kzg: await testKzg() },
      ...setup,
    });
  /** Asserts chunks on the tip, with other elements in the blob if told so; the blob is on the shelf from then on. */
  async function assertBlobs(
    chunks: readonly ChunkScript[],
    change: (elements: bigint[]) => void = () => {},
  ): Promise<{ readonly id: bigint; readonly built: BlobAssertion }> {
    const { world, prepared } = fixture;
    const built = await buildInBlobsOn(world, prepared.tip, chunks, change);
    await sendInBlobs(world, built);
    shelf.put(built.blobHashes, built.blobs);
    const [id] = await world.assertions.counts();
    return { id, built };
  }

  it('leaves a right one alone', async () => {
    await assertBlobs([HONEST, chunkOf(withdrawOf(alice, 5n))]);
    const found = await (await challenger()).poll();
    assert.deepEqual([verdictsOf(found), actionsOf(found), found.isSynced], [['2 right'], [], true]);
  });

  const longer: ChunkScript = {
    ...chunkOf(withdrawOf(alice, 5n), withdrawOf(bob, 6n)),
    visible: (list) => Uint8Array.from([...list, ...list.slice(VISIBLE_ENTRY_BYTES)]),
  };
  const shorter: ChunkScript = { ...longer, visible: (list) => list.slice(0, VISIBLE_ENTRY_BYTES) };
  const paid = chunkOf(transferOf(alice, bob.index, 5n));

  for (const [what, chunks, rule, change] of [
    ['a forged signature, by three elements', [HONEST, FORGERY], 'BAD_SIGNATURE', undefined],
    ['money from nowhere, by one element', [HONEST, THEFT], 'WRONG_STATE', undefined],
    ['a withdrawal that the list leaves out', [HONEST, shorter], 'WORD_COUNT', undefined],
    ['a withdrawal that no record makes', [HONEST, longer], 'VISIBLE_COUNT', undefined],
    ['an element that is no record', [paid], 'RESERVED_KIND', (e: bigint[]) => (e[0]! += 2n ** 248n)],
    ['an element that is no signature', [paid], 'BAD_SIGNATURE', (e: bigint[]) => (e[2]! += 2n ** 248n)],
  ] as const) {
    it(`has L1 reject one with ${what}`, async () => {
      const { world } = fixture;
      const { id, built } = await assertBlobs(chunks, change);
      const watcher = await challenger();
      const found = await watcher.poll();
      assert.deepEqual([verdictsOf(found), actionsOf(found)], [['2 wrong'], ['dispute done']]);
      const chunk = chunks.length - 1;
      const [fault] = found.waiting[0]!.faults;
      assert.deepEqual([fault!.chunk, fault!.rule, fault!.isConclusive], [chunk, rule, true]);
      await sendAnswer(world, id, built, chunk);
      assert.deepEqual(actionsOf(await watcher.poll()), ['commit done']);
      assert.deepEqual(actionsOf(await watcher.poll()), ['prove done']);
      assert.deepEqual(actionsOf(await watcher.poll()), ['settle done', 'collect done']);
      assert.equal((await world.assertions.assertion(id)).isRejected, true);
    });
  }

  it('gives no verdict while nobody has its blobs, says so once, and disputes it when somebody has', async () => {
    await assertBlobs([THEFT]);
    shelf.isOpen = false;
    const posted: string[] = [];
    const watcher = await challenger({ post: async (body) => void posted.push(body) });
    for (let look = 0; look < 2; look += 1) {
      const found = await watcher.poll();
      assert.deepEqual([verdictsOf(found), actionsOf(found), found.isSynced], [['2 unverified'], [], false]);
    }
    assert.equal(posted.length, 1);
    assert.match(posted[0]!, /notJudged.*no source of blobs/s);
    shelf.isOpen = true;
    const found = await watcher.poll();
    assert.deepEqual([verdictsOf(found), actionsOf(found), found.isSynced], [['2 wrong'], ['dispute done'], true]);
  });

  it('does what needs no replay while the blobs of a final batch are missing, and goes on when they are there', async () => {
    const { world, prepared } = fixture;
    const { optimistic, l1 } = world;
    const advance = (seconds: number) => l1.networkHelpers.time.increase(seconds);
    const lie = await assertBatch(world, await buildOn(world, prepared.tip, [THEFT]));
    assert.deepEqual(actionsOf(await (await challenger()).poll()), ['dispute done']);
    await advance(optimistic.answerWindow + 1);
    await assertionsBy(world, world.alice).rejectUnanswered(lie, 0);
    const { built } = await assertBlobs([HONEST]);
    await advance(optimistic.challengePeriod + 1);
    await finalize(world, built);

    shelf.isOpen = false;
    const posted: string[] = [];
    const watcher = await challenger({ post: async (body) => void posted.push(body) });
    const found = await watcher.poll();
    assert.deepEqual([actionsOf(found), found.isSynced], [['settle done', 'collect done'], false]);
    assert.deepEqual(
      found.failures.map((failure) => (failure as RollupError).code),
      ['BLOB_UNAVAILABLE'],
    );
    assert.match(posted.join(), /a final batch cannot be replayed, and nothing behind it is judged/);
    shelf.isOpen = true;
    assert.deepEqual([(await watcher.poll()).isSynced, posted.length], [true, 2]);
  });

  it('calls one that breaks a rule and is final a lie of L1', async () => {
    const { world } = fixture;
    const { built } = await assertBlobs([THEFT]);
    await world.l1.networkHelpers.time.increase(world.optimistic.challengePeriod + 1);
    await finalize(world, built);
    await assert.rejects((await challenger()).poll(), { code: 'LIE_FINAL', message: /the root after chunk 0/ });
  });

  it('goes on with a dispute after a restart once the blobs are there again', async () => {
    const { world } = fixture;
    const { id, built } = await assertBlobs([FORGERY]);
    assert.deepEqual(actionsOf(await (await challenger()).poll()), ['dispute done']);
    await sendAnswer(world, id, built, 0);
    shelf.isOpen = false;
    const restarted = await challenger();
    assert.deepEqual(verdictsOf(await restarted.poll()), ['2 unverified']);
    shelf.isOpen = true;
    assert.deepEqual(actionsOf(await restarted.poll()), ['commit done']);
    shelf.isOpen = false;
    assert.deepEqual(actionsOf(await restarted.poll()), ['prove done'], 'what was read once is kept');
    assert.equal((await world.assertions.assertion(id)).isRejected, true);
  });
});
