import assert from 'node:assert/strict';
import {
  AMOUNT_BITS,
  AUTHORIZATION_BYTES,
  BASE8,
  BLOB_BYTES,
  BLOB_ELEMENT_BYTES,
  BLOB_ELEMENTS,
  BLOB_FIELD_MODULUS,
  BLOCK_BYTES,
  BLOCKS_PER_GROUP,
  CHALLENGE_BITS,
  chunkOverheadOf,
  DEPOSIT_RESERVE_LEAVES,
  ELEMENTS_PER_RECORD,
  ETH_TOKEN_ID,
  FEE_BITS,
  FEE_TOKEN_BITS,
  FEE_TOKEN_COUNT,
  FEE_TOKEN_FILLER,
  FIELD_MODULUS,
  groupCountOf,
  IDENTITY,
  INDEX_BITS,
  KIND_BITS,
  L1_DEFAULTS,
  LIMB_BITS,
  MAX_BLOBS,
  MAX_NONCE,
  MAX_SLOT_CONSTRAINTS,
  PROFILES,
  RECORD_BITS,
  RECORD_BYTES,
  RECORDS_PER_BLOB,
  RECORDS_PER_BLOCK,
  RecordKind,
  SHARD_COUNT,
  SHARD_DEPTH,
  SHARD_LEVELS,
  SUBGROUP_ORDER,
  TIME_BITS,
  TOKEN_ID_BITS,
  TREE_ARITY,
  TREE_CAPACITY,
  TREE_DEPTH,
  VISIBLE_ENTRY_BYTES,
  WORD_BYTES,
  Y_LOW_BITS,
} from '@quittance/protocol';

/** docs/protocol.md, Chunk. */
const PUBLIC_INPUTS = 9;

/** Miller–Rabin with fixed bases: enough to catch a digit that was mistyped. */
function isProbablyPrime(value: bigint): boolean {
  const power = (base: bigint, exponent: bigint) => {
    let result = 1n;
    for (let factor = base % value, rest = exponent; rest > 0n; rest >>= 1n, factor = (factor * factor) % value) {
      if (rest & 1n) result = (result * factor) % value;
    }
    return result;
  };
  let odd = value - 1n;
  let twos = 0;
  for (; odd % 2n === 0n; odd /= 2n) twos += 1;
  return [2n, 3n, 5n, 7n, 11n, 13n].every((base) => {
    let x = power(base, odd);
    if (x === 1n || x === value - 1n) return true;
    for (let round = 1; round < twos; round += 1) {
      x = (x * x) % value;
      if (x === value - 1n) return true;
    }
    return false;
  });
}

