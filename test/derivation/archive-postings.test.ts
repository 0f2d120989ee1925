import assert from 'node:assert/strict';
import type { Kzg, RollupReader } from '@quittance/chain';
import { headerHash, headerOf, RollupError } from '@quittance/protocol';
import type { ArchiveProgress, ArchiveStore } from '../../packages/derivation/archive.ts';
import { createArchive } from '../../packages/derivation/archive.ts';
import { testKzg } from '../support/blobs/kzg.ts';
import { type BlobChain, createBlobChain } from '../support/derivation/blob-chain.ts';
import { createBlobShelf } from '../support/l1/blob-shelf.ts';
import { timeOfBlock } from '../support/l1/posted-chain.ts';
import { HOLDERS } from '../support/optimistic/lie-scene.ts';
import { transferOf } from '../support/optimistic/slot-scripts.ts';

const { alice, bob } = HOLDERS;
/** What makes a waiting batch final carries no data. */
const FINALIZING = `0x${'f1'.repeat(32)}`;
const WAITING = 3;

function createMemoryStore() {
  const kept = new Set<string>();
  let progress: ArchiveProgress | undefined;
  const store: Pick<ArchiveStore, 'name' | 'keep' | 'readProgress' | 'writeProgress'> = {
    name: 'memory',
    keep: async (hash) => void kept.add(hash),
    readProgress: async () => progress,
    writeProgress: async (next) => {
      progress = next;
    },
  };
  return { kept, store: store as ArchiveStore, progress: () => progress! };
}

