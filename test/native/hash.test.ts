import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { hashNodes, isNativeAvailable, nativeUnavailableReason, poseidon } from '../../native/index.ts';
import { FIELD_MODULUS, isRollupError, portableHasher } from '../../protocol/index.ts';
import { littleEndian } from './support.ts';

const VECTORS = '../shared/vectors/poseidon_bn254.json';

describe('native Poseidon', () => {
  before(function () {
    if (!isNativeAvailable()) {
      this.test!.title += ` (${nativeUnavailableReason()})`;
      this.skip();
    }
  });

  it('agrees with the portable hash for 1 to 6 inputs, the edges of the field included', () => {
    const edges = [0n, 1n, FIELD_MODULUS - 1n, 2n ** 253n, 12345678901234567890n, FIELD_MODULUS >> 1n];
    for (let count = 1; count <= 6; count++) {
      for (let shift = 0; shift < edges.length; shift++) {
        const inputs = Array.from({ length: count }, (_, index) => edges[(index + shift) % edges.length]!);
        assert.equal(poseidon(inputs), portableHasher.hash(inputs));
      }
    }
  });

  it('gives the hashes of the external vectors and refuses their out-of-range inputs', function () {
    if (!existsSync(VECTORS)) this.skip();
    const file = JSON.parse(readFileSync(VECTORS, 'utf8')) as {
      vectors: { id: string; inputs: string[]; initState: string; nOut: number; outputs: string[] }[];
      must_reject: { id: string; inputs?: string[]; initState?: string; nOut?: number }[];
      legacy_constants_must_not_match: { inputs: string[]; must_not_equal: string }[];
    };
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

  for (const nodes of [1, 15, 16, 65]) {
    it(`hashes ${nodes} nodes at once as one by one`, () => {
      const inputs = Array.from({ length: nodes * 4 }, (_, index) => FIELD_MODULUS - BigInt(index ** 3 + 1));
      const hashes = hashNodes(littleEndian(inputs));
      const expected = Array.from({ length: nodes }, (_, node) =>
        portableHasher.hash(inputs.slice(4 * node, 4 * node + 4)),
      );
      assert.deepEqual(hashes, littleEndian(expected));
    });
  }

  it('rejects nodes of partial length and children that are not below r', () => {
    assert.throws(
      () => hashNodes(new Uint8Array(127)),
      (error) => isRollupError(error, 'MALFORMED'),
    );
    assert.throws(
      () => hashNodes(littleEndian([0n, 0n, FIELD_MODULUS, 0n])),
      (error) => isRollupError(error, 'OUT_OF_RANGE'),
    );
  });
});
