import { strict as assert } from 'node:assert';
import type { ServerResponse } from 'node:http';
import {
  type BlobOrigin,
  type BlobRequest,
  createBeaconOrigin,
  createBlobSource,
  createMirrorOrigin,
  createRestingOrigin,
  type Kzg,
  versionedHashOf,
} from '@quittance/chain';
import type { RollupError } from '@quittance/protocol';
import { silentLogger } from '../../../runtime/index.ts';
import { randomBlob, testKzg } from '../../support/blobs/kzg.ts';
import { startServer, type TestServer } from '../../support/l1/http.ts';
import { createManualClock, type ManualClock } from '../../support/manual-clock.ts';

/** Of the machine: what a place takes on the clock of a test, its server says. */
const TIMEOUT_MS = 400;

describe('Chain: places of blobs that take long in vain', () => {
  const blob = randomBlob('one');
  let kzg: Kzg;
  let request: BlobRequest;
  let clock: ManualClock;
  let server: TestServer;
  /** What the server does with a question. */
  let answer: (response: ServerResponse) => void | Promise<void>;

  before(async () => {
    kzg = await testKzg();
    const hash = versionedHashOf(await kzg.commitment(blob));
    request = { versionedHashes: [hash], blockNumber: 70, timestamp: 1_800_000_000 };
  });
  beforeEach(async () => {
    clock = createManualClock();
    server = await startServer((_body, response) => void answer(response));
  });
  afterEach(() => server.stop());

  const mirror = () => createRestingOrigin(createMirrorOrigin({ url: server.url, timeoutMs: TIMEOUT_MS }), clock);
  const silent = (ms: number) => () => clock.advance(ms);
  const missing = (ms: number) => async (response: ServerResponse) => {
    await clock.advance(ms);
    response.writeHead(404).end();
  };
  const good = async (response: ServerResponse) => {
    await clock.advance(5_000);
    response.end(blob);
  };
  /** How often a question reached the server, of so many. */
  async function asked(origin: BlobOrigin, times: number): Promise<number> {
    const before = server.requestCount;
    for (let time = 0; time < times; time += 1) await origin.read(request).catch(() => undefined);
    return server.requestCount - before;
  }

  it('are left alone for a minute after one timeout', async () => {
    const origin = mirror();
    answer = silent(15_000);
    assert.equal(await asked(origin, 3), 1);
    await assert.rejects(origin.read(request), {
      code: 'BLOB_SOURCE_FAILED',
      message: /left alone for another 60 s, since it took long in vain: no whole answer within 400 ms/,
    });
    await assert.rejects(origin.readCells!(request.versionedHashes[0]!), { code: 'BLOB_SOURCE_FAILED' });
    await clock.advance(59_999);
    assert.equal(await asked(origin, 1), 0);
    await clock.advance(1);
    answer = good;
    assert.deepEqual(await origin.read(request), [blob]);
  });

  it('may be slow as long as they have it, and are forgiven for it what was before', async () => {
    const origin = mirror();
    answer = silent(6_000);
    assert.equal(await asked(origin, 1), 1);
    answer = good;
    assert.equal(await asked(origin, 9), 9);
    answer = silent(6_000);
    assert.equal(await asked(origin, 3), 2);
  });

  it('are left alone too when they say slowly that they have nothing', async () => {
    answer = missing(6_000);
    assert.equal(await asked(mirror(), 5), 2);
  });

  it('may say at once, as often as it comes, that they have nothing', async () => {
    answer = missing(500);
    assert.equal(await asked(mirror(), 40), 40);
  });

  it('take no time from those behind them', async () => {
    answer = silent(15_000);
    const second: BlobOrigin = { name: 'second', read: async () => [blob] };
    const source = createBlobSource({ origins: [mirror(), second], kzg, logger: silentLogger });
    for (let look = 0; look < 3; look += 1) assert.deepEqual(await source.getBlobs(request), [blob]);
    assert.equal(server.requestCount, 1);
  });

  it('are not asked for cells or a slot either, and the error says why', async () => {
    answer = silent(15_000);
    const beacon = createRestingOrigin(createBeaconOrigin({ url: server.url, timeoutMs: TIMEOUT_MS }), clock);
    const source = createBlobSource({ origins: [beacon], kzg, logger: silentLogger });
    await assert.rejects(source.getBlobs(request), (error: RollupError) => {
      assert.deepEqual([error.code, error.data['slot']], ['BLOB_UNAVAILABLE', undefined]);
      return true;
    });
    assert.equal(server.requestCount, 1);
    await assert.rejects(source.getBlobs(request), {
      code: 'BLOB_UNAVAILABLE',
      message: /left alone for another 60 s/,
    });
    assert.equal(server.requestCount, 1);
  });

  it('lose nothing by who stops asking', async () => {
    const controller = new AbortController();
    const origin = mirror();
    answer = async () => {
      await clock.advance(15_000);
      controller.abort(new Error('stop'));
    };
    await assert.rejects(origin.read(request, controller.signal), /stop/);
    answer = good;
    assert.deepEqual(await origin.read(request), [blob]);
  });

  it('keep blobs as before', async () => {
    const kept: string[] = [];
    const folder: BlobOrigin = { name: 'folder', read: async () => [], keep: async (hash) => void kept.push(hash) };
    await createRestingOrigin(folder, clock).keep!('0x01', blob);
    assert.deepEqual(kept, ['0x01']);
  });
});
