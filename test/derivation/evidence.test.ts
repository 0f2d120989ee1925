import assert from 'node:assert/strict';
import { versionedHashOf } from '@quittance/chain';
import { type BlobOpener, stepEvidence } from '@quittance/derivation';
import { decodeBlob, elementPoint, encodeBlob, entriesOf, entryHashes } from '@quittance/protocol';
import { testKzg } from '../support/blobs/kzg.ts';
import { build, buildInBlobs, SLOTS } from '../support/derivation/claims.ts';
import { NO_KZG } from '../support/derivation/no-kzg.ts';
import { type BuiltAssertion, readAs } from '../support/optimistic/asserted-batch.ts';
import { chunkOf } from '../support/optimistic/lie-chunks.ts';
import { HOLDERS } from '../support/optimistic/lie-scene.ts';
import { moveOf, noop, transferOf, withdrawOf } from '../support/optimistic/slot-scripts.ts';

const { alice, bob } = HOLDERS;
const POINT_BYTES = 48;
const OPENING_BYTES = 32 + POINT_BYTES;
const CHUNKS = [
  chunkOf(transferOf(alice, bob.index, 1n)),
  chunkOf(withdrawOf(alice, 50n), noop, moveOf(alice, 7, 20n), transferOf(bob, alice.index, 3n)),
];
const CHUNK = 1;

/** What a step proof shows of a slot of the second chunk. */
function evidenceOf(built: BuiltAssertion, slot: number, kzg: BlobOpener) {
  const { published, slots } = built.claims[CHUNK]!;
  const place = { chunk: CHUNK, slot, record: published[slot]!, before: slots[slot]!.before };
  return stepEvidence(kzg, readAs(built), SLOTS, place);
}

describe('the evidence of a step', () => {
  const inCalldata = build(...CHUNKS);
  const inBlobs = buildInBlobs(...CHUNKS);

  it('is the chunk’s data and authorizations when they stand in calldata, and no opening', async () => {
    const { data, authorizations, openings } = await evidenceOf(inCalldata, 0, NO_KZG);
    assert.deepEqual([data, authorizations], [inCalldata.chunks[CHUNK], inCalldata.authorizations[CHUNK]]);
    assert.equal(openings.length, 0);
  });

  it('is the list’s hashes with the entry of a visible record, which no other record has', async () => {
    const list = inCalldata.visible[CHUNK]!;
    const [first, second] = entriesOf(list);
    const entries = [];
    for (let slot = 0; slot < SLOTS; slot += 1) {
      const { entry, entryHashes: hashes } = await evidenceOf(inCalldata, slot, NO_KZG);
      assert.deepEqual(hashes, entryHashes(list));
      entries.push(entry);
    }
    const none = new Uint8Array();
    assert.deepEqual(entries, [first, none, second, none]);
  });

  it('has no entry for a visible record behind the end of the list', async () => {
    const short = { ...CHUNKS[CHUNK]!, visible: (list: Uint8Array) => list.slice(0, list.length / 2) };
    const { entry, entryHashes: hashes } = await evidenceOf(build(CHUNKS[0]!, short), 2, NO_KZG);
    assert.deepEqual([entry.length, hashes.length], [0, 1]);
  });

  for (const [what, slot, count] of [
    ['a signed record', 0, 3],
    ['a record that nobody signs', 1, 1],
    ['a move', 2, 3],
  ] as const) {
    it(`opens ${count} elements of a blob for ${what}, each as the precompile checks it`, async () => {
      const kzg = await testKzg();
      const { data, authorizations, openings } = await evidenceOf(inBlobs, slot, kzg);
      assert.deepEqual([data.length, authorizations.length], [0, 0]);
      assert.equal(openings.length, POINT_BYTES + count * OPENING_BYTES);
      const commitment = openings.slice(0, POINT_BYTES);
      assert.deepEqual(commitment, await kzg.commitment(inBlobs.blobs[0]!));
      assert.match(versionedHashOf(commitment), /^0x01[0-9a-f]{62}$/);
      const elements = decodeBlob(inBlobs.blobs[0]!);
      for (let number = 0; number < count; number += 1) {
        const opening = openings.slice(POINT_BYTES + number * OPENING_BYTES).slice(0, OPENING_BYTES);
        const element = 3 * (CHUNK * SLOTS + slot) + number;
        const value = BigInt(`0x${Buffer.from(opening.slice(0, 32)).toString('hex')}`);
        assert.equal(value, elements[element]);
        assert.ok(await kzg.verify(commitment, elementPoint(element), value, opening.slice(32)));
        assert.ok(!(await kzg.verify(commitment, elementPoint(element + 1), value, opening.slice(32))));
      }
    });
  }

  it('opens one element when the first is no 31 bytes', async () => {
    const elements = decodeBlob(inBlobs.blobs[0]!);
    const first = 3 * CHUNK * SLOTS;
    const blobs = [encodeBlob(elements.with(first, elements[first]! + 2n ** 248n))];
    const unreadable = { fields: { kind: 15, from: 0, to: 0, amountFloat: 0n, feeFloat: 0 }, words: [] };
    const record = { ...unreadable, authorization: new Uint8Array() };
    const { before } = inBlobs.claims[CHUNK]!.slots[0]!;
    const place = { chunk: CHUNK, slot: 0, record, before };
    const { openings } = await stepEvidence(await testKzg(), { ...readAs(inBlobs), blobs }, SLOTS, place);
    assert.equal(openings.length, POINT_BYTES + OPENING_BYTES);
    assert.equal(openings[POINT_BYTES], 1);
  });

  it('is not made from an opener that finds another value than the blob has', async () => {
    const kzg = await testKzg();
    const lying: BlobOpener = {
      commitment: (blob) => kzg.commitment(blob),
      open: async (blob, z) => ({ ...(await kzg.open(blob, z)), y: 5n }),
    };
    await assert.rejects(evidenceOf(inBlobs, 0, lying), { code: 'INVARIANT_BROKEN' });
  });
});
