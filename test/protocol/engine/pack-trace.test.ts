import assert from 'node:assert/strict';
import {
  type ChunkTrace,
  FIELD_MODULUS,
  type PackedTrace,
  packOperation,
  packTrace,
  SHARDS_BYTES,
  SLOT_PLACES,
  SLOT_TRACE_BYTES,
  shardOf,
  slotCountOf,
  unpackTrace,
  viewOf,
  writeWord,
} from '@quittance/protocol';
import fc from 'fast-check';
import { assertCode } from '../../support/assertions.ts';
import { slotCount, worldSeed } from '../../support/property/arbitraries.ts';
import { flipBit, resultOf } from '../../support/property/flip.ts';
import { property } from '../../support/property/property.ts';
import { portableCrypto, World } from '../../support/rollup/world.ts';

const { hasher } = portableCrypto;
const pack = (trace: ChunkTrace) => packTrace(hasher, trace);

function randomTrace(seed: number | string, slots: number): ChunkTrace {
  const world = new World(seed);
  // Some accounts share a shard, some do not.
  for (const index of [undefined, undefined, 2 ** 18, 2 ** 18 + 1, 2 ** 24 - 1]) world.fund(0, 10n ** 20n, index);
  return world.randomChunk(slots).trace;
}

/** `trace` with a word of slot 0, or of the shards, replaced. */
function withWord(trace: PackedTrace, offset: number, value: bigint): PackedTrace {
  const bytes = Uint8Array.from(trace.bytes);
  writeWord(viewOf(bytes), offset, value);
  return { ...trace, bytes };
}

