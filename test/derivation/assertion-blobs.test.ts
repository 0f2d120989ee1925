import assert from 'node:assert/strict';
import { locateFault } from '@quittance/derivation';
import { BLOB_BYTES, decodeBlob, encodeBlob, VISIBLE_ENTRY_BYTES } from '@quittance/protocol';
import {
  build,
  buildInBlobs,
  collect,
  DEPLOYMENT,
  faultsOf,
  HONEST,
  pay,
  placeOf,
  replay,
  SLOTS,
  submissionOf,
} from '../support/derivation/claims.ts';
import type { BuiltAssertion } from '../support/optimistic/asserted-batch.ts';
import type { ChunkScript } from '../support/optimistic/claimed-chunk.ts';
import { chunkOf, withAuthorizations } from '../support/optimistic/lie-chunks.ts';
import { createLieState, HOLDERS } from '../support/optimistic/lie-scene.ts';
import { LIES } from '../support/optimistic/lies.ts';
import { moveOf, noop, withdrawOf } from '../support/optimistic/slot-scripts.ts';
import { portableCrypto } from '../support/rollup/world.ts';

const { alice } = HOLDERS;
const LAST = SLOTS - 1;

/** The same batch with other elements in its blob. */
function withElements(built: BuiltAssertion, change: (elements: bigint[]) => void): BuiltAssertion {
  const elements = decodeBlob(built.blobs[0]!);
  change(elements);
  return { ...built, blobs: [encodeBlob(elements)] };
}

const places = async (built: BuiltAssertion) => faultsOf(await replay(createLieState(), built)).map(placeOf);

describe('replay of an assertion in blobs', () => {
  it('says of a right one what it says of the same records in calldata', async () => {
    const chunks = [HONEST, chunkOf(withdrawOf(alice, 50n), moveOf(alice, 7, 20n), noop)];
    const [inCalldata, inBlobs] = [build(...chunks), buildInBlobs(...chunks)];
    assert.deepEqual([inBlobs.chunks, inBlobs.authorizations, inBlobs.blobs.length], [[], [], 1]);
    const state = createLieState();
    const verdict = await replay(state, inBlobs);
    assert.ok(verdict.isRight);
    assert.equal(state.root, inCalldata.state.root);
    assert.deepEqual(verdict.batch.withdrawals, inCalldata.withdrawals);
    const { chunksHash: _, ...header } = verdict.batch.header;
    const { chunksHash, ...expected } = inCalldata.header;
    assert.deepEqual(header, expected);
    assert.notEqual(verdict.batch.header.chunksHash, chunksHash);
  });

  for (const { name, finding, script } of LIES) {
    it(`finds ${name}, and nothing that a proof could mend`, async () => {
      const built = buildInBlobs(HONEST, chunkOf(noop, script, pay, collect), HONEST);
      const faults = faultsOf(await replay(createLieState(), built));
      const place = finding === 'valid' ? { slot: LAST, result: 'WRONG_STATE' } : { slot: 1, result: finding };
      assert.deepEqual(faults.map(placeOf), [{ chunk: 1, ...place }]);
      assert.equal(faults[0]!.isConclusive, true);
    });
  }

  it('finds a forged signature of a right state conclusive: nothing proves data in this form', async () => {
    const forged = withAuthorizations(HONEST, (bytes) => bytes.fill(0));
    const verdict = await replay(createLieState(), buildInBlobs(HONEST, forged, forged));
    assert.ok(!verdict.isRight);
    assert.deepEqual(verdict.faults.map(placeOf), [{ chunk: 1, slot: 0, result: 'BAD_SIGNATURE' }]);
    assert.equal(verdict.ifProven, undefined);
  });

  describe('reads whatever stands there', () => {
    const built = buildInBlobs(HONEST);
    const top = 2n ** 248n;

    for (const [what, change, result] of [
      ['a first element that is no 31 bytes', (e: bigint[]) => (e[0]! += top), 'RESERVED_KIND'],
      [
        'a record with the lowest of its upper 4 bits',
        (e: bigint[]) => (e[0]! += 1n << (120n + 124n)),
        'RESERVED_KIND',
      ],
      ['a record with the highest of them', (e: bigint[]) => (e[0]! += 1n << (120n + 127n)), 'RESERVED_KIND'],
      ['a second element that is no 31 bytes', (e: bigint[]) => (e[1]! += top), 'BAD_SIGNATURE'],
      ['a third element that is no 31 bytes', (e: bigint[]) => (e[2]! += top), 'BAD_SIGNATURE'],
      ['another bit of the signature', (e: bigint[]) => (e[2]! ^= 1n << 64n), 'BAD_SIGNATURE'],
    ] as const) {
      it(`as ${result}: ${what}`, async () => {
        assert.deepEqual(await places(withElements(built, change)), [{ chunk: 0, slot: 0, result }]);
      });
    }

    it('and nothing into the last 8 bytes, unsigned records’ signatures and what is behind the last slot', async () => {
      const changed = withElements(built, (elements) => {
        elements[2]! |= 2n ** 64n - 1n;
        // Slot 2 collects fees, slot 3 is a noop.
        for (const element of [3 * 2 + 1, 3 * 2 + 2, 3 * 3 + 1]) elements[element]! = top + 5n;
        elements[3 * SLOTS] = top + 9n;
        elements[elements.length - 1] = 3n;
      });
      assert.notDeepEqual(changed.blobs, built.blobs);
      assert.deepEqual(await places(changed), []);
    });

    it('but refuses bytes that are no blob, and another number of blobs', async () => {
      for (const blobs of [[new Uint8Array(BLOB_BYTES - 1)], [], [...built.blobs, ...built.blobs]]) {
        await assert.rejects(replay(createLieState(), { ...built, blobs }), { code: 'WRONG_LENGTH' });
      }
      const blobs = [new Uint8Array(BLOB_BYTES).fill(255)];
      await assert.rejects(replay(createLieState(), { ...built, blobs }), { code: 'BLOB_ELEMENT_RANGE' });
    });
  });
});