describe('parameters', () => {
  it('have primes for the field and the subgroup, and a base of that order', () => {
    assert.ok(isProbablyPrime(FIELD_MODULUS));
    assert.ok(isProbablyPrime(SUBGROUP_ORDER));
    assert.ok(isProbablyPrime(BLOB_FIELD_MODULUS));
    assert.equal((BLOB_FIELD_MODULUS - 1n) % 4_096n, 0n);
    assert.ok(
      BASE8.multiply(SUBGROUP_ORDER - 1n)
        .add(BASE8)
        .equals(IDENTITY),
    );
    // Hasse: the curve has 8·l points, within 2·√r of r + 1.
    const distance = 8n * SUBGROUP_ORDER - (FIELD_MODULUS + 1n);
    assert.ok(distance * distance <= 4n * FIELD_MODULUS);
  });

  it('agree on the tree', () => {
    assert.equal(TREE_CAPACITY, TREE_ARITY ** TREE_DEPTH);
    assert.equal(TREE_CAPACITY, 2 ** 24);
    assert.equal(SHARD_COUNT, TREE_ARITY ** SHARD_DEPTH);
    assert.equal(SHARD_LEVELS + SHARD_DEPTH, TREE_DEPTH);
    assert.ok(TREE_CAPACITY <= 2 ** INDEX_BITS);
    assert.ok(DEPOSIT_RESERVE_LEAVES < TREE_CAPACITY);
  });

  it('agree on the record and its block', () => {
    assert.equal(RECORD_BITS, KIND_BITS + 2 * INDEX_BITS + AMOUNT_BITS + FEE_BITS);
    assert.equal(RECORD_BITS, 124);
    assert.equal(BLOCK_BYTES * 8, RECORDS_PER_BLOCK * RECORD_BITS);
    // A record is a field element, and so is everything that a message packs.
    assert.ok(RECORD_BITS + 32 + TIME_BITS < 253);
    assert.ok(2n ** BigInt(8 * WORD_BYTES) > FIELD_MODULUS);
    assert.ok(Math.max(...Object.values(RecordKind)) < 2 ** KIND_BITS);
  });

  it('leave no token id that equals the filler, and no context beyond the field', () => {
    assert.equal(FEE_TOKEN_FILLER, 2n ** BigInt(TOKEN_ID_BITS));
    assert.ok(FEE_TOKEN_FILLER < 2n ** BigInt(FEE_TOKEN_BITS));
    assert.ok(FEE_TOKEN_BITS * FEE_TOKEN_COUNT + TIME_BITS < 253);
    assert.equal(FEE_TOKEN_BITS * FEE_TOKEN_COUNT, 132);
    assert.ok(ETH_TOKEN_ID < FEE_TOKEN_FILLER);
    assert.equal(MAX_NONCE, 2n ** 32n - 1n);
  });

  it('have profiles with an even number of slots that fit the setup', () => {
    for (const [name, profile] of Object.entries(PROFILES)) {
      assert.equal(profile.name, name);
      assert.equal(profile.slotsPerChunk % RECORDS_PER_BLOCK, 0);
      assert.ok(profile.maxChunks >= 1);
    }
    const rows = (slots: number) => slots * MAX_SLOT_CONSTRAINTS + chunkOverheadOf(slots) + PUBLIC_INPUTS + 1;
    // The largest even numbers of slots that fit their domains.
    assert.ok(rows(PROFILES.standard.slotsPerChunk) <= 2 ** 21 && rows(PROFILES.standard.slotsPerChunk + 2) > 2 ** 21);
    assert.ok(rows(PROFILES.single.slotsPerChunk) <= 2 ** 24 && rows(PROFILES.single.slotsPerChunk + 2) > 2 ** 24);
    for (const { slotsPerChunk, maxChunks } of [PROFILES.standard, PROFILES.single]) {
      // 1,000 transfers and all four fee slots of each chunk.
      assert.ok(maxChunks * (slotsPerChunk - FEE_TOKEN_COUNT) >= 1_000);
    }
  });

  it('have batches that fit the coefficients of one blob, the blobs of evaluations and a bitmap of 64 chunks', () => {
    for (const { slotsPerChunk, maxChunks } of Object.values(PROFILES)) {
      assert.ok((maxChunks * slotsPerChunk) / RECORDS_PER_BLOCK <= BLOB_ELEMENTS);
      assert.ok(maxChunks * slotsPerChunk <= MAX_BLOBS * RECORDS_PER_BLOB);
      assert.ok(maxChunks <= 64);
    }
  });

  it('agree on visible entries, authorizations and the elements of blobs', () => {
    assert.equal(VISIBLE_ENTRY_BYTES, 112);
    assert.equal(AUTHORIZATION_BYTES, 69);
    assert.ok(8 * RECORD_BYTES >= RECORD_BITS);
    assert.deepEqual([BLOB_ELEMENTS, BLOB_BYTES], [4_096, 131_072]);
    // Every content of so many bytes is below q, and one byte more may not be.
    assert.ok(2n ** BigInt(8 * BLOB_ELEMENT_BYTES) <= BLOB_FIELD_MODULUS);
    assert.ok(2n ** BigInt(8 * (BLOB_ELEMENT_BYTES + 1)) > BLOB_FIELD_MODULUS);
    assert.equal(BLOB_ELEMENT_BYTES, BLOCK_BYTES);
    assert.ok(RECORD_BYTES + AUTHORIZATION_BYTES <= ELEMENTS_PER_RECORD * BLOB_ELEMENT_BYTES);
    assert.equal(RECORDS_PER_BLOB, 1_365);
    assert.ok(ELEMENTS_PER_RECORD * RECORDS_PER_BLOB <= BLOB_ELEMENTS);
  });

  it('agree on the limbs of y and of the challenge, and on the groups of blocks', () => {
    const total = LIMB_BITS.reduce<number>((sum, width) => sum + width, 0);
    assert.equal(total, 255);
    assert.ok(BLOB_FIELD_MODULUS < 2n ** BigInt(total));
    assert.ok(CHALLENGE_BITS <= LIMB_BITS[0] + LIMB_BITS[1] && Y_LOW_BITS < total);
    assert.ok(BLOCK_BYTES * 8 < total - 1);
    const blocks = RECORDS_PER_BLOCK * BLOCKS_PER_GROUP;
    assert.deepEqual([2, blocks, blocks + 2, 1_004].map(groupCountOf), [1, 1, 2, 32]);
  });

  it('have clocks of L1 that leave time: a batch is stale before an operation is due, due before the exodus', () => {
    const { priorityDelaySeconds, livenessTimeoutSeconds, exodusDelaySeconds, maxBatchAgeSeconds } = L1_DEFAULTS;
    assert.ok(maxBatchAgeSeconds < priorityDelaySeconds);
    assert.ok(livenessTimeoutSeconds < exodusDelaySeconds);
    assert.ok(L1_DEFAULTS.priorityFeeWei <= L1_DEFAULTS.maxPriorityFeeWei);
  });
});
