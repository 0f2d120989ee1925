import { strict as assert } from 'node:assert';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import { type AssertionConstants, createRollupReader } from '@quittance/chain';
import { invariantBroken, RollupError } from '@quittance/protocol';
import { createMetrics, type Logger, type Readiness, silentLogger, startMetricsServer } from '../../runtime/index.ts';
import {
  createWebhook,
  type DisputeCase,
  IN_MEMORY,
  openWatcherStore,
  type ReportedBatch,
  type WatcherStore,
} from '../../watcher/index.ts';
import { stakedWei } from '../../watcher/measure.ts';
import { createAlerts } from '../../watcher/monitoring/alerts.ts';
import { createWatcherMeasurements } from '../../watcher/monitoring/measurements.ts';
import { createReadiness, STALE_AFTER_MS } from '../../watcher/monitoring/readiness.ts';
import { buildBatch, submit } from '../support/contracts/batch.ts';
import { deployRollup, latestTime } from '../support/contracts/deployment.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { assertBatch, buildOn, dispute, finalize, sendDispute, submitProven } from '../support/optimistic/calls.ts';
import { assertionsFixture } from '../support/optimistic/fixture.ts';
import { FORGERY, HONEST, THEFT } from '../support/optimistic/lie-chunks.ts';
import { endpointOf, storeAt, verdictsOf, watch, watchZk } from '../support/watcher/watch.ts';

