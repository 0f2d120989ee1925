import { strict as assert } from 'node:assert';
import {
  BASE8,
  FIELD_MODULUS,
  isUsableKeyY,
  PROFILES,
  readWord,
  toPoint,
  viewOf,
  writeWord,
} from '@quittance/protocol';
import { chooseCrypto } from '../../cli/crypto.ts';
import { chooseBatchTime } from '../../sequencer/batcher/batch-time.ts';
import { createSequencerConfig } from '../../sequencer/index.ts';
import { createDirectory } from '../../sequencer/mempool/directory.ts';
import { createLeafAllocator } from '../../sequencer/mempool/leaf-allocator.ts';
import { createPacking } from '../../sequencer/mempool/packing.ts';
import { createUsableKeys } from '../../sequencer/mempool/usable-keys.ts';
import { bulkOf } from '../../sequencer/mempool/verify.ts';
import type { SequencerCrypto } from '../../sequencer/types.ts';

describe('Sequencer: leaf allocator', () => {
  it('hands out the lowest leaf that is neither used nor promised', () => {
    const leaves = createLeafAllocator();
    leaves.occupy(0);
    leaves.occupy(2);
    assert.deepEqual([leaves.take(), leaves.take(), leaves.take()], [1, 3, 4]);
    leaves.release(3);
    leaves.release(1);
    assert.equal(leaves.peek(), 1);
    assert.deepEqual([leaves.take(), leaves.take(), leaves.take()], [1, 3, 5]);
    assert.equal(leaves.usedCount, 6);
  });

  it('forgets a promise above its frontier', () => {
    const leaves = createLeafAllocator();
    leaves.occupy(5);
    leaves.release(5);
    assert.deepEqual(
      Array.from({ length: 7 }, () => leaves.take()),
      [0, 1, 2, 3, 4, 5, 6],
    );
  });

  it('does not count a leaf twice that is occupied twice or released twice', () => {
    const leaves = createLeafAllocator();
    leaves.occupy(0);
    leaves.occupy(0);
    assert.equal(leaves.usedCount, 1);
    leaves.release(0);
    leaves.release(0);
    assert.equal(leaves.usedCount, 0);
  });

  it('refuses with TREE_FULL when the tree is full', () => {
    const leaves = createLeafAllocator(2);
    leaves.take();
    leaves.take();
    assert.throws(() => leaves.take(), { code: 'TREE_FULL' });
    leaves.release(1);
    assert.equal(leaves.take(), 1);
  });
});

describe('Sequencer: packing', () => {
  const profile = { name: 'quick' as const, slotsPerChunk: 4, maxChunks: 2 };

  it('keeps a slot for each fee token of a chunk', () => {
    const packing = createPacking(profile);
    const taken = Array.from({ length: 7 }, () => packing.addTransfer(0));
    assert.deepEqual(taken, [true, true, true, true, true, true, false]);
    assert.equal(packing.isFull, true);
  });

  it('keeps none for transfers without a fee', () => {
    const packing = createPacking(profile);
    for (let i = 0; i < 8; i++) assert.equal(packing.addTransfer(undefined), true);
    assert.equal(packing.addTransfer(undefined), false);
  });

  it('starts a chunk when another fee token needs a slot', () => {
    const packing = createPacking(profile);
    assert.deepEqual(
      [0, 0, 1, 1, 0].map((token) => packing.addTransfer(token)),
      [true, true, true, true, false],
    );
    assert.equal(packing.addTransfer(1), true);
    assert.equal(packing.isFull, true);
  });

  it('moves transfers back for a priority operation, or refuses it', () => {
    const packing = createPacking(profile);
    for (let i = 0; i < 5; i++) packing.addTransfer(0);
    assert.equal(packing.addPriority(), true);
    assert.equal(packing.addPriority(), false);
    assert.deepEqual([packing.priorityCount, packing.transferCount], [1, 5]);
    assert.equal(packing.addTransfer(0), false);
  });

  it('holds 1,000 transfers in two tokens in a standard batch', () => {
    const packing = createPacking(PROFILES.standard);
    for (let i = 0; i < 1_000; i++) assert.equal(packing.addTransfer(i % 2), true);
  });
});

