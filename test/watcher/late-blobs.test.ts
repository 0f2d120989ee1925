import { strict as assert } from 'node:assert';
import type { ServerResponse } from 'node:http';
import { createBlobSource, createMirrorOrigin, createRestingOrigin } from '@quittance/chain';
import type { RollupError } from '@quittance/protocol';
import { silentLogger } from '../../runtime/index.ts';
import type { WatchReport } from '../../watcher/index.ts';
import { MAX_WAIT_MS } from '../../watcher/replay/look-blobs.ts';
import { testKzg } from '../support/blobs/kzg.ts';
import { latestTime } from '../support/contracts/deployment.ts';
import { startServer, type TestServer } from '../support/l1/http.ts';
import { createManualClock, type ManualClock } from '../support/manual-clock.ts';
import type { Tip } from '../support/optimistic/asserted-batch.ts';
import { assertBatch, buildOn, finalize, sendAnswer } from '../support/optimistic/calls.ts';
import { assertionsFixture } from '../support/optimistic/fixture.ts';
import { type BlobAssertion, buildInBlobsOn, sendInBlobs } from '../support/optimistic/in-blobs.ts';
import { FORGERY, HONEST, THEFT } from '../support/optimistic/lie-chunks.ts';
import { until } from '../support/until.ts';
import { actionsOf, verdictsOf, watch } from '../support/watcher/watch.ts';

describe('Watcher: a place of blobs that never answers', () => {
  const fixture = assertionsFixture({ blobsAllowed: true });
  let clock: ManualClock;
  let server: TestServer;
  /** What the place does with a question. */
  let answer: (response: ServerResponse, file: string) => void;
  let silent: ServerResponse[];
  let posted: string[];

  beforeEach(async () => {
    silent = [];
    posted = [];
    // As long as a look waits passes on the watcher's clock with each question.
    answer = (response) => {
      silent.push(response);
      void clock.advance(MAX_WAIT_MS);
    };
    server = await startServer((_body, response, { url }) => answer(response, url!.split('/').at(-1)!));
  });
  afterEach(() => server.stop());

  async function challenger() {
    const { world, prepared } = fixture;
    const kzg = await testKzg();
    clock = createManualClock(1_000 * (await latestTime(world)));
    const mirror = createRestingOrigin(createMirrorOrigin({ url: server.url, timeoutMs: 60_000 }), clock);
    const blobs = createBlobSource({ origins: [mirror], kzg, logger: silentLogger });
    return watch(world, prepared.tip, {
      ...{ mode: 'challenge', signer: world.bob, clock, kzg, blobs },
      post: async (body) => void posted.push(body),
    });
  }
  async function assertBlobs(tip: Tip, chunk: typeof HONEST): Promise<{ id: bigint; built: BlobAssertion }> {
    const { world } = fixture;
    const built = await buildInBlobsOn(world, tip, [chunk]);
    await sendInBlobs(world, built);
    const [id] = await world.assertions.counts();
    return { id, built };
  }
  /** Lets the time of the watcher pass as soon as a look waits, until the look has ended. */
  async function passing(polling: Promise<WatchReport>): Promise<WatchReport> {
    let hasEnded = false;
    const ended = polling.finally(() => {
      hasEnded = true;
    });
    await until(() => hasEnded || clock.scheduled > 0, 'the end of the look, or that it waits');
    if (!hasEnded) await clock.advance(MAX_WAIT_MS);
    return ended;
  }
  const giving = ({ blobHashes, blobs }: BlobAssertion) => {
    answer = (response, file) => {
      const position = blobHashes.indexOf(file.slice(0, -'.blob'.length));
      if (position < 0) response.writeHead(404).end();
      else response.end(blobs[position]);
    };
  };

  it('holds no look up, and is asked once; its blob is judged when it comes after all', async () => {
    const { built } = await assertBlobs(fixture.prepared.tip, THEFT);
    const watcher = await challenger();
    for (let look = 0; look < 2; look += 1) {
      const found = await passing(watcher.poll());
      assert.deepEqual([verdictsOf(found), actionsOf(found)], [['2 unverified'], []]);
      assert.deepEqual([found.isSynced, found.isCatchingUp, found.failures, posted], [false, true, [], []]);
    }
    assert.equal(server.requestCount, 1);
    silent[0]!.end(built.blobs[0]);
    const found = await watcher.poll();
    assert.deepEqual([verdictsOf(found), actionsOf(found)], [['2 wrong'], ['dispute done']]);
    assert.deepEqual([found.isSynced, found.isCatchingUp, server.requestCount], [true, false, 1]);
  });

  it('does not keep a dispute from being carried on: what is known is done before it is waited for', async () => {
    const { world, prepared } = fixture;
    const lie = await buildOn(world, prepared.tip, [FORGERY]);
    const id = await assertBatch(world, lie);
    const watcher = await challenger();
    assert.deepEqual(actionsOf(await watcher.poll()), ['dispute done']);
    await assertBlobs(lie, HONEST);
    const late = await watcher.poll();
    assert.deepEqual([verdictsOf(late), actionsOf(late)], [['2 wrong', '3 unverified'], []]);
    assert.equal(late.isCatchingUp, true);
    await sendAnswer(world, id, lie, 0);

    // Time stands still: this look does not end before the test lets it.
    let isOver = false;
    const polling = watcher.poll().finally(() => {
      isOver = true;
    });
    const { assertions } = world;
    const isCommitted = async () => (await assertions.queryFilter(assertions.filters['StepCommitted']!())).length === 1;
    await until(isCommitted, 'the commitment to the step');
    assert.equal(isOver, false);
    const found = await passing(polling);
    assert.deepEqual([actionsOf(found), found.isCatchingUp], [['commit done'], true]);
    assert.deepEqual(actionsOf(await passing(watcher.poll())), ['prove done', 'settle done', 'collect done']);
  });

  it('is told of once it failed, and blocks only what stands on its batch', async () => {
    const { world, prepared } = fixture;
    const { built } = await assertBlobs(prepared.tip, HONEST);
    await world.l1.networkHelpers.time.increase(world.optimistic.challengePeriod + 1);
    await finalize(world, built);
    const watcher = await challenger();
    const late = await watcher.poll();
    assert.deepEqual([late.finalBatch, late.isSynced, late.isCatchingUp, posted], [2, false, true, []]);
    silent[0]!.destroy();
    answer = (response) => void response.writeHead(503).end();
    const failed = await until503();
    assert.deepEqual([failed.isSynced, failed.isCatchingUp], [false, false]);
    assert.deepEqual(
      failed.failures.map((failure) => (failure as RollupError).code),
      ['BLOB_UNAVAILABLE'],
    );
    assert.match(posted.join(), /notJudged.*a final batch cannot be replayed/s);
    giving(built);
    await clock.advance(60_000);
    assert.equal((await watcher.poll()).isSynced, true);

    /** The first look that hears of the failure, which comes by a socket. */
    async function until503() {
      for (;;) {
        const found = await passing(watcher.poll());
        if (!found.isCatchingUp) return found;
      }
    }
  });
});