describe('an archive, reading L1', function () {
  this.timeout(60_000);
  let kzg: Kzg;
  let chain: BlobChain;
  let memory: ReturnType<typeof createMemoryStore>;
  let shelf: ReturnType<typeof createBlobShelf>;
  /** L1 as it is told to be. */
  let l1: { head: number; finalAt: number | undefined; lost: (what: 'final' | 'assertion', batch: number) => boolean };
  let unreadable: Set<string>;

  before(async () => {
    kzg = await testKzg();
  });
  beforeEach(async () => {
    chain = await createBlobChain(kzg);
    await chain.post('coefficients', [{ slots: [transferOf(alice, bob.index, 100n)] }]);
    await chain.post('evaluations', [{ slots: [transferOf(bob, alice.index, 3n)] }]);
    memory = createMemoryStore();
    shelf = createBlobShelf();
    for (const [hash, blob] of chain.blobs) shelf.put([hash], [blob]);
    l1 = { head: 3, finalAt: undefined, lost: () => false };
    unreadable = new Set([FINALIZING]);
  });

  /** Batch 3 was asserted in block 3, and is final from `finalAt` on. */
  function reader(): RollupReader {
    const { reader: inner } = chain;
    const isFinal = () => l1.finalAt !== undefined && l1.finalAt <= l1.head;
    return {
      ...inner,
      head: async () => ({ number: l1.head, hash: `0x${l1.head}`, parentHash: '0x', timestamp: timeOfBlock(l1.head) }),
      block: async (number) => ({ number, hash: `0x${number}`, parentHash: '0x', timestamp: timeOfBlock(number) }),
      finalState: async () => ({ number: isFinal() ? WAITING : 2, priorityCount: 0, transferToNewCount: 0 }),
      async finalizedBatches(from, to) {
        const all = await inner.finalizedBatches(0, WAITING);
        const placed = all.flatMap((batch) => {
          if (batch.header.number !== WAITING) return [batch];
          return isFinal() ? [{ ...batch, blockNumber: l1.finalAt!, transactionHash: FINALIZING }] : [];
        });
        const isGiven = ({ blockNumber, header }: (typeof placed)[number]) =>
          blockNumber >= from && blockNumber <= to && !l1.lost('final', header.number);
        return placed.filter(isGiven);
      },
      async assertions(from, to) {
        return (await inner.assertions(from, to)).filter(() => !l1.lost('assertion', WAITING));
      },
      async batchData(hash) {
        if (!unreadable.has(hash)) return inner.batchData(hash);
        throw new RollupError('CALLDATA_UNREADABLE', 'no such call', { expected: 'submitBatch' });
      },
    };
  }
  const archive = (checksAll = false, from = reader(), fromBlock = 0) =>
    createArchive({ reader: from, source: shelf, store: memory.store, fromBlock, checksAll });
  const hashOf = (batch: number) => chain.posted[batch - 1]!.submission.blobHashes[0]!;

  it('keeps the blobs of a batch that waits', async () => {
    assert.deepEqual([(await archive().look()).blobs, memory.kept.has(hashOf(WAITING))], [2, true]);
  });

  it('is not a block further when L1 leaves a final batch out, and keeps its blob when it is there', async () => {
    l1.lost = (what, batch) => what === 'final' && batch === 2;
    const one = archive();
    await assert.rejects(one.look(), { code: 'L1_LOGS_INCOMPLETE', message: /final batch 2 in blocks 0 to 3/ });
    assert.equal(memory.progress(), undefined);
    l1.lost = () => false;
    assert.equal((await one.look()).blobs, 2);
  });

  it('notices a final batch that is left out later, also the first one behind what it does not read again', async () => {
    l1.head = 300;
    await archive().look();
    assert.deepEqual([memory.progress().nextBlock, memory.progress().nextBatch], [173, 3]);
    [l1.head, l1.finalAt] = [500, 400];
    l1.lost = (what) => what === 'final';
    await assert.rejects(archive().look(), {
      code: 'L1_LOGS_INCOMPLETE',
      message: /final batch 3 in blocks 173 to 500/,
    });
    assert.equal(memory.progress().nextBlock, 173);
  });

  it('says NO_DEPLOYMENT when it is to begin behind it', async () => {
    await assert.rejects(archive(false, reader(), 2).look(), { code: 'NO_DEPLOYMENT' });
  });

  it('takes an assertion without readable calldata for no batch without data', async () => {
    const [assertion] = await chain.reader.assertions(0, WAITING);
    unreadable.add(assertion!.transactionHash);
    const one = archive();
    await assert.rejects(one.look(), { code: 'CALLDATA_UNREADABLE' });
    assert.equal(memory.progress(), undefined);
    unreadable.delete(assertion!.transactionHash);
    await one.look();
    assert.ok(memory.kept.has(hashOf(WAITING)));
  });

  it('asks for no blob of calldata that is not that of its event', async () => {
    const inner = reader();
    const other: RollupReader = {
      ...inner,
      batchData: async (hash) => ({ ...(await inner.batchData(hash)), blobHashes: [`0x01${'00'.repeat(31)}`] }),
    };
    await assert.rejects(archive(false, other).look(), { code: 'L1_INCONSISTENT' });
    assert.deepEqual(shelf.requests, []);
  });

  it('reads a batch once that became final later, while it lives', async () => {
    const one = archive();
    await one.look();
    [l1.head, l1.finalAt] = [50, 50];
    assert.equal((await one.look()).blobs, 0);
    assert.equal(shelf.requests.length, 2);
  });

  it('finds the assertion of a batch that became final long after it, and its blob if it was never kept', async () => {
    l1.lost = (what) => what === 'assertion';
    l1.head = 300;
    await archive().look();
    assert.ok(!memory.kept.has(hashOf(WAITING)), 'nothing tells of an assertion that is left out');
    [l1.head, l1.finalAt] = [500, 500];
    const one = archive();
    const data = { what: 'the assertion of batch 3' };
    await assert.rejects(one.look(), { code: 'L1_LOGS_INCOMPLETE', data });
    l1.lost = () => false;
    await one.look();
    assert.ok(memory.kept.has(hashOf(WAITING)));
    l1.head = 700;
    await one.look();
    const { nextBlock, nextBatch, dataBlock } = memory.progress();
    assert.deepEqual([nextBlock, nextBatch, dataBlock], [573, 4, 3]);
  });

  it('forgets nothing for a node that is further behind than any reorg', async () => {
    l1.head = 300;
    await archive().look();
    const before = memory.progress();
    l1.head = 172;
    assert.equal((await archive().look()).block, 172);
    assert.deepEqual(memory.progress(), before);
    l1.head = 171;
    await assert.rejects(archive().look(), { code: 'L1_BEHIND', data: { expected: 172, actual: 171 } });
  });

  it('counts what it cannot remember, and looks for it again when it reads all batches again', async () => {
    await archive().look();
    const range = Array.from({ length: 4_096 }, (_, index) => ({
      versionedHashes: [`0x01${index.toString(16).padStart(62, '0')}`],
      blockNumber: 1,
      timestamp: timeOfBlock(1),
    }));
    await memory.store.writeProgress({ ...memory.progress(), missing: range, droppedCount: 7 });
    await chain.post('coefficients', [{ slots: [transferOf(alice, bob.index, 9n)] }]);
    const { lacking, dropped } = await archive(false, chain.reader).look();
    assert.deepEqual([lacking, dropped], [4_104, 8]);
    shelf.isOpen = false;
    const again = await archive(true, chain.reader).look();
    assert.deepEqual([again.lacking, again.dropped], [4_098, 2]);
  });

  it('tells of so many missing blobs in a look, and counts all', async () => {
    const { submission } = chain.posted[1]!;
    const blobHashes = Array.from({ length: 70 }, (_, index) => `0x01${index.toString(16).padStart(62, '0')}`);
    const data = { ...submission, blobHashes };
    const header = headerOf(data.parent, data);
    const inner = reader();
    const many: RollupReader = {
      ...inner,
      finalizedBatches: async (...range) =>
        (await inner.finalizedBatches(...range)).with(2, {
          ...(await inner.finalizedBatches(2, 2))[0]!,
          ...{ header, headerHash: headerHash(header) },
        }),
      batchData: async (hash) => {
        const read = await inner.batchData(hash);
        return read.number === 2 ? data : read;
      },
    };
    const { missing, lacking, blobs } = await archive(false, many).look();
    assert.deepEqual([missing.length, lacking, blobs], [64, 70, 1]);
  });
});
