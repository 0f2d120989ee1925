import assert from 'node:assert/strict';
import { FIELD_MODULUS, isRollupError, portableHasher, readWord, viewOf, writeWord } from '@quittance/protocol';
import { poseidon, poseidonGroups, poseidonMany } from '../../native/index.ts';
import { describeNative } from '../support/native.ts';
import { loadVectors } from '../support/vectors.ts';

describeNative('native Poseidon', () => {
  it('agrees with the portable hash for 1 to 6 inputs, the edges of the field included', () => {
    const edges = [0n, 1n, FIELD_MODULUS - 1n, 2n ** 253n, 12345678901234567890n, FIELD_MODULUS >> 1n];
    for (let count = 1; count <= 6; count++) {
      for (let shift = 0; shift < edges.length; shift++) {
        const inputs = Array.from({ length: count }, (_, index) => edges[(index + shift) % edges.length]!);
        assert.equal(poseidon(inputs), portableHasher.hash(inputs));
      }
    }
  });

  it('gives the hashes of the external vectors and refuses their out-of-range inputs', () => {
    const file = loadVectors<{
      vectors: { id: string; inputs: string[]; initState: string; nOut: number; outputs: string[] }[];
      must_reject: { id: string; inputs?: string[]; initState?: string; nOut?: number }[];
      legacy_constants_must_not_match: { inputs: string[]; must_not_equal: string }[];
    }>('poseidon_bn254');
    let compared = 0;
    for (const vector of file.vectors.filter(({ initState, nOut }) => initState === '0' && nOut === 1)) {
      assert.equal(poseidon(vector.inputs.map(BigInt)), BigInt(vector.outputs[0]!), vector.id);
      compared++;
    }
    assert.ok(compared >= 20, `only ${compared} vectors were compared`);
    for (const { id, inputs, initState = '0', nOut = 1 } of file.must_reject) {
      if (initState !== '0' || nOut !== 1 || inputs === undefined || !inputs.every((input) => /^-?\d+$/.test(input)))
        continue;
      assert.throws(
        () => poseidon(inputs.map(BigInt)),
        (error) => isRollupError(error, 'OUT_OF_RANGE'),
        id,
      );
    }
    for (const { inputs, must_not_equal } of file.legacy_constants_must_not_match) {
      assert.notEqual(poseidon(inputs.map(BigInt)), BigInt(must_not_equal));
    }
  });

  for (const [name, input] of [
    ['r', FIELD_MODULUS],
    ['−1', -1n],
    ['2^256', 1n << 256n],
    ['2^320 + 1', (1n << 320n) + 1n],
  ] as const) {
    it(`rejects ${name} as an input`, () => {
      assert.throws(
        () => poseidon([1n, input]),
        (error) => isRollupError(error, 'OUT_OF_RANGE'),
      );
    });
  }

  for (const count of [0, 17]) {
    it(`rejects ${count} inputs`, () => {
      assert.throws(
        () => poseidon(Array(count).fill(1n)),
        (error) => isRollupError(error, 'OUT_OF_RANGE'),
      );
    });
  }

  const EDGES = [0n, 1n, FIELD_MODULUS - 1n, FIELD_MODULUS - 2n, 2n ** 253n];
  for (const arity of [1, 2, 3, 4, 5, 6]) {
    for (const count of [1, 2, 8, 9, 16, 17, 65]) {
      it(`hashes ${count} groups of ${arity} at once as one by one, edges of the field included`, () => {
        const input = (index: number) => EDGES[index % 12] ?? FIELD_MODULUS - BigInt(index + 1) ** 21n;
        const groups = Array.from({ length: count }, (_, group) =>
          Array.from({ length: arity }, (_, child) => input(group * arity + child)),
        );
        assert.deepEqual(
          poseidonMany(groups),
          groups.map((group) => portableHasher.hash(group)),
        );
      });
    }
  }

  it('hashes packed groups as one by one, and refuses an element that is not below r', () => {
    const groups = Array.from({ length: 21 }, (_, group) => [1n, FIELD_MODULUS - BigInt(group + 1), 3n, 4n]);
    const bytes = new Uint8Array(groups.length * 128);
    for (const [at, value] of groups.flat().entries()) writeWord(viewOf(bytes), at * 32, value);
    const hashes = viewOf(poseidonGroups(bytes, 4));
    for (const [at, group] of groups.entries()) assert.equal(readWord(hashes, at * 32), portableHasher.hash(group));
    writeWord(viewOf(bytes), 20 * 32, FIELD_MODULUS);
    assert.throws(
      () => poseidonGroups(bytes, 4),
      (error) => isRollupError(error, 'OUT_OF_RANGE'),
    );
  });

  it('hashes no groups to nothing', () => {
    assert.deepEqual(poseidonGroups(new Uint8Array(), 4), new Uint8Array());
    assert.deepEqual(poseidonMany([]), []);
  });

  for (const [name, groups, code] of [
    ['groups of different lengths', [[1n, 2n], [3n]], 'WRONG_LENGTH'],
    ['groups without inputs', [[], []], 'OUT_OF_RANGE'],
    ['groups of 17 inputs', [Array(17).fill(1n)], 'OUT_OF_RANGE'],
    ['r as an input', [[0n], [FIELD_MODULUS]], 'OUT_OF_RANGE'],
    ['−1 as an input', [[-1n], [0n]], 'OUT_OF_RANGE'],
    ['2^256 as an input', [[0n], [1n << 256n]], 'OUT_OF_RANGE'],
  ] as const) {
    it(`rejects ${name} among many`, () => {
      assert.throws(
        () => poseidonMany(groups),
        (error) => isRollupError(error, code),
      );
    });
  }
});
