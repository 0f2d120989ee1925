import assert from 'node:assert/strict';
import { FIELD_MODULUS, portableHasher } from '@quittance/protocol';
import fc from 'fast-check';
import { assertCode } from '../support/assertions.ts';
import { loadOracle } from '../support/crypto/oracle.ts';
import { fieldElement } from '../support/property/arbitraries.ts';
import { property } from '../support/property/property.ts';
import { loadVectors } from '../support/vectors.ts';

interface PoseidonVectors {
  readonly vectors: readonly { id: string; inputs: string[]; initState: string; nOut: number; outputs: string[] }[];
  readonly must_reject: readonly {
    id: string;
    inputs?: string[];
    input_be_hex?: string;
    initState?: string;
    nOut?: number;
  }[];
  readonly legacy_constants_must_not_match: readonly { inputs: string[]; must_not_equal: string }[];
}

describe('portable Poseidon', () => {
  it('gives the hashes of the external vectors', () => {
    const { vectors } = loadVectors<PoseidonVectors>('poseidon_bn254');
    // Ours has no capacity argument and up to six inputs.
    const applicable = vectors.filter(({ initState, inputs }) => initState === '0' && inputs.length <= 6);
    assert.ok(applicable.length >= 18, `${applicable.length} of ${vectors.length} apply`);
    for (const { id, inputs, outputs } of applicable) {
      // Of several outputs, the first but one is the hash where the vector says so; the permutation's element 0 is it.
      assert.equal(portableHasher.hash(inputs.map(BigInt)), BigInt(outputs[0]!), id);
    }
  });

  it('refuses the inputs that must be refused', () => {
    const { must_reject } = loadVectors<PoseidonVectors>('poseidon_bn254');
    let refused = 0;
    for (const { id, inputs, input_be_hex, initState, nOut } of must_reject) {
      if (initState !== undefined || nOut !== undefined) continue; // arguments that ours does not have
      if (input_be_hex !== undefined && input_be_hex.length !== 64) continue; // byte lengths: ours takes integers
      const values = inputs?.map(BigInt) ?? [BigInt(`0x${input_be_hex}`)];
      assertCode(() => portableHasher.hash(values), 'OUT_OF_RANGE', id);
      refused += 1;
    }
    assert.ok(refused >= 7, `only ${refused} apply`);
  });

  it('does not match hashes of retired constants', () => {
    const { legacy_constants_must_not_match: legacy } = loadVectors<PoseidonVectors>('poseidon_bn254');
    assert.ok(legacy.length > 0);
    for (const { inputs, must_not_equal } of legacy) {
      assert.notEqual(portableHasher.hash(inputs.map(BigInt)), BigInt(must_not_equal));
    }
  });

  property(
    'agrees with circomlibjs for 1 to 6 inputs, the edges of the field included',
    [fc.array(fieldElement(), { minLength: 1, maxLength: 6 })],
    async (inputs) => {
      const oracle = await loadOracle();
      assert.equal(portableHasher.hash(inputs), oracle.hash(inputs));
    },
  );

  it('refuses r, although the library below hashes it as 0', () => {
    const zero = portableHasher.hash([0n]);
    assert.ok(zero > 0n);
    for (let position = 0; position < 4; position += 1) {
      const inputs = [0n, 0n, 0n, 0n];
      inputs[position] = FIELD_MODULUS;
      const { data } = assertCode(() => portableHasher.hash(inputs), 'OUT_OF_RANGE');
      assert.equal(data['name'], `Poseidon input ${position}`);
      inputs[position] = -1n;
      assertCode(() => portableHasher.hash(inputs), 'OUT_OF_RANGE');
    }
  });

  it('refuses none and more than six inputs', () => {
    assertCode(() => portableHasher.hash([]), 'OUT_OF_RANGE');
    assertCode(() => portableHasher.hash([1n, 2n, 3n, 4n, 5n, 6n, 7n]), 'OUT_OF_RANGE');
  });

  it('leaves its argument as it was', () => {
    const inputs = Object.freeze([1n, 2n, 3n, 4n]);
    portableHasher.hash(inputs);
    assert.deepEqual(inputs, [1n, 2n, 3n, 4n]);
  });
});
