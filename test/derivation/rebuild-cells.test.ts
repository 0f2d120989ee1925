/** Ten batches in blobs that nobody has whole: rebuilt from 70 random cells of each, and from archives that lie. */

import assert from 'node:assert/strict';
import {
  type BlobOrigin,
  type BlobSource,
  createBlobSource,
  encodeKeptCells,
  type KeptCells,
  type Kzg,
} from '@quittance/chain';
import { rebuildRollup } from '@quittance/derivation';
import { silentLogger } from '../../runtime/index.ts';
import { testKzg } from '../support/blobs/kzg.ts';
import { type BlobChain, createBlobChain } from '../support/derivation/blob-chain.ts';
import { HOLDERS } from '../support/optimistic/lie-scene.ts';
import { moveOf, transferOf, withdrawOf } from '../support/optimistic/slot-scripts.ts';
import { createRandom } from '../support/property/random.ts';
import { portableCrypto } from '../support/rollup/world.ts';

const BATCHES = 10;
const CELLS = 128;
const KEPT = 70;
const { alice, bob } = HOLDERS;
const random = createRandom('rebuild from cells');

/** So many different indices of cells, ascending. */
function randomIndices(count: number): number[] {
  const left = Array.from({ length: CELLS }, (_, index) => index);
  return Array.from({ length: count }, () => left.splice(random.below(left.length), 1)[0]!).sort((a, b) => a - b);
}

/** An archive of cells, by the names of the blobs. */
function archiveOf(name: string, files: ReadonlyMap<string, Uint8Array>): BlobOrigin {
  return { name, read: async () => [], readCells: async (hash) => files.get(hash) };
}

describe('rebuilding ten batches in blobs from cells', function () {
  this.timeout(240_000);
  let kzg: Kzg;
  let chain: BlobChain;
  /** All cells of each blob. */
  const whole = new Map<string, KeptCells>();

  before(async () => {
    kzg = await testKzg();
    chain = await createBlobChain(kzg);
    for (let number = 0; number < BATCHES; number++) {
      const slots = [transferOf(alice, bob.index, BigInt(number + 1)), moveOf(bob, number, 2n), withdrawOf(alice, 1n)];
      await chain.post(number % 2 === 0 ? 'coefficients' : 'evaluations', [{ slots }]);
    }
    for (const [hash, blob] of chain.blobs) {
      const indices = Array.from({ length: CELLS }, (_, index) => index);
      whole.set(hash, { commitment: await kzg.commitment(blob), indices, ...(await kzg.cells(blob)) });
    }
  });

  /** Some cells of each blob, after a change. */
  const keep = (count: number, change: (kept: KeptCells) => KeptCells = (kept) => kept) =>
    new Map(
      [...whole].map(([hash, { commitment, cells, proofs }]) => {
        const indices = randomIndices(count);
        const kept = { indices, cells: indices.map((i) => cells[i]!), proofs: indices.map((i) => proofs[i]!) };
        return [hash, encodeKeptCells(change({ commitment, ...kept }))];
      }),
    );
  const sourceOf = (...origins: BlobOrigin[]) => createBlobSource({ origins, kzg, logger: silentLogger });
  const rebuild = (blobs: BlobSource) =>
    rebuildRollup({ reader: chain.reader, crypto: portableCrypto, blobs, fromBlock: 0 });
  /** One bit of each cell. */
  const lie = (kept: KeptCells): KeptCells => ({
    ...kept,
    cells: kept.cells.map((cell) => cell.with(1_000, cell[1_000]! ^ 1)),
  });

  it('gives the root of L1 from 70 random cells of each blob', async () => {
    assert.equal(whole.size, BATCHES);
    const { state, header } = await rebuild(sourceOf(archiveOf('archive', keep(KEPT))));
    assert.equal(state.root, chain.tip.state.root);
    assert.deepEqual(header, chain.tip.header);
  });

  it('gives it from two archives of which neither has enough', async () => {
    const [half, rest] = [new Map<string, Uint8Array>(), new Map<string, Uint8Array>()];
    for (const [hash, all] of whole) {
      const indices = randomIndices(KEPT);
      const part = (some: readonly number[]) =>
        encodeKeptCells({
          ...{ commitment: all.commitment, indices: some },
          ...{ cells: some.map((i) => all.cells[i]!), proofs: some.map((i) => all.proofs[i]!) },
        });
      half.set(hash, part(indices.slice(0, KEPT / 2)));
      rest.set(hash, part(indices.slice(KEPT / 2)));
    }
    const { state } = await rebuild(sourceOf(archiveOf('one', half), archiveOf('other', rest)));
    assert.equal(state.root, chain.tip.state.root);
  });

  it('refuses an archive that lies, and goes on with one that does not', async () => {
    const liar = archiveOf('liar', keep(KEPT, lie));
    await assert.rejects(rebuild(sourceOf(liar)), { code: 'BLOB_UNAVAILABLE' });
    const { state } = await rebuild(sourceOf(liar, archiveOf('honest', keep(KEPT))));
    assert.equal(state.root, chain.tip.state.root);
  });

  it('refuses an archive that gives each blob the cells of the next', async () => {
    const files = [...keep(CELLS)];
    const shifted = new Map(files.map(([hash], position) => [hash, files[(position + 1) % files.length]![1]]));
    await assert.rejects(rebuild(sourceOf(archiveOf('shifted', shifted))), { code: 'BLOB_UNAVAILABLE' });
  });
});
