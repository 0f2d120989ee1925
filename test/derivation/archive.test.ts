import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BlobOrigin, createBlobSource, type Kzg, type RollupReader } from '@quittance/chain';
import { createArchive, openSnapshot } from '@quittance/derivation';
import { headerHash, RollupError } from '@quittance/protocol';
import { silentLogger } from '../../runtime/index.ts';
import { createArchiveFolder } from '../../storage/index.ts';
import { testKzg } from '../support/blobs/kzg.ts';
import { type BlobChain, createBlobChain } from '../support/derivation/blob-chain.ts';
import { timeOfBlock } from '../support/l1/posted-chain.ts';
import { HOLDERS } from '../support/optimistic/lie-scene.ts';
import { transferOf, withdrawOf } from '../support/optimistic/slot-scripts.ts';
import { portableCrypto } from '../support/rollup/world.ts';

const { alice, bob } = HOLDERS;

describe('an archive', function () {
  this.timeout(120_000);
  let kzg: Kzg;
  let chain: BlobChain;
  let folder: string;
  let node: BlobOrigin & { readonly asked: string[]; isPruned: boolean };

  before(async () => {
    kzg = await testKzg();
  });
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'quittance-archive-'));
    chain = await createBlobChain(kzg);
    await chain.post('coefficients', [{ slots: [transferOf(alice, bob.index, 100n), withdrawOf(bob, 7n)] }]);
    await chain.post('evaluations', [{ slots: [transferOf(bob, alice.index, 3n)] }]);
    node = {
      name: 'node',
      asked: [],
      isPruned: false,
      async read({ versionedHashes }) {
        node.asked.push(...versionedHashes);
        if (!node.isPruned) return versionedHashes.flatMap((hash) => chain.blobs.get(hash) ?? []);
        throw new RollupError('BLOB_SOURCE_FAILED', 'node: pruned', { source: 'node', reason: 'pruned' });
      },
    };
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  /** A process over the folder. */
  function archive(
    options: { cells?: readonly number[]; snapshots?: number; checksAll?: boolean } = {},
    store = createArchiveFolder(folder),
    reader: RollupReader = chain.reader,
  ) {
    const { name, read, readCells } = store;
    const own = { name, read, readCells };
    return createArchive({
      ...{ reader, store, fromBlock: 0, checksAll: options.checksAll ?? false },
      source: createBlobSource({ origins: [own, node], kzg, logger: silentLogger }),
      cells: options.cells && { indices: options.cells, kzg },
      snapshots:
        options.snapshots === undefined ? undefined : { everyBatches: options.snapshots, crypto: portableCrypto },
    });
  }
  const files = (ending: string) => readdirSync(folder).filter((file) => file.endsWith(ending));

  it('keeps the blobs of every form once', async () => {
    const { block, blobs, missing, lacking } = await archive().look();
    assert.deepEqual([block, blobs, missing, lacking], [3, 2, [], 0]);
    assert.deepEqual(files('.blob').sort(), [...chain.blobs.keys()].map((hash) => `${hash}.blob`).sort());
    for (const [hash, blob] of chain.blobs) {
      assert.deepEqual(new Uint8Array(readFileSync(join(folder, `${hash}.blob`))), blob);
    }
  });

  it('asks for what is new only, while it lives and after a restart', async () => {
    const first = archive();
    await first.look();
    assert.equal(node.asked.length, 2);
    assert.equal((await first.look()).blobs, 0);
    await chain.post('coefficients', [{ slots: [transferOf(alice, bob.index, 9n)] }]);
    assert.equal((await first.look()).blobs, 1);
    await archive().look();
    assert.equal(node.asked.length, 3);
  });

  it('keeps asking for a blob that is missing, also after a restart, and keeps the others', async () => {
    node.isPruned = true;
    const report = await archive().look();
    assert.deepEqual([report.blobs, report.missing.length, report.lacking], [0, 2, 2]);
    assert.match(report.missing[0]!.reason, /node: pruned/);
    node.isPruned = false;
    const later = await archive().look();
    assert.deepEqual([later.missing, later.lacking], [[], 0]);
    assert.equal(files('.blob').length, 2);
  });

  it('is not a block further while it cannot write a blob', async () => {
    const store = createArchiveFolder(folder);
    const keep = () =>
      Promise.reject(new RollupError('BLOB_SOURCE_FAILED', 'full', { source: 'folder', reason: 'full' }));
    await assert.rejects(archive({}, { ...store, keep }).look(), { code: 'BLOB_SOURCE_FAILED' });
    assert.deepEqual([files('.blob'), await store.readProgress()], [[], undefined]);
    assert.equal((await archive({}, store).look()).blobs, 2);
    assert.equal(files('.blob').length, 2);
  });

  it('asks for a missing blob again in the block that a reorg moved its transaction to', async () => {
    let moved = 0;
    // Block 2 is another one with the same transaction, that of block 3 comes a block later.
    const moving = <T extends { readonly blockNumber: number; readonly blockHash: string }>(items: readonly T[]) =>
      items.map((item) => ({
        ...item,
        blockNumber: item.blockNumber === 3 ? 3 + moved : item.blockNumber,
        blockHash: item.blockHash.replace('0x0', `0x${moved}`),
      }));
    const { reader } = chain;
    const head = await reader.head();
    const one = archive({}, createArchiveFolder(folder), {
      ...reader,
      head: async () => ({ ...head, number: head.number + moved }),
      block: async (number) => ({ ...head, number, timestamp: timeOfBlock(number) + 5 * moved }),
      finalizedBatches: async (from, to) => moving(await reader.finalizedBatches(from, to)),
      assertions: async (from, to) => moving(await reader.assertions(from, to)),
    });
    node.isPruned = true;
    assert.equal((await one.look()).lacking, 2);
    moved = 1;
    node.isPruned = false;
    assert.deepEqual([(await one.look()).blobs, files('.blob').length], [2, 2]);
  });

  it('forgets a missing blob of a block that L1 took back', async () => {
    node.isPruned = true;
    assert.equal((await archive().look()).lacking, 2);
    chain.revert(1);
    assert.equal((await archive().look()).lacking, 1);
  });

  it('checks and mends everything that is kept when it is told to', async () => {
    await archive().look();
    const [file] = files('.blob');
    truncateSync(join(folder, file!), 77);
    await archive().look();
    const report = await archive({ checksAll: true }).look();
    assert.deepEqual([report.blobs, report.lacking], [2, 0]);
    assert.deepEqual(new Uint8Array(readFileSync(join(folder, file!))), chain.blobs.get(file!.slice(0, -5)));
  });

  it('keeps chosen cells in place of blobs, and mends them', async () => {
    const cells = [0, 5, 127];
    await archive({ cells }).look();
    assert.equal(files('.blob').length, 0);
    const names = files('.cells');
    assert.equal(names.length, 2);
    const path = join(folder, names[0]!);
    const whole = readFileSync(path);
    assert.equal(whole.length, 48 + 3 * 2_097);
    for (const damage of [
      () => truncateSync(path, 48 + 2 * 2_097),
      () =>
        writeFileSync(
          path,
          whole.map((byte, at) => (at === 500 ? byte ^ 1 : byte)),
        ),
      () => writeFileSync(path, 'x'),
    ]) {
      damage();
      await archive({ cells, checksAll: true }).look();
      assert.deepEqual(readFileSync(path), whole);
    }
    const asked = node.asked.length;
    await archive({ cells, checksAll: true }).look();
    assert.equal(node.asked.length, asked, 'good cells are asked of nobody');
    await archive({ cells: [1], checksAll: true }).look();
    assert.equal(readFileSync(path).length, 48 + 2_097);
  });

  it('of two halves restores what no node has any more', async () => {
    const half = (first: number) => Array.from({ length: 32 }, (_, index) => first + index);
    await archive({ cells: half(0) }).look();
    const other = mkdtempSync(join(tmpdir(), 'quittance-archive-'));
    try {
      const one = folder;
      folder = other;
      await archive({ cells: half(64) }).look();
      folder = one;
      node.isPruned = true;
      const origins = [createArchiveFolder(one), createArchiveFolder(other)];
      const source = createBlobSource({ origins, kzg, logger: silentLogger });
      const [hash, blob] = [...chain.blobs][0]!;
      assert.deepEqual(await source.getBlobs({ versionedHashes: [hash], blockNumber: 2, timestamp: 0 }), [blob]);
    } finally {
      rmSync(other, { recursive: true });
    }
  });

  it('keeps the newest three snapshots, which L1 confirms, and goes on from them', async () => {
    const first = archive({ snapshots: 1 });
    assert.deepEqual((({ snapshot, replayed }) => [snapshot, replayed])(await first.look()), [3, 3]);
    await chain.post('coefficients', [{ slots: [transferOf(alice, bob.index, 9n)] }]);
    assert.equal((await first.look()).snapshot, 4);
    assert.deepEqual(files('.snapshot').sort(), ['2.snapshot', '3.snapshot', '4.snapshot']);
    const newest = readFileSync(join(folder, '4.snapshot'));
    const { state } = await openSnapshot(chain.reader, portableCrypto, newest);
    assert.equal(state.root, chain.tip.state.root);

    await chain.post('calldata', [{ slots: [transferOf(bob, alice.index, 2n)] }]);
    for (const file of files('.blob')) rmSync(join(folder, file));
    node.isPruned = true;
    const { replayed, snapshot } = await archive({ snapshots: 1 }).look();
    assert.deepEqual([replayed, snapshot], [5, 5], 'begins at the snapshot: no older blob is there');
  });

  it('begins at the newest snapshot that is whole, and says once which ones it passed over', async () => {
    await archive({ snapshots: 1 }).look();
    truncateSync(join(folder, '3.snapshot'), 99);
    const one = archive({ snapshots: 1 });
    const { replayed, snapshot, skipped } = await one.look();
    assert.deepEqual([replayed, snapshot, skipped!.map(({ batch }) => batch)], [3, 3, [3]]);
    assert.match(skipped![0]!.reason, /damaged/);
    assert.deepEqual((await one.look()).skipped, []);
    await openSnapshot(chain.reader, portableCrypto, readFileSync(join(folder, '3.snapshot')));
  });

  it('names no snapshot as its newest that nobody can begin at', async () => {
    for (const batch of [3, 7]) writeFileSync(join(folder, `${batch}.snapshot`), 'x');
    const { replayed, snapshot, skipped } = await archive({ snapshots: 100 }).look();
    assert.deepEqual([replayed, snapshot, skipped!.map(({ batch }) => batch)], [3, undefined, [7, 3]]);
  });

  it('tells of what it passed over also when the look failed in which it did', async () => {
    await archive({ snapshots: 1 }).look();
    truncateSync(join(folder, '3.snapshot'), 99);
    let isDown = true;
    const one = archive({ snapshots: 1 }, createArchiveFolder(folder), {
      ...chain.reader,
      async connect() {
        if (isDown) throw new RollupError('L1_UNREACHABLE', 'down', { task: 'connecting', reason: 'down' });
        return chain.reader.connect();
      },
    });
    await assert.rejects(one.look(), { code: 'L1_UNREACHABLE' });
    isDown = false;
    assert.deepEqual(
      (await one.look()).skipped!.map(({ batch }) => batch),
      [3],
    );
  });

  it('lets no later snapshot, which L1 has not, push the good ones out', async () => {
    for (const batch of [70, 80, 90]) writeFileSync(join(folder, `${batch}.snapshot`), 'x');
    assert.equal((await archive({ snapshots: 1 }).look()).snapshot, 3);
    const names = [1, 2, 3, 70, 80, 90].map((batch) => `${batch}.snapshot`);
    assert.deepEqual(files('.snapshot').sort(), names.sort());
  });

  it('says that L1 holds a lie when the rollup begins otherwise than the rules do', async () => {
    const [genesis] = await chain.reader.finalizedBatches(0, 0);
    const header = { ...genesis!.header, stateRoot: 7n };
    const other = { ...genesis!, header, headerHash: headerHash(header) };
    const reader: RollupReader = {
      ...chain.reader,
      finalizedBatches: async (...range) => (await chain.reader.finalizedBatches(...range)).with(0, other),
    };
    const look = archive({ snapshots: 1 }, createArchiveFolder(folder), reader).look();
    await assert.rejects(look, { code: 'LIE_FINAL', message: /the rollup begins with/ });
  });

  it('keeps a snapshot after every so many batches only', async () => {
    const { snapshot, replayed } = await archive({ snapshots: 2 }).look();
    assert.deepEqual([snapshot, replayed], [2, 3]);
  });

  it('waits at a batch whose blob is missing, and goes on when it is there', async () => {
    const waiting = archive({ snapshots: 1 });
    node.isPruned = true;
    assert.equal((await waiting.look()).replayed, 1);
    node.isPruned = false;
    assert.equal((await waiting.look()).replayed, 3);
  });

  it('begins again at an older snapshot when L1 took back what it replayed', async () => {
    const following = archive({ snapshots: 1 });
    await following.look();
    chain.revert(1);
    await chain.post('calldata', [{ slots: [transferOf(alice, bob.index, 50n)] }]);
    await assert.rejects(following.look(), { code: 'L1_REORG' });
    assert.equal((await following.look()).replayed, 3);
    const { state } = await openSnapshot(chain.reader, portableCrypto, readFileSync(join(folder, '3.snapshot')));
    assert.equal(state.root, chain.tip.state.root);
  });

  it('refuses the folder of another rollup, and progress that is none', async () => {
    await archive().look();
    const { reader } = chain;
    chain = { ...chain, reader: { ...reader, contract: `0x${'dd'.repeat(20)}` } };
    await assert.rejects(archive().look(), { code: 'DATABASE_FOREIGN' });
    const good = JSON.parse(readFileSync(join(folder, 'archive.json'), 'utf8')) as Record<string, unknown>;
    const wanted = { versionedHashes: [`0x01${'00'.repeat(31)}`], blockNumber: 1, timestamp: 1 };
    const bad: Record<string, unknown>[] = [
      ...['nextBlock', 'nextBatch', 'dataBlock', 'droppedCount'].flatMap((name) => [{ [name]: -1 }, { [name]: '1' }]),
      ...[{ chainId: 1 }, { contract: null }, { missing: {} }, { missing: [null] }],
      ...[['0x01'], ['../../etc/passwd'], [`0x02${'00'.repeat(31)}`], [], [5], 'x'].map((versionedHashes) => ({
        missing: [{ ...wanted, versionedHashes }],
      })),
      { missing: [{ ...wanted, versionedHashes: [...wanted.versionedHashes, ...wanted.versionedHashes] }] },
      ...[{ blockNumber: -1 }, { timestamp: 0.5 }].map((change) => ({ missing: [{ ...wanted, ...change }] })),
    ];
    for (const text of ['', '{', '{}', 'null', ...bad.map((change) => JSON.stringify({ ...good, ...change }))]) {
      writeFileSync(join(folder, 'archive.json'), text);
      await assert.rejects(createArchiveFolder(folder).readProgress(), { code: 'DATABASE_DAMAGED' }, text);
    }
    await assert.rejects(archive().look(), { code: 'DATABASE_DAMAGED' });
  });

  it('says so when its folder cannot be used', async () => {
    const file = join(folder, 'file');
    writeFileSync(file, '');
    folder = file;
    try {
      await assert.rejects(archive().look(), { code: 'BLOB_SOURCE_FAILED' });
    } finally {
      folder = join(file, '..');
    }
  });
});
