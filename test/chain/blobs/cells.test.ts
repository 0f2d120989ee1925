import { strict as assert } from 'node:assert';
import {
  decodeKeptCells,
  encodeKeptCells,
  type KeptCells,
  type Kzg,
  restoreBlob,
  versionedHashOf,
} from '@quittance/chain';
import { randomBlob, testKzg } from '../../support/blobs/kzg.ts';
import { createRandom } from '../../support/property/random.ts';

describe('Chain: cells of a blob', function () {
  this.timeout(240_000);
  const blob = randomBlob('cells');
  let kzg: Kzg;
  let hash: string;
  let keep: (indices: readonly number[]) => KeptCells;

  before(async () => {
    kzg = await testKzg();
    const commitment = await kzg.commitment(blob);
    const { cells, proofs } = await kzg.cells(blob);
    hash = versionedHashOf(commitment);
    keep = (indices) => ({
      commitment,
      indices,
      cells: indices.map((index) => cells[index]!),
      proofs: indices.map((index) => proofs[index]!),
    });
  });

  const range = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => from + index);

  it('are the same once they are written and read', () => {
    for (const indices of [[], [127], range(0, 32), range(0, 128)]) {
      const file = encodeKeptCells(keep(indices));
      assert.equal(file.length, 48 + indices.length * 2_097);
      assert.deepEqual(decodeKeptCells(file), keep(indices));
    }
  });

  it('are refused in a file of another length, or whose indices do not ascend below 128', () => {
    const file = encodeKeptCells(keep([3, 5]));
    for (const bad of [file.slice(1), file.slice(0, 47), new Uint8Array(48 + 129 * 2_097)]) {
      assert.throws(() => decodeKeptCells(bad), { code: 'WRONG_LENGTH' });
    }
    for (const [first, second] of [
      [3, 3],
      [5, 3],
      [3, 128],
    ] as const) {
      const bad = Uint8Array.from(file);
      bad[48] = first;
      bad[48 + 2_097] = second;
      assert.throws(() => decodeKeptCells(bad), { code: 'OUT_OF_RANGE' });
    }
  });

  it('restore it from any 64, in any number of files', async () => {
    const random = createRandom('any 64');
    const shuffled = range(0, 128)
      .map((index) => [random.below(1 << 30), index] as const)
      .toSorted(([one], [other]) => one - other)
      .map(([, index]) => index);
    const chosen = shuffled.slice(0, 64);
    const files = [chosen.slice(0, 20), chosen.slice(20)].map((indices) => keep(indices.toSorted((a, b) => a - b)));
    assert.deepEqual(await restoreBlob(kzg, hash, files), blob);
    assert.deepEqual(await restoreBlob(kzg, hash, [keep(range(0, 128))]), blob);
  });

  it('do not restore it when they are 63, counted once each', async () => {
    const files = [keep(range(0, 63)), keep(range(10, 63)), keep([])];
    assert.deepEqual(await restoreBlob(kzg, hash, files), { cellCount: 63 });
    assert.deepEqual(await restoreBlob(kzg, hash, []), { cellCount: 0 });
  });

  it('count only when each belongs to the blob: a wrong one spoils no other', async () => {
    const spoil = (change: (kept: { cells: Uint8Array[]; proofs: Uint8Array[]; commitment: Uint8Array }) => void) => {
      const kept = structuredClone(keep(range(0, 64))) as KeptCells & { cells: Uint8Array[]; proofs: Uint8Array[] };
      change(kept);
      return kept;
    };
    const cell = spoil(({ cells }) => {
      cells[7]![100]! ^= 1;
    });
    const proof = spoil(({ proofs }) => {
      proofs[7] = proofs[8]!;
    });
    const noPoint = spoil(({ proofs }) => proofs[7]!.fill(0));
    const noElement = spoil(({ cells }) => cells[7]!.fill(255));
    for (const spoiled of [cell, proof, noPoint, noElement]) {
      assert.deepEqual(await restoreBlob(kzg, hash, [spoiled]), { cellCount: 63 });
      assert.deepEqual(await restoreBlob(kzg, hash, [spoiled, keep([7])]), blob);
    }
    const otherBlob = spoil(({ commitment }) => {
      commitment[47]! ^= 1;
    });
    assert.deepEqual(await restoreBlob(kzg, hash, [otherBlob]), { cellCount: 0 });
  });
});