describe('Watcher: what it finds and tells', () => {
  const fixture = assertionsFixture();
  const advance = (seconds: number) => fixture.world.l1.networkHelpers.time.increase(seconds);
  const alertsOf = (store: WatcherStore): Record<string, unknown>[] =>
    store.alerts.due(Number.MAX_SAFE_INTEGER, 1, 100).map(({ content }) => JSON.parse(content));
  const kindsOf = (store: WatcherStore) => alertsOf(store).map(({ kind }) => kind);

  it('verifies a proven batch that waits for its parent', async () => {
    const { world, prepared } = fixture;
    const first = await buildOn(world, prepared.tip, [HONEST]);
    await assertBatch(world, first);
    await submitProven(world, await buildOn(world, first, [HONEST]));
    assert.deepEqual(verdictsOf(await (await watch(world, prepared.tip)).poll()), ['2 right', '3 right']);
  });

  it('says so when a proof was accepted for what the rules do not give', async () => {
    const { world, prepared } = fixture;
    const first = await buildOn(world, prepared.tip, [HONEST]);
    await assertBatch(world, first);
    await submitProven(world, await buildOn(world, first, [THEFT]));
    const store = storeAt(world, prepared.tip);
    await assert.rejects((await watch(world, prepared.tip, { store })).poll(), { code: 'LIE_FINAL' });
    const [alert] = store.alerts.due(Number.MAX_SAFE_INTEGER, 1, 100).map(({ content }) => JSON.parse(content));
    assert.deepEqual([alert.kind, alert.batch], ['lieFinal', 3]);
  });

  it('tells of a bug of its own under its own name, and ends', async () => {
    const { world, prepared } = fixture;
    const store = storeAt(world, prepared.tip);
    const reader = createRollupReader(endpointOf(world));
    const broken = { ...reader, head: () => Promise.reject(invariantBroken('two states differ')) };
    const watcher = await watch(world, prepared.tip, { store, reader: broken });
    await assert.rejects(watcher.poll(), { code: 'INVARIANT_BROKEN' });
    assert.deepEqual(kindsOf(store), ['bugFound']);
  });

  it('does not wait for the disk when a look finds nothing new', async () => {
    const { world, prepared } = fixture;
    await assertBatch(world, await buildOn(world, prepared.tip, [HONEST, FORGERY]));
    const store = storeAt(world, prepared.tip);
    let commits = 0;
    const commit: WatcherStore['commit'] = (change) => {
      commits += 1;
      return store.commit(change);
    };
    const watcher = await watch(world, prepared.tip, { store: { ...store, commit } });
    await watcher.poll();
    assert.ok(commits > 0);
    commits = 0;
    await watcher.poll();
    assert.deepEqual([commits, kindsOf(store)], [0, ['lieFound']]);
  });

  it('tells of a lie once, with the record and the rule, also after a restart', async () => {
    const { world, prepared } = fixture;
    await assertBatch(world, await buildOn(world, prepared.tip, [HONEST, FORGERY]));
    const store = storeAt(world, prepared.tip);
    for (let run = 0; run < 2; run++) await (await watch(world, prepared.tip, { store })).poll();
    const [lie, ...others] = alertsOf(store);
    assert.deepEqual(others, []);
    assert.deepEqual(
      [lie!['kind'], lie!['batch'], lie!['chunk'], lie!['slot'], lie!['rule']],
      ['lieFound', 2, 1, 1, 'BAD_SIGNATURE'],
    );
    assert.match(
      String(lie!['message']),
      /batch 2 is wrong: slot 1 of chunk 1 \(transfer from 1 to 2, amount 100, fee 0\)/,
    );
  });

  it('alarms when a lie can no longer be disputed, and when it was rejected', async () => {
    const { world, prepared } = fixture;
    const built = await buildOn(world, prepared.tip, [THEFT]);
    const id = await assertBatch(world, built);
    const store = storeAt(world, prepared.tip);
    const watcher = await watch(world, prepared.tip, { store });
    await advance(world.optimistic.challengePeriod - 10);
    await sendDispute(world, id, built, 0);
    await watcher.poll();
    assert.deepEqual(kindsOf(store), ['lieFound']);
    await advance(world.optimistic.answerWindow + 1);
    await (await watch(world, prepared.tip, { mode: 'resolve', signer: world.alice, store })).poll();
    await watcher.poll();
    assert.deepEqual(kindsOf(store), ['lieFound', 'lieRejected']);
    await assertBatch(world, await buildOn(world, prepared.tip, [THEFT]));
    await advance(world.optimistic.challengePeriod + 1);
    await watcher.poll();
    assert.deepEqual(kindsOf(store), ['lieFound', 'lieRejected', 'lieFound', 'lieUndisputed']);
  });

  it('alarms an asserter whose own batch is disputed, unanswered or wrong', async () => {
    const { world, prepared } = fixture;
    const built = await buildOn(world, prepared.tip, [HONEST]);
    const id = await assertBatch(world, built);
    await dispute(world, id, built, 0);
    const store = storeAt(world, prepared.tip);
    // It observes with the asserter's account: nobody answers.
    const watcher = await watch(world, prepared.tip, { store, signer: world.producer });
    await watcher.poll();
    assert.deepEqual(kindsOf(store), ['disputed']);
    await advance(world.optimistic.answerWindow + 1);
    await watcher.poll();
    assert.deepEqual(kindsOf(store), ['disputed', 'ownAssertionUnanswered']);
    await assertBatch(world, await buildOn(world, built, [THEFT]));
    await watcher.poll();
    assert.deepEqual(kindsOf(store).slice(2), ['lieFound', 'ownAssertionWrong']);
  });

  it('counts what it saw under names with units', async () => {
    const { world, prepared } = fixture;
    await assertBatch(world, await buildOn(world, prepared.tip, [HONEST, FORGERY]));
    const metrics = createMetrics();
    const watcher = await watch(world, prepared.tip, { mode: 'challenge', signer: world.bob, metrics });
    for (let look = 0; look < 2; look++) await watcher.poll();
    const { text } = await metrics.print();
    for (const line of [
      'quittance_watch_polls_total{result="done"} 2',
      'quittance_watch_last_batch_number{state="final"} 1',
      'quittance_watch_last_batch_number{state="waiting"} 2',
      'quittance_watch_waiting_batches_count{verdict="wrong"} 1',
      'quittance_watch_lies_total{rule="BAD_SIGNATURE"} 1',
      'quittance_watch_actions_total{move="dispute",result="done"} 1',
      'quittance_watch_open_disputes_count 1',
      'quittance_watch_alerts_total{kind="lieFound"} 1',
    ]) {
      assert.ok(text.includes(line), `${line}\n${text}`);
    }
  });

  it('forgets what is over, and not what may still matter', async () => {
    const { world, prepared } = fixture;
    const store = storeAt(world, prepared.tip);
    const built = await buildOn(world, prepared.tip, [HONEST]);
    await assertBatch(world, built);
    await advance(world.optimistic.challengePeriod + 1);
    await finalize(world, built);
    const watcher = await watch(world, prepared.tip, { store });
    await watcher.poll();
    assert.ok(store.events.all().length > 0);
    await world.l1.networkHelpers.mine(300);
    for (let look = 0; look < 2; look++) await watcher.poll();
    assert.deepEqual(store.events.all(), []);
    assert.equal((await watcher.poll()).finalBatch, 2);
  });
});