describe('a packed trace', () => {
  property(
    'gives back any executed chunk',
    [worldSeed(), slotCount()],
    (seed, slots) => {
      const trace = randomTrace(seed, slots);
      const packed = pack(trace);
      assert.equal(slotCountOf(packed), slots);
      assert.equal(packed.bytes.length, SHARDS_BYTES + slots * SLOT_TRACE_BYTES);
      assert.deepEqual(unpackTrace(packed), trace);
      assert.deepEqual(pack(unpackTrace(packed)), packed);
    },
    { runs: 5 },
  );

  it('has the parts of a slot where the table says', () => {
    const trace = randomTrace('places', 8);
    const { bytes } = pack(trace);
    const word = (offset: number) =>
      bytes.slice(offset, offset + 32).reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);
    const words = (offset: number, count: number) => Array.from({ length: count }, (_, at) => word(offset + 32 * at));
    assert.deepEqual(words(0, 64), trace.slots[0]!.shards);
    for (const [position, { operation, from, to, commitment, fees }] of trace.slots.entries()) {
      const at = SHARDS_BYTES + position * SLOT_TRACE_BYTES;
      const after = trace.slots[position + 1]?.shards ?? trace.finalShards;
      assert.deepEqual(bytes.slice(at, at + 256), packOperation(operation));
      assert.equal(word(at + 256), commitment);
      assert.deepEqual(words(at + 288, 4), fees);
      for (const [access, leaf, path] of [
        [from, 416, 608],
        [to, 1760, 1952],
      ] as const) {
        const { account } = access;
        const fields = account && [account.keyY, account.owner, BigInt(account.tokenId), BigInt(account.nonce)];
        const expected = fields ? [0n, ...fields, account.balance] : [1n, 0n, 0n, 0n, 0n, 0n];
        assert.deepEqual(words(at + leaf, 6), expected);
        assert.deepEqual(words(at + path, 36), access.children.flat());
      }
      const [fromRoot, toRoot] = words(at + 3104, 2);
      // What the receiver's path begins with is the state after the sender's change.
      if (shardOf(from.index) === shardOf(to.index)) assert.equal(fromRoot, hasher.hash(to.children[0]!));
      else assert.equal(fromRoot, after[shardOf(from.index)]);
      assert.equal(toRoot, after[shardOf(to.index)]);
    }
  });

  it('of no slots is its shards', () => {
    const { shards } = randomTrace('none', 4).slots[0]!;
    const context = { domain: 1n, batchTime: 2, feeTokens: [] };
    const trace = { context, slots: [], oldRoot: 3n, newRoot: 3n, finalShards: shards, commitment: 0n };
    assert.deepEqual(unpackTrace(pack(trace)), trace);
  });

  const SLOTS = 6;
  const packed = pack(randomTrace('flip', SLOTS));
  const { slots: honest } = unpackTrace(packed);
  const isReplacedRoot = (bit: number) => {
    const offset = (bit >> 3) - SHARDS_BYTES;
    const slot = honest[Math.floor(offset / SLOT_TRACE_BYTES)];
    const place = offset % SLOT_TRACE_BYTES;
    const isRoot = place >= SLOT_PLACES.fromRoot && place < SLOT_PLACES.toRoot;
    return slot !== undefined && isRoot && shardOf(slot.from.index) === shardOf(slot.to.index);
  };
  property(
    'with one bit changed is another trace, or none: OUT_OF_RANGE; but for a root that a second change in its shard replaces',
    [fc.nat(8 * packed.bytes.length - 1)],
    (bit) => {
      const flipped = { ...packed, bytes: flipBit(packed.bytes, bit) };
      const result = resultOf(() => unpackTrace(flipped));
      if ('code' in result) assert.equal(result.code, 'OUT_OF_RANGE');
      else if (isReplacedRoot(bit)) assert.deepEqual(result.value, unpackTrace(packed));
      else assert.notDeepEqual(result.value, unpackTrace(packed));
    },
    { runs: 200 },
  );

  it('is refused with another length: WRONG_LENGTH', () => {
    for (const length of [0, SHARDS_BYTES - 1, SHARDS_BYTES + 1, packed.bytes.length - 1]) {
      const cut = { ...packed, bytes: packed.bytes.subarray(0, length) };
      const { data } = assertCode(() => unpackTrace(cut), 'WRONG_LENGTH');
      assert.equal(data.actual, length);
    }
  });

  it('is refused with an element of r, a leaf beyond the tree, or a field beyond its width: OUT_OF_RANGE', () => {
    const slot = SHARDS_BYTES;
    const { commitment, fees, fromLeaf, fromPath, toLeaf, toPath, fromRoot, toRoot } = SLOT_PLACES;
    for (const place of [commitment, fees, fees + 96, fromPath, toPath + 35 * 32, fromRoot, toRoot]) {
      assertCode(() => unpackTrace(withWord(packed, slot + place, FIELD_MODULUS)), 'OUT_OF_RANGE', String(place));
      unpackTrace(withWord(packed, slot + place, FIELD_MODULUS - 1n));
    }
    assertCode(() => unpackTrace(withWord(packed, 0, FIELD_MODULUS)), 'OUT_OF_RANGE');
    for (const leaf of [fromLeaf, toLeaf]) {
      const widths = [1n << 1n, FIELD_MODULUS, 1n << 160n, 1n << 32n, 1n << 32n, 1n << 128n];
      for (const [field, beyond] of widths.entries()) {
        const present = withWord(packed, slot + leaf, 0n);
        const at = slot + leaf + 32 * field;
        assertCode(() => unpackTrace(withWord(present, at, beyond)), 'OUT_OF_RANGE', `field ${field}`);
        if (field > 0) unpackTrace(withWord(present, at, beyond - 1n));
        // An empty leaf has no field at all.
        const empty = [1, 2, 3, 4, 5].reduce((trace, each) => withWord(trace, slot + leaf + 32 * each, 0n), present);
        if (field > 0)
          assertCode(() => unpackTrace(withWord(withWord(empty, slot + leaf, 1n), at, 1n)), 'OUT_OF_RANGE');
      }
    }
    for (const [name, place] of [
      ['to', 7 + 3],
      ['from', 11 + 3],
    ] as const) {
      const bytes = Uint8Array.from(packed.bytes);
      bytes[slot + place] = 1; // 2^24
      assertCode(() => unpackTrace({ ...packed, bytes }), 'OUT_OF_RANGE', name);
    }
  });
});
