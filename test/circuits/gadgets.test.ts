import assert from 'node:assert/strict';
import { FIELD_MODULUS, float40, portableHasher } from '@quittance/protocol';
import { type Circuit, openFixture, openFixtureForger } from '../support/circuits/circuits.ts';
import { createRandom, propertySeed } from '../support/property/random.ts';
import { loadVectors } from '../support/vectors.ts';

interface PoseidonVectors {
  readonly vectors: readonly {
    readonly id: string;
    readonly inputs: readonly string[];
    readonly initState: string;
    readonly outputs: readonly string[];
  }[];
}

interface Float40Vectors {
  readonly decode: readonly { readonly float40: string; readonly value: string }[];
}

const seed = propertySeed();
const next = (value: bigint): bigint => (value + 1n) % FIELD_MODULUS;

describe('circuits/poseidon', () => {
  for (const inputCount of [4, 5]) {
    describe(`of ${inputCount} inputs`, () => {
      let circuit: Circuit;
      before(async () => {
        circuit = await openFixture(`poseidon${inputCount}`);
      });

      const hash = (inputs: readonly bigint[]): bigint => {
        const values = circuit.witness({ in: inputs });
        assert.deepEqual(circuit.brokenRows(values), []);
        return values[circuit.wire('out')]!;
      };

      it('agrees with the external vectors', () => {
        const { vectors } = loadVectors<PoseidonVectors>('poseidon_bn254');
        const fitting = vectors.filter(({ inputs, initState }) => inputs.length === inputCount && initState === '0');
        assert.ok(fitting.length > 0);
        for (const { id, inputs, outputs } of fitting) assert.equal(hash(inputs.map(BigInt)), BigInt(outputs[0]!), id);
      });

      it(`agrees with the protocol's hash (QUITTANCE_TEST_SEED=${seed})`, () => {
        const random = createRandom(`poseidon${inputCount}/${seed}`);
        const all = (value: bigint) => Array.from({ length: inputCount }, () => value);
        for (const inputs of [
          all(0n),
          all(FIELD_MODULUS - 1n),
          ...[1, 2, 3].map(() => all(0n).map(random.fieldElement)),
        ]) {
          assert.equal(hash(inputs), portableHasher.hash(inputs));
        }
      });

      it('leaves no wire free', () => {
        const values = circuit.witness({ in: Array.from({ length: inputCount }, (_, index) => BigInt(index)) });
        assert.deepEqual(circuit.freeWires(values, next), []);
      });
    });
  }
});

describe('circuits/float', () => {
  it('decodes the external vectors of float40', async () => {
    const { decode } = loadVectors<Float40Vectors>('float40');
    const circuit = await openFixture('float40');
    for (const { float40: encoding, value } of decode) {
      const mantissa = BigInt(encoding) & (2n ** 35n - 1n);
      const values = circuit.witness({ mantissa, exponent: BigInt(encoding) >> 35n });
      assert.deepEqual(circuit.brokenRows(values), []);
      assert.equal(values[circuit.wire('value')], BigInt(value));
      assert.equal(values[circuit.wire('encoding')], BigInt(encoding));
    }
  });

  it('agrees with the protocol on every exponent', async () => {
    const circuit = await openFixture('float40');
    for (let exponent = 0n; exponent < 32n; exponent++) {
      for (const mantissa of [0n, 1n, 2n ** 35n - 1n]) {
        const values = circuit.witness({ mantissa, exponent });
        assert.equal(values[circuit.wire('value')], float40.decode(mantissa | (exponent << 35n)));
      }
    }
  });
});

describe('circuits/merkle: one level', () => {
  const children = [11n, 22n, 33n, 44n];
  const inputsAt = (position: number, oldChild = children[position]!) => ({
    low: BigInt(position & 1),
    high: BigInt(position >> 1),
    children,
    oldChild,
    newChild: 99n,
  });

  for (const position of [0, 1, 2, 3]) {
    it(`hashes the node before and after a change of child ${position}`, async () => {
      const circuit = await openFixture('merkle-level');
      const values = circuit.witness(inputsAt(position));
      assert.deepEqual(circuit.brokenRows(values), []);
      assert.equal(values[circuit.wire('oldNode')], portableHasher.hash(children));
      assert.equal(values[circuit.wire('newNode')], portableHasher.hash(children.with(position, 99n)));
      assert.deepEqual(circuit.freeWires(values, next), []);
    });

    it(`refuses an old child that is not child ${position}`, async () => {
      const circuit = await openFixture('merkle-level');
      const forger = await openFixtureForger('merkle-level', []);
      for (const oldChild of [0n, ...children.filter((_, index) => index !== position)]) {
        const broken = circuit.brokenRows(forger.witness(inputsAt(position, oldChild)));
        assert.equal(broken.length, 1);
        assert.ok(circuit.rowNames(broken[0]!).includes('oldChild'));
      }
    });
  }
});

describe('circuits/shards', () => {
  const shards = Array.from({ length: 64 }, (_, position) => BigInt(1_000 + position));
  const inputsAt = (index: number) => ({
    indexBits: Array.from({ length: 6 }, (_, bit) => BigInt((index >> bit) & 1)),
    shardsIn: shards,
    oldRoot: shards[index]!,
    newRoot: 77n,
  });
  let circuit: Circuit;

  before(async () => {
    circuit = await openFixture('shard-update');
  });

  /** Broken rows of the honest update of shard 37 with some wires changed. */
  const brokenWith = (changes: Readonly<Record<string, bigint>>): string[][] => {
    const values = circuit.witness(inputsAt(37));
    for (const [name, value] of Object.entries(changes)) values[circuit.wire(name)] = value;
    return circuit.brokenRows(values).map((row) => circuit.rowNames(row));
  };

  it('replaces the element at each index and no other', () => {
    for (let index = 0; index < 64; index++) {
      const values = circuit.witness(inputsAt(index));
      assert.deepEqual(circuit.brokenRows(values), []);
      const out = shards.map((_, position) => values[circuit.wire(`shardsOut[${position}]`)]!);
      assert.deepEqual(out, shards.with(index, 77n));
    }
  });

  it('refuses an old root that is not the element at the index', () => {
    const broken = brokenWith({ oldRoot: 1_036n, newRoot: 76n });
    assert.equal(broken.length, 1);
    assert.ok(broken[0]!.includes('oldRoot'));
  });

  it('refuses the new root at another index', () => {
    const broken = brokenWith({ 'shardsOut[37]': 1_037n, 'shardsOut[38]': 1_038n + 77n - 1_037n });
    assert.equal(broken.length, 1);
    assert.ok(broken[0]!.includes('shardsOut[38]'));
  });

  it('refuses two other elements that change by opposite amounts', () => {
    const broken = brokenWith({ 'shardsOut[3]': 1_004n, 'shardsOut[4]': 1_003n });
    assert.equal(broken.length, 2);
  });

  it('refuses an element that was not replaced', () => {
    const broken = brokenWith({ 'shardsOut[37]': 1_037n });
    assert.equal(broken.length, 1);
    assert.ok(broken[0]!.includes('newRoot'));
  });
});
