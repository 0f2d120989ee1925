import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import {
  AMOUNT_EXPONENT_BITS,
  AMOUNT_MANTISSA_BITS,
  BALANCE_BITS,
  BLOB_FIELD_MODULUS,
  BLOCKS_PER_GROUP,
  CHALLENGE_BITS,
  FEE_EXPONENT_BITS,
  FEE_MANTISSA_BITS,
  FEE_TOKEN_BITS,
  FEE_TOKEN_COUNT,
  LIMB_BITS,
  NONCE_BITS,
  OWNER_BITS,
  RECORD_BITS,
  SHARD_COUNT,
  SHARD_LEVELS,
  SUBGROUP_ORDER,
  TIME_BITS,
  TOKEN_ID_BITS,
  TREE_DEPTH,
  Y_LOW_BITS,
} from '@quittance/protocol';
import { BASE8 } from '../../scripts/generate/fixed-base-table.ts';

const [LIMB, , TOP_LIMB] = LIMB_BITS;
const CONTEXT_BITS = FEE_TOKEN_COUNT * FEE_TOKEN_BITS + TIME_BITS;

/** Each number of the protocol that a circuit writes down, as the source has it. */
const EXPECTED: Readonly<Record<string, readonly string[]>> = {
  'context.circom': [
    `Num2Bits(${CONTEXT_BITS})`,
    `feeTokens[${FEE_TOKEN_COUNT}]`,
    `bits.out[${FEE_TOKEN_BITS} * j + i]`,
    `bits.out[${FEE_TOKEN_COUNT * FEE_TOKEN_BITS} + i]`,
    `i < ${TIME_BITS}`,
  ],
  'root.circom': [`shards[${SHARD_COUNT}]`, `MerkleRoot(${TREE_DEPTH - SHARD_LEVELS})`],
  'lib/access.circom': [`MerklePath(${SHARD_LEVELS})`, `ShardUpdate(${Math.log2(SHARD_COUNT)})`],
  'lib/expiry.circom': [
    `component validUntilBits = Num2Bits(${TIME_BITS})`,
    `component remainingBits = Num2Bits(${TIME_BITS})`,
  ],
  'lib/float.circom': [`component exponentBits = Num2Bits(${AMOUNT_EXPONENT_BITS})`],
  'lib/fold.circom': [
    `[${LIMB_BITS.join(', ')}]`,
    `even[i] * 2 ** ${RECORD_BITS} - odd[i]`,
    `even[n - 1] * 2 ** ${RECORD_BITS - LIMB}`,
    `i < ${Y_LOW_BITS - LIMB}`,
    `reduced[2] * 2 ** ${2 * LIMB - Y_LOW_BITS}`,
  ],
  'lib/leaf.circom': [
    `component tokenIdBits = Num2Bits(${TOKEN_ID_BITS})`,
    `component nonceBits = Num2Bits(${NONCE_BITS})`,
    `nonce * 2 ** ${TOKEN_ID_BITS}`,
  ],
  'lib/record.circom': [
    `component fromIndex = Num2Bits(${2 * TREE_DEPTH})`,
    `component toIndex = Num2Bits(${2 * TREE_DEPTH})`,
    `DecimalFloat(${AMOUNT_MANTISSA_BITS})`,
    `DecimalFloat(${FEE_MANTISSA_BITS})`,
    `Num2Bits(${OWNER_BITS})`,
    `Num2Bits(${TOKEN_ID_BITS})`,
    `amountFloat.encoding * 2 ** ${FEE_MANTISSA_BITS + FEE_EXPONENT_BITS}`,
    `kind * 2 ** ${RECORD_BITS - 4} + from * 2 ** ${RECORD_BITS - 36} + to * 2 ** ${RECORD_BITS - 68}`,
  ],
  'lib/scalars.circom': [`return ${SUBGROUP_ORDER};`],
  'lib/signature.circom': BASE8.map(String),
  'lib/limbs.circom': [
    `${BLOB_FIELD_MODULUS % 2n ** BigInt(LIMB)}`,
    `${(BLOB_FIELD_MODULUS >> BigInt(LIMB)) % 2n ** BigInt(LIMB)}`,
    `${BLOB_FIELD_MODULUS >> BigInt(2 * LIMB)}`,
    `limbs[1] * 2 ** ${LIMB} + limbs[2] * 2 ** ${2 * LIMB}`,
  ],
  'lib/slot.circom': [
    `component toBalanceBits = Num2Bits(${BALANCE_BITS})`,
    `component fromBalanceBits = Num2Bits(${BALANCE_BITS})`,
    `fromNonce * 2 ** ${RECORD_BITS} + validUntil * 2 ** ${RECORD_BITS + NONCE_BITS}`,
    `fromNonce - (2 ** ${NONCE_BITS} - 1)`,
    `fromTokenId * 2 ** ${OWNER_BITS}`,
    `toTokenId * 2 ** ${OWNER_BITS}`,
    `isSigned * 2 ** ${TOKEN_ID_BITS}`,
  ],
  'lib/weights.circom': [
    `[${LIMB}, ${LIMB}, ${TOP_LIMB}]`,
    `i == 0 ? ${LIMB} : ${CHALLENGE_BITS - LIMB}`,
    `component challengeBits = Num2Bits(${CHALLENGE_BITS})`,
    `powers[${BLOCKS_PER_GROUP - 1}][${LIMB_BITS.length}]`,
    `weights[${BLOCKS_PER_GROUP * LIMB_BITS.length}]`,
  ],
};

describe('circuits: numbers of the protocol', () => {
  for (const [file, snippets] of Object.entries(EXPECTED)) {
    it(`are those of packages/protocol/params.ts in ${file}`, () => {
      const source = readFileSync(new URL(`../../circuits/${file}`, import.meta.url), 'utf8');
      for (const snippet of snippets) assert.ok(source.includes(snippet), `${file} does not have: ${snippet}`);
    });
  }
});
