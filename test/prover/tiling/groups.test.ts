import assert from 'node:assert/strict';
import {
  BLOB_FIELD_MODULUS,
  chunkEvaluation,
  encodeRecord,
  groupCountOf,
  type RecordFields,
} from '@quittance/protocol';
import { accumulate, foldGroups } from '../../../prover/evaluation.ts';
import { fromLimbs, toLimbs } from '../../../prover/limbs.ts';
import { blockPlaces } from '../../../prover/tiling/groups.ts';
import { createRandom, propertySeed } from '../../support/property/random.ts';

const SIZES = [2, 4, 16, 30, 32, 34, 36, 64, 124, 1_004];
const MAXIMAL: RecordFields = {
  kind: 15,
  from: 2 ** 32 - 1,
  to: 2 ** 32 - 1,
  amountFloat: 2n ** 40n - 1n,
  feeFloat: 2 ** 16 - 1,
};

describe('prover: groups of blocks', () => {
  for (const slots of SIZES) {
    it(`give each block of a chunk of ${slots} slots its exponent, 16 of them to each group but the first`, () => {
      const places = blockPlaces(slots);
      const count = groupCountOf(slots);
      assert.equal(places.length, slots / 2);
      assert.deepEqual(
        places.map(({ group, weight }) => 16 * (count - 1 - group) + weight),
        places.map((_, block) => slots / 2 - 1 - block),
      );
      const sizes = Map.groupBy(places, ({ group }) => group);
      assert.deepEqual([...sizes.keys()], [...new Array(count).keys()]);
      for (const [group, members] of sizes) {
        assert.equal(members.length, group === 0 ? slots / 2 - 16 * (count - 1) : 16);
        assert.deepEqual(
          members.map(({ startsGroup, endsGroup }) => [startsGroup, endsGroup]),
          members.map((_, index) => [index === 0, index === members.length - 1]),
        );
      }
    });
  }

  const seed = propertySeed();
  const random = createRandom(`groups/${seed}`);
  const randomRecord = (): RecordFields => ({
    kind: random.below(16),
    from: random.below(2 ** 32),
    to: random.below(2 ** 32),
    amountFloat: random.bits(40),
    feeFloat: random.below(2 ** 16),
  });

  for (const slots of SIZES) {
    it(`fold to the polynomial of ${slots} records at z (QUITTANCE_TEST_SEED=${seed})`, () => {
      const chunks = [
        Array.from({ length: slots }, randomRecord),
        Array.from({ length: slots }, () => MAXIMAL),
        Array.from({ length: slots }, (_, slot) => (slot === 0 ? MAXIMAL : { ...MAXIMAL, kind: 0, from: 0, to: 0 })),
      ];
      for (const z of [0n, 1n, random.bits(128), 2n ** 128n - 1n]) {
        for (const fields of chunks) {
          const { groups } = accumulate(fields.map(encodeRecord), z);
          const folds = foldGroups(groups, z);
          assert.equal(folds.length, groupCountOf(slots));
          const expected = chunkEvaluation(
            fields.map((each) => ({ fields: each })),
            z,
          );
          assert.equal(folds.at(-1)!.remainder, expected);
          for (const { even, odd } of groups) {
            for (const [limb, width] of [215, 215, 209].entries()) {
              assert.ok(even[limb]! < 2n ** BigInt(width) && odd[limb]! < 2n ** BigInt(width));
            }
          }
        }
      }
    });
  }
});

describe('prover: limbs', () => {
  it('are of 87, 87 and 81 bits below 2^255, and stand for the integer', () => {
    for (const value of [0n, 1n, 2n ** 87n - 1n, 2n ** 87n, 2n ** 174n, BLOB_FIELD_MODULUS - 1n, 2n ** 255n - 1n]) {
      const limbs = toLimbs(value);
      assert.equal(fromLimbs(limbs), value);
      for (const [limb, width] of [87, 87, 81].entries()) assert.ok(limbs[limb]! < 2n ** BigInt(width));
    }
  });
});