describe('the visible list of an asserted chunk', () => {
  const out = withdrawOf(alice, 50n);
  const move = moveOf(alice, 7, 20n);
  const entry = (list: Uint8Array, number: number) =>
    list.slice(number * VISIBLE_ENTRY_BYTES, (number + 1) * VISIBLE_ENTRY_BYTES);
  const chunkWith = (visible: NonNullable<ChunkScript['visible']>): ChunkScript => ({
    ...chunkOf(noop, out, move, noop),
    visible,
  });

  for (const [form, make] of [
    ['calldata', build],
    ['blobs', buildInBlobs],
  ] as const) {
    for (const [what, visible, place] of [
      ['lacks its last entry', (list) => entry(list, 0), { slot: 2, result: 'WORD_COUNT' }],
      ['lacks its first entry', (list) => entry(list, 1), { slot: 1, result: 'WORD_COUNT' }],
      ['is empty', () => new Uint8Array(), { slot: 1, result: 'WORD_COUNT' }],
      [
        'has its entries in another order',
        (list) => Uint8Array.from([...entry(list, 1), ...entry(list, 0)]),
        { slot: 1, result: 'WORD_COUNT' },
      ],
      ['has an entry of another record', (list) => list.with(15, list[15]! ^ 1), { slot: 1, result: 'WORD_COUNT' }],
      [
        'has an entry too many',
        (list) => Uint8Array.from([...list, ...entry(list, 1)]),
        { slot: LAST, result: 'VISIBLE_COUNT' },
      ],
      [
        'has another amount',
        (list) => list.with(VISIBLE_ENTRY_BYTES - 1, list[VISIBLE_ENTRY_BYTES - 1]! ^ 1),
        { slot: 1, result: 'WITHDRAWAL_MISMATCH' },
      ],
      [
        'sends a move to another key',
        (list) => list.with(VISIBLE_ENTRY_BYTES + 47, list[VISIBLE_ENTRY_BYTES + 47]! ^ 1),
        { slot: 2, result: 'BAD_SIGNATURE' },
      ],
    ] as [string, NonNullable<ChunkScript['visible']>, { slot: number; result: string }][]) {
      it(`makes its chunk wrong where it shows when it ${what}, in ${form}`, async () => {
        const built = make(HONEST, chunkWith(visible));
        const state = createLieState();
        assert.deepEqual(await places(built), [{ chunk: 1, ...place }]);
        const { answer } = built.claims[1]!;
        const found = locateFault(
          portableCrypto,
          state,
          { submission: submissionOf(built), chunk: 1 },
          answer,
          DEPLOYMENT,
        );
        assert.deepEqual(placeOf(found!), { chunk: 1, ...place });
        assert.deepEqual(
          [found!.before, found!.outcome],
          [built.claims[1]!.slots[place.slot]!.before, built.claims[1]!.slots[place.slot]!.truth],
        );
        assert.equal(state.root, createLieState().root);
      });
    }
  }

  it('is explained with both counts when it is too long', async () => {
    const longer = chunkWith((list) => Uint8Array.from([...list, ...entry(list, 1)]));
    const [fault] = faultsOf(await replay(createLieState(), build(longer)));
    assert.match(fault!.explanation, /ends a chunk of 2 visible records, its list has 3/);
    assert.equal(fault!.isConclusive, true);
  });
});