describe('Sequencer: directory and keys', () => {
  const account = { keyY: 1n, owner: 2n, tokenId: 0, nonce: 0, balance: 0n };

  it('finds the lowest certain account of a key, owner and token, and all of an owner', () => {
    const directory = createDirectory();
    directory.addPending(3, account);
    assert.equal(directory.find(1n, 2n, 0), undefined);
    directory.addCertain(9, account);
    directory.addCertain(5, account);
    assert.equal(directory.find(1n, 2n, 0), 5);
    assert.equal(directory.find(1n, 2n, 1), undefined);
    assert.deepEqual(directory.ofOwner(2n), [3, 5, 9]);
  });

  it('remembers a bounded number of keys, and learns those that it does not know at once', async () => {
    const asked: bigint[][] = [];
    const keys = createUsableKeys(async (bytes) => {
      const view = viewOf(bytes);
      const group = Array.from({ length: bytes.length / 32 }, (_, position) => readWord(view, position * 32));
      asked.push(group);
      return Uint8Array.from(group, (keyY) => (keyY === 1n ? 0 : 1));
    }, 2);
    await keys.learn([1n, 2n, 1n]);
    assert.deepEqual([keys.isUsable(1n), keys.isUsable(2n)], [false, true]);
    await keys.learn([2n, 1n]); // 2 was asked for longer ago now
    await keys.learn([3n]);
    assert.deepEqual([keys.isUsable(1n), keys.isUsable(3n)], [false, true]);
    await keys.learn([1n, 2n]);
    await keys.learn([]);
    assert.deepEqual(asked, [[1n, 2n], [3n], [2n]]);
  });

  it('checks a key that was not learned on the spot', () => {
    const keys = createUsableKeys(() => Promise.reject(new Error('not asked')));
    assert.deepEqual([keys.isUsable(0n), keys.isUsable(BASE8.y), keys.isUsable(0n)], [false, true, false]);
  });

  for (const [title, bulk] of [
    ['one by one', bulkOf({ ...chooseCrypto(), bulk: undefined } as unknown as SequencerCrypto)],
    ['where many are quicker', bulkOf(chooseCrypto())],
  ] as const) {
    it(`checks many keys ${title} as the protocol checks each`, async () => {
      const halfway = { x: 0n, y: FIELD_MODULUS - 1n };
      const points = Array.from({ length: 9 }, (_, k) => BASE8.multiply(BigInt(k + 1)));
      const shifted = points.map((point) => point.add(toPoint(halfway)!));
      const usable = points.map((point) => point.toAffine().y);
      const others = [...shifted.map((point) => point.toAffine().y), 0n, 1n, halfway.y, usable[0]! + FIELD_MODULUS];
      const keys = [...usable, ...others, usable[0]! + 2n ** 255n, 2n ** 256n - 1n, ...usable];
      const bytes = new Uint8Array(keys.length * 32);
      for (const [position, keyY] of keys.entries()) writeWord(viewOf(bytes), position * 32, keyY);
      const verdicts = Array.from(await bulk.usableKeys(bytes), (verdict) => verdict === 1);
      assert.deepEqual(verdicts, keys.map(isUsableKeyY));
      assert.equal(verdicts.filter(Boolean).length, 18);
    });
  }
});

describe('Sequencer: batch time', () => {
  const day = 86_400;
  for (const [what, parent, now, l1, expected] of [
    ['that of L1 when it is behind our clock', 100, 1_000, 990, 990],
    ['that of our clock when L1 is ahead', 100, 1_000, 1_010, 1_000],
    ['that of the parent when both are behind it', 2_000, 1_000, 990, 2_000],
    ['half a day behind our clock when L1 stood still for longer', 100, 3 * day, 1_000, 2.5 * day],
    ['half a day behind L1 when it is ahead by more', 100, 1_000, 3 * day, 2.5 * day],
  ] as const) {
    it(`is ${what}`, () => assert.equal(chooseBatchTime(parent, now, l1, day), expected));
  }
});

describe('Sequencer: settings', () => {
  const settings = {
    profile: PROFILES.quick,
    operator: { keyY: 1n, owner: 2n },
    feeTokens: [{ tokenId: 0, minimumFee: 1n }],
  };

  it('completes settings with defaults', () => {
    const config = createSequencerConfig(settings);
    assert.deepEqual([config.sealAfterMs, config.confirmations, config.maxUnpostedTransfers], [30_000, 1, 640]);
    assert.deepEqual(
      [config.data, config.maxChunksPerBatch, config.priceBound, config.shadow],
      ['auto', 2, undefined, 0.01],
    );
    const large = createSequencerConfig({ ...settings, profile: PROFILES.standard });
    assert.deepEqual([large.maxUnpostedTransfers, large.maxChunksPerBatch], [24_000, 64]);
  });

  for (const [what, change, code] of [
    [
      'five fee tokens',
      { feeTokens: [0, 1, 2, 3, 4].map((tokenId) => ({ tokenId, minimumFee: 0n })) },
      'CONFIG_INVALID',
    ],
    ['a fee token twice', { feeTokens: [0, 0].map((tokenId) => ({ tokenId, minimumFee: 0n })) }, 'CONFIG_INVALID'],
    ['a negative fee', { feeTokens: [{ tokenId: 0, minimumFee: -1n }] }, 'CONFIG_INVALID'],
    ['no confirmations', { confirmations: 0 }, 'CONFIG_INVALID'],
    ['a shadow of more than all', { shadow: 1.1 }, 'CONFIG_INVALID'],
    ['a negative shadow', { shadow: -0.1 }, 'CONFIG_INVALID'],
    ['a fraction of a millisecond', { sealAfterMs: 1.5 }, 'CONFIG_INVALID'],
    ['a wait behind a gap that is negative', { gaps: { waitMs: -1, perAccount: 1, total: 1 } }, 'CONFIG_INVALID'],
    ['no places for those that wait', { gaps: { waitMs: 1, perAccount: 0, total: 1 } }, 'CONFIG_INVALID'],
    ['an owner that is no address', { operator: { keyY: 1n, owner: 2n ** 160n } }, 'OUT_OF_RANGE'],
  ] as const) {
    it(`refuses ${what}`, () => {
      assert.throws(() => createSequencerConfig({ ...settings, ...change }), { code });
    });
  }
});
