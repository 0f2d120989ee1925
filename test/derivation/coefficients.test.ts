import assert from 'node:assert/strict';
import type { BatchSubmission, WithBlobs } from '@quittance/chain';
import { isWrongBatch, replayBatch } from '@quittance/derivation';
import {
  decodeBlob,
  encodeBlob,
  headerHash,
  headerOf,
  polynomialCoefficients,
  polynomialValues,
  VISIBLE_ENTRY_BYTES,
} from '@quittance/protocol';
import { build, DEPLOYMENT, HONEST, SLOTS } from '../support/derivation/claims.ts';
import { provenInBlob, provenInCalldata } from '../support/derivation/proven-batch.ts';
import { chunkOf } from '../support/optimistic/lie-chunks.ts';
import { createLieState, HOLDERS } from '../support/optimistic/lie-scene.ts';
import { moveOf, withdrawOf } from '../support/optimistic/slot-scripts.ts';
import { portableCrypto } from '../support/rollup/world.ts';

const { alice } = HOLDERS;
const built = build(HONEST, chunkOf(withdrawOf(alice, 50n), moveOf(alice, 7, 20n)));
const proven = provenInBlob(built);
const BLOCKS = (2 * SLOTS) / 2;

const replayed = (batch: WithBlobs<BatchSubmission>, state = createLieState()) =>
  replayBatch(portableCrypto, state, built.parent, batch, DEPLOYMENT);

/** The same batch with other coefficients in its blob. */
function withCoefficients(change: (coefficients: bigint[]) => void): WithBlobs<BatchSubmission> {
  const coefficients = polynomialCoefficients(decodeBlob(proven.blobs[0]!));
  change(coefficients);
  return { ...proven, blobs: [encodeBlob(polynomialValues(coefficients))] };
}

describe('replay of a proven batch in a blob', () => {
  it('does what the same records in calldata do, under a header of its own', async () => {
    const state = createLieState();
    const { header, hash, withdrawals, changes } = await replayed(proven, state);
    const inCalldata = await replayed(provenInCalldata(built));
    assert.equal(state.root, built.state.root);
    assert.deepEqual([withdrawals, [...changes]], [inCalldata.withdrawals, [...inCalldata.changes]]);
    assert.deepEqual(withdrawals[1]!.move, { destination: 7, keyY: alice.keyPair.publicKey.y });
    assert.equal(hash, headerHash(headerOf(built.parent, proven)));
    assert.deepEqual({ ...header, chunksHash: '' }, { ...inCalldata.header, chunksHash: '' });
    assert.notEqual(hash, inCalldata.hash);
  });

  for (const [what, batch, code] of [
    ['a coefficient of 249 bits', withCoefficients((c) => (c[1]! += 2n ** 248n)), 'BLOB_COEFFICIENT_RANGE'],
    ['a coefficient behind the last block', withCoefficients((c) => (c[BLOCKS] = 1n)), 'BLOB_TAIL'],
    ['one at the end of the blob', withCoefficients((c) => (c[c.length - 1] = 1n)), 'BLOB_TAIL'],
    ['another record', withCoefficients((c) => (c[0]! ^= 1n)), 'CLAIM_FALSE'],
    ['a record of a kind that no rule allows', withCoefficients((c) => (c[0]! |= 15n << 120n)), 'CLAIM_FALSE'],
    ['another order of chunks', withCoefficients((c) => c.unshift(...c.splice(SLOTS / 2, SLOTS / 2))), 'CLAIM_FALSE'],
    ['a list without its last entry', withList((list) => list.slice(VISIBLE_ENTRY_BYTES)), 'CLAIM_FALSE'],
    ['a list with an entry twice', withList((list) => Uint8Array.from([...list, ...list])), 'CLAIM_FALSE'],
    ['an entry with another word', withList((list) => list.with(47, list[47]! ^ 1)), 'CLAIM_FALSE'],
    ['no blob', { ...proven, blobs: [] }, 'WRONG_LENGTH'],
  ] as const) {
    it(`calls it a wrong batch when L1 has ${what}, and leaves the state as it was`, async () => {
      const state = createLieState();
      await assert.rejects(replayed(batch, state), (error) => isWrongBatch(error) && error.code === code);
      assert.equal(state.root, createLieState().root);
    });
  }

  function withList(change: (list: Uint8Array) => Uint8Array): WithBlobs<BatchSubmission> {
    return { ...proven, visible: proven.visible.with(1, change(proven.visible[1]!)) };
  }
});
