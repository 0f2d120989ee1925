import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BlobRequest } from '@quittance/chain';
import { createMissingList, MAX_MISSING } from '../../packages/derivation/archive-missing.ts';
import { createArchiveFolder } from '../../storage/index.ts';

const NOTHING = { missing: [], droppedCount: 0 };

/** The largest request that a list can have. */
const wanted = (index: number, blockNumber = index): BlobRequest => ({
  versionedHashes: [`0x01${index.toString(16).padStart(62, '0')}`],
  blockNumber,
  timestamp: Number.MAX_SAFE_INTEGER,
});
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, offset) => wanted(from + offset));

describe('the missing blobs of an archive', () => {
  it('are each on the list once, the one that was asked for last at the end', () => {
    const list = createMissingList({ missing: range(0, 3), droppedCount: 5 });
    list.add(wanted(1, 9));
    assert.deepEqual(list.progress(), { missing: [wanted(0), wanted(2), wanted(1, 9)], droppedCount: 5 });
  });

  it('are all remembered up to the limit', () => {
    const list = createMissingList(NOTHING);
    for (const request of range(0, MAX_MISSING)) list.add(request);
    assert.deepEqual(list.progress(), { missing: range(0, MAX_MISSING), droppedCount: 0 });
  });

  it('beyond the limit lose the oldest blocks, and are still counted', () => {
    const list = createMissingList({ missing: range(10, 10 + MAX_MISSING), droppedCount: 2 });
    list.add(wanted(3));
    list.add(wanted(9_999_999));
    const { missing, droppedCount } = list.progress();
    assert.deepEqual(missing, [...range(11, 10 + MAX_MISSING), wanted(9_999_999)]);
    assert.equal(droppedCount, 4);
  });

  it('do not pile up while a look goes on', () => {
    const list = createMissingList(NOTHING);
    const count = 5 * MAX_MISSING + 7;
    for (const request of range(0, count)) list.add(request);
    const { missing, droppedCount } = list.progress();
    assert.deepEqual(missing, range(count - MAX_MISSING, count));
    assert.equal(droppedCount, count - MAX_MISSING);
  });

  it('have room in the file of a folder, as many as there are at most', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'quittance-missing-'));
    try {
      const store = createArchiveFolder(folder);
      const most = Number.MAX_SAFE_INTEGER;
      const missing = range(0, MAX_MISSING).map((request) => ({ ...request, blockNumber: most }));
      const counts = { nextBlock: most, nextBatch: most, dataBlock: most, droppedCount: most };
      const progress = { chainId: '9'.repeat(78), contract: `0x${'ff'.repeat(20)}`, ...counts, missing };
      await store.writeProgress(progress);
      assert.deepEqual(await store.readProgress(), progress);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
