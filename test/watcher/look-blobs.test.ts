import { strict as assert } from 'node:assert';
import type { BlobRequest, BlobSource } from '@quittance/chain';
import { RollupError } from '@quittance/protocol';
import { createLookBlobs, type LookBlobs, MAX_WAIT_MS } from '../../watcher/replay/look-blobs.ts';
import { createManualClock, type ManualClock } from '../support/manual-clock.ts';

const request = (blockNumber: number): BlobRequest => ({ versionedHashes: ['0x01'], blockNumber, timestamp: 0 });
const blobsOf = (blockNumber: number) => [Uint8Array.of(blockNumber)];
const missing = new RollupError('BLOB_UNAVAILABLE', 'nobody has it', { hash: '0x01', blockNumber: 1 });

describe('Watcher: how long a look waits for blobs', () => {
  let clock: ManualClock;
  let blobs: LookBlobs;
  /** What was asked for and has no answer yet, by block. */
  let open: Map<number, { resolve(blobs: Uint8Array[]): void; reject(error: unknown): void }>;
  let asked: number[];

  beforeEach(() => {
    clock = createManualClock();
    open = new Map();
    asked = [];
    const source: BlobSource = {
      getBlobs({ blockNumber }, signal) {
        const { promise, resolve, reject } = Promise.withResolvers<Uint8Array[]>();
        signal?.addEventListener('abort', () => reject(signal.reason));
        open.set(blockNumber, { resolve, reject });
        asked.push(blockNumber);
        return promise;
      },
    };
    blobs = createLookBlobs(source, clock);
  });
  const look = () => {
    const before = blobs.begin();
    blobs.allow();
    return before;
  };
  const come = async (blockNumber: number) => {
    open.get(blockNumber)!.resolve(blobsOf(blockNumber));
    await clock.advance(0);
  };

  it('is as long as they take, when that is not long', async () => {
    assert.equal(look(), false);
    const got = blobs.getBlobs(request(1));
    await clock.advance(MAX_WAIT_MS - 1);
    await come(1);
    assert.deepEqual(await got, blobsOf(1));
    assert.deepEqual([look(), clock.scheduled], [false, 0]);
  });

  it('is ten seconds in all, and a later look gets what came since without asking again', async () => {
    look();
    const first = blobs.getBlobs(request(1));
    await clock.advance(6_000);
    await come(1);
    await first;
    const second = blobs.getBlobs(request(2));
    const isLate = assert.rejects(second, { code: 'BLOB_LATE', data: { blockNumber: 2 } });
    await clock.advance(4_000);
    await isLate;
    await assert.rejects(blobs.getBlobs(request(3)), { code: 'BLOB_LATE' });
    await come(2);
    assert.equal(look(), true);
    assert.deepEqual(await blobs.getBlobs(request(2)), blobsOf(2));
    await come(3);
    assert.deepEqual(await blobs.getBlobs(request(3)), blobsOf(3));
    assert.deepEqual([asked, look()], [[1, 2, 3], false]);
  });

  it('is no time before it is allowed: then it gets what is there', async () => {
    look();
    const isLate = assert.rejects(blobs.getBlobs(request(1)), { code: 'BLOB_LATE' });
    await clock.advance(MAX_WAIT_MS);
    await isLate;
    blobs.begin();
    await assert.rejects(blobs.getBlobs(request(1)), { code: 'BLOB_LATE' });
    await come(1);
    assert.deepEqual(await blobs.getBlobs(request(1)), blobsOf(1));
    assert.equal(clock.scheduled, 0);
  });

  it('hears of a failure that came between two looks, and asks again only after that', async () => {
    look();
    const isLate = assert.rejects(blobs.getBlobs(request(1)), { code: 'BLOB_LATE' });
    await clock.advance(MAX_WAIT_MS);
    await isLate;
    open.get(1)!.reject(missing);
    await clock.advance(0);
    look();
    await assert.rejects(blobs.getBlobs(request(1)), missing);
    const again = blobs.getBlobs(request(1));
    await come(1);
    assert.deepEqual([await again, asked], [blobsOf(1), [1, 1]]);
    assert.equal(look(), true);
  });

  it('asks for eight batches at once at most, and for others when some are there or nobody wants them', async () => {
    blobs.begin();
    for (let block = 1; block <= 9; block += 1) {
      await assert.rejects(blobs.getBlobs(request(block)), { code: 'BLOB_LATE' });
    }
    assert.deepEqual(asked, [1, 2, 3, 4, 5, 6, 7, 8]);
    await come(8);
    blobs.begin();
    blobs.begin();
    await assert.rejects(blobs.getBlobs(request(9)), { code: 'BLOB_LATE' });
    assert.equal(asked.at(-1), 9);
  });

  it('ends at once when it is cancelled, whoever began to ask', async () => {
    const controller = new AbortController();
    look();
    const first = assert.rejects(blobs.getBlobs(request(1)), { code: 'BLOB_LATE' });
    await clock.advance(MAX_WAIT_MS);
    await first;
    look();
    const waiting = [request(1), request(2)].map((one) =>
      assert.rejects(blobs.getBlobs(one, controller.signal), /stop/),
    );
    controller.abort(new Error('stop'));
    await Promise.all(waiting);
    assert.equal(look(), false, 'nothing is said of a place by that');
  });
});