describe('Watcher: a rollup without optimistic mode', () => {
  it('is observed: its batches are replayed when they arrive', async () => {
    const world = await deployRollup();
    const watcher = await watchZk(world);
    assert.equal((await watcher.poll()).finalBatch, 0);
    await submit(
      world,
      buildBatch(world, { parent: world.genesis, time: await latestTime(world), chunks: [[]], roots: [7n] }),
    );
    await assert.rejects(watcher.poll(), { code: 'LIE_FINAL' });
    await assert.rejects(watchZk(world, { mode: 'challenge' }), { code: 'NO_OPTIMISTIC_MODE' });
  });
});

describe('Watcher: where it begins to read', () => {
  it('says that it begins behind the deployment, and reads from an earlier block at the next start', async () => {
    const world = await deployRollup();
    const store = openWatcherStore({ file: IN_MEMORY, ...world.deployment });
    await world.l1.networkHelpers.mine(2);
    const behind = await watchZk(world, { store, fromBlock: await world.ethers.provider.getBlockNumber() });
    await assert.rejects(behind.poll(), { code: 'NO_DEPLOYMENT' });
    assert.equal((await (await watchZk(world, { store })).poll()).finalBatch, 0);
  });
});

describe('Watcher: alerts', () => {
  const fixture = assertionsFixture();
  const START = 1_800_000_000_000;

  function setUp(post: (body: string) => Promise<void>) {
    const clock = createManualClock(START);
    const store = storeAt(fixture.world, fixture.prepared.tip);
    const lines: unknown[] = [];
    const note = (message: string, fields?: object) => void lines.push({ message, ...fields });
    const logger: Logger = { ...silentLogger, warn: note, error: note };
    const measurements = createWatcherMeasurements(createMetrics());
    const alerts = createAlerts({ store, clock, logger, measurements, post });
    /** Delivers while time goes on, for the pauses between attempts. */
    const deliver = async () => {
      const done = alerts.deliver();
      for (let step = 0; step < 20; step++) await clock.advance(500);
      await done;
    };
    return { alerts, clock, store, lines, deliver };
  }
  const alert = { kind: 'lieFound', key: '1', message: 'batch 2 is wrong', data: { assertionId: 7n } } as const;

  it('are posted once as JSON', async () => {
    const bodies: unknown[] = [];
    const { alerts, deliver } = setUp(async (body) => void bodies.push(JSON.parse(body)));
    for (let i = 0; i < 2; i++) alerts.raise(alert);
    for (let i = 0; i < 2; i++) await deliver();
    const time = new Date(START).toISOString();
    assert.deepEqual(bodies, [{ kind: 'lieFound', message: 'batch 2 is wrong', assertionId: '7', time }]);
  });

  it('are offered again when the webhook fails, a bounded number of times', async () => {
    let posts = 0;
    const { alerts, deliver, clock } = setUp(async () => {
      posts += 1;
      throw new RollupError('WEBHOOK_FAILED', 'the webhook answered 500');
    });
    alerts.raise(alert);
    for (let look = 0; look < 30; look++) {
      await deliver();
      await clock.advance(3_600_000);
    }
    assert.equal(posts, 10 * 3);
  });

  it('do not wait for one another’s webhook longer than one failure a look', async () => {
    const posts: string[] = [];
    const { alerts, deliver } = setUp(async (body) => {
      posts.push(JSON.parse(body).message);
      throw new Error('down');
    });
    for (const key of ['1', '2', '3']) alerts.raise({ ...alert, key, message: key });
    await deliver();
    assert.deepEqual(posts, ['1', '1', '1']);
  });

  it('keep the webhook’s URL, which may hold a key, out of errors and logs', async () => {
    const server = createServer((_request, response) => response.writeHead(500).end('no'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const post = createWebhook(`http://127.0.0.1:${port}/hooks/very-secret-key`);
    const { alerts, deliver, lines } = setUp(post);
    alerts.raise(alert);
    await assert.rejects(post('{}'), (error: Error) => !`${error.message} ${error.stack}`.includes('very-secret'));
    await new Promise<void>((resolve) => server.close(() => resolve()));
    await assert.rejects(post('{}'), (error: Error) => !`${error.message} ${error.stack}`.includes('very-secret'));
    await deliver();
    assert.ok(lines.length >= 2);
    assert.ok(!inspect(lines, { depth: 9 }).includes('very-secret'));
  });
});

describe('Watcher: what it staked', () => {
  it('is the bonds of its open disputes and of its own waiting batches', () => {
    const constants = { disputeBond: 3n, assertionBond: 100n } as AssertionConstants;
    const isOurs = (account: string) => account === 'us';
    const dispute = (side: DisputeCase['side'], phase: DisputeCase['phase']): DisputeCase => ({
      ...{ disputeId: 1n, assertionId: 1n, chunk: 0, side, phase },
    });
    const disputes = [
      dispute('disputer', 'running'),
      dispute('disputer', 'refundable'),
      dispute('disputer', 'lost'),
      dispute('disputer', 'settled'),
      dispute('asserter', 'running'),
      dispute('bystander', 'running'),
    ];
    const waiting = ['us', 'them'].map((asserter) => ({ asserter }) as ReportedBatch);
    assert.equal(stakedWei({ waiting, disputes }, { constants, isOurs }), 106n);
    assert.equal(stakedWei({ waiting: [], disputes: [] }, { constants, isOurs }), 0n);
  });
});

describe('Watcher: readiness', () => {
  const head = { number: 9, hash: '0x01', parentHash: '0x00', timestamp: 1 };

  it('begins with STARTING, and follows what looks say', () => {
    const clock = createManualClock();
    const readiness = createReadiness(clock);
    const reason = () => {
      const state = readiness.state();
      return state.ready ? 'ready' : state.reason;
    };
    assert.equal(reason(), 'STARTING');
    readiness.looked({ isSynced: false, failures: [], head });
    assert.equal(reason(), 'CATCHING_UP');
    readiness.looked({ isSynced: true, failures: [], head });
    assert.equal(reason(), 'ready');
    readiness.failed(new RollupError('L1_UNREACHABLE', 'no answer'));
    assert.equal(reason(), 'L1_UNREACHABLE');
    readiness.failed(new TypeError('a bug'));
    assert.deepEqual(readiness.state(), { ready: false, reason: 'FAILED', message: 'a bug' });
    const missing = new RollupError('BLOB_UNAVAILABLE', 'no source has it', { hash: '0x01', blockNumber: 1 });
    readiness.looked({ isSynced: false, failures: [missing], head });
    assert.equal(reason(), 'BLOB_UNAVAILABLE');
  });

  it('ends when no look ended for long: one that hangs says nothing', async () => {
    const clock = createManualClock();
    const readiness = createReadiness(clock);
    readiness.looked({ isSynced: true, failures: [], head });
    await clock.advance(STALE_AFTER_MS);
    assert.deepEqual(readiness.state(), { ready: true });
    await clock.advance(1_000);
    const state = readiness.state();
    assert.equal(state.ready ? 'ready' : state.reason, 'STALE');
  });
});

describe('Watcher: metrics over HTTP', () => {
  it('are served with health, and nothing else is', async () => {
    let state: Readiness = { ready: false, reason: 'STARTING', message: 'not yet' };
    const metrics = createMetrics();
    createWatcherMeasurements(metrics).l1Block.set(12);
    const server = await startMetricsServer({ host: '127.0.0.1', port: 0, metrics, readiness: () => state });
    try {
      const get = async (path: string, method = 'GET') => {
        const response = await fetch(`${server.url}${path}`, { method });
        return { status: response.status, text: await response.text() };
      };
      assert.match((await get('/metrics')).text, /quittance_watch_l1_block_number 12/);
      assert.equal((await get('/livez')).status, 200);
      const early = await get('/readyz');
      assert.deepEqual([early.status, JSON.parse(early.text)], [503, state]);
      state = { ready: true };
      const ready = await get('/readyz');
      assert.deepEqual([ready.status, JSON.parse(ready.text)], [200, { ready: true }]);
      assert.equal((await get('/other')).status, 404);
      assert.equal((await get('/metrics', 'POST')).status, 405);
    } finally {
      await server.stop();
    }
  });
});
