import assert from 'node:assert/strict';
import { FIELD_MODULUS, SUBGROUP_ORDER } from '@quittance/protocol';
import { addPoints, BASE8, type EdwardsPoint, multiplyPoint } from '../../scripts/generate/fixed-base-table.ts';
import { type Circuit, type Hints, openFixture, openFixtureForger } from '../support/circuits/circuits.ts';
import { fullOrderPoint } from '../support/crypto/full-order-point.ts';
import { createRandom, propertySeed } from '../support/property/random.ts';

const l = SUBGROUP_ORDER;
const r = FIELD_MODULUS;
const TOP_WEIGHT = l - 2n ** 250n;
const seed = propertySeed();
const bitsOf = (value: bigint): bigint[] => Array.from({ length: 250 }, (_, bit) => (value >> BigInt(bit)) & 1n);
/** bits[] and topBit of a scalar below l. */
const scalarInputs = (scalar: bigint) => {
  const topBit = scalar >= 2n ** 250n ? 1n : 0n;
  return { bits: bitsOf(scalar - topBit * TOP_WEIGHT), topBit };
};
const EDGES = [
  0n,
  1n,
  2n,
  3n,
  4n,
  2n ** 249n,
  2n ** 250n - 1n,
  2n ** 250n,
  TOP_WEIGHT,
  TOP_WEIGHT - 1n,
  l - 2n,
  l - 1n,
];
const pointOf = (circuit: Circuit, values: readonly bigint[]): EdwardsPoint => [
  values[circuit.wire('x')]!,
  values[circuit.wire('y')]!,
];

/** The value that bits[] and topBit mean. */
function meaning(circuit: Circuit, values: readonly bigint[]): bigint {
  let sum = values[circuit.wire('topBit')]! * TOP_WEIGHT;
  for (let bit = 0; bit < 250; bit++) sum += values[circuit.wire(`bits[${bit}]`)]! << BigInt(bit);
  return sum;
}

/** The top bit takes all that does not fit. */
const ABSORBING: Hints = [
  ['lib/scalars.circom', 'bits[i] <-- (rest >> i) & 1;', 'bits[i] <-- i == 249 ? rest >> i : (rest >> i) & 1;'],
];

describe('circuits/scalars: S below l without a comparison', () => {
  let circuit: Circuit;
  before(async () => {
    circuit = await openFixture('subgroup-scalar');
  });

  it(`takes every scalar below l apart (QUITTANCE_TEST_SEED=${seed})`, () => {
    const random = createRandom(`scalar/${seed}`);
    for (const value of [...EDGES, ...Array.from({ length: 20 }, () => random.fieldElement() % l)]) {
      const values = circuit.witness({ in: value });
      assert.deepEqual(circuit.brokenRows(values), []);
      assert.equal(meaning(circuit, values), value);
    }
  });

  it('accepts both forms of a scalar that has two, which mean the same', () => {
    const value = 2n ** 250n - 1n;
    const values = circuit.witness({ in: value });
    for (const [bit, digit] of bitsOf(value - TOP_WEIGHT).entries()) values[circuit.wire(`bits[${bit}]`)] = digit;
    values[circuit.wire('topBit')] = 1n;
    assert.deepEqual(circuit.brokenRows(values), []);
    assert.equal(meaning(circuit, values), value);
  });

  it('refuses l and more, whatever the bits', async () => {
    const forger = await openFixtureForger('subgroup-scalar', ABSORBING);
    assert.deepEqual(circuit.brokenRows(forger.witness({ in: l - 1n })), []);
    for (const value of [l, l + 1n, 2n ** 251n, 2n ** 253n, r - 1n]) {
      const broken = circuit.brokenRows(forger.witness({ in: value }));
      // Only that bits[249] is a bit does not hold: the largest sum of bits is l − 1.
      assert.equal(broken.length, 1, `${value}`);
      assert.ok(circuit.rowNames(broken[0]!).includes('bits[249]'));
    }
  });
});

describe('circuits/scalars: a hash modulo l without a comparison', () => {
  let circuit: Circuit;
  before(async () => {
    circuit = await openFixture('hash-scalar');
  });

  it(`means the hash modulo l (QUITTANCE_TEST_SEED=${seed})`, () => {
    const random = createRandom(`hash/${seed}`);
    const multiples = Array.from({ length: 7 }, (_, index) => BigInt(index + 1) * l);
    const edges = [
      ...EDGES,
      ...multiples.flatMap((value) => [value - 1n, value, value + 1n]),
      8n * l - 2n ** 126n - 1n,
    ];
    for (const value of [...edges, r / 2n, r / 2n + 1n, ...Array.from({ length: 20 }, () => random.fieldElement())]) {
      const values = circuit.witness({ in: value });
      assert.deepEqual(circuit.brokenRows(values), []);
      assert.equal(meaning(circuit, values) % l, value % l);
    }
  });

  it('refuses h + r in the place of h', async () => {
    const forger = await openFixtureForger('hash-scalar', [
      ['lib/scalars.circom', 'quotient = quotient > 7 ? 7 : quotient;', 'quotient = 7;'],
    ]);
    for (const value of [0n, 1n, 2n ** 125n, 8n * l - r - 1n]) {
      const values = forger.witness({ in: value });
      assert.equal(meaning(circuit, values) + 7n * l, value + r, 'the bits mean h + r');
      const broken = circuit.brokenRows(values);
      assert.equal(broken.length, 1);
      assert.ok(circuit.rowNames(broken[0]!).includes('missing'));
    }
  });

  it('refuses the hashes from 8·l − 2^126 on, which nobody can find', async () => {
    const forger = await openFixtureForger('hash-scalar', []);
    for (const value of [8n * l - 2n ** 126n, r - 1n]) {
      const broken = circuit.brokenRows(forger.witness({ in: value }));
      assert.equal(broken.length, 1);
      assert.ok(circuit.rowNames(broken[0]!).includes('missing'));
    }
  });
});

describe('circuits/curve: multiplication', () => {
  const generator = fullOrderPoint();

  it(`multiplies the fixed base by any scalar below l (QUITTANCE_TEST_SEED=${seed})`, async () => {
    const circuit = await openFixture('fixed-base');
    const random = createRandom(`fixed/${seed}`);
    for (const scalar of [...EDGES, ...Array.from({ length: 8 }, () => random.fieldElement() % l)]) {
      const values = circuit.witness(scalarInputs(scalar));
      assert.deepEqual(circuit.brokenRows(values), []);
      assert.deepEqual(pointOf(circuit, values), multiplyPoint(scalar, BASE8), `${scalar}`);
    }
    const ones = circuit.witness({ bits: bitsOf(2n ** 250n - 1n), topBit: 1n });
    assert.deepEqual(circuit.brokenRows(ones), []);
    assert.deepEqual(pointOf(circuit, ones), multiplyPoint(l - 1n, BASE8));
  });

  it(`multiplies points of order l and 2·l by twice a scalar (QUITTANCE_TEST_SEED=${seed})`, async () => {
    const circuit = await openFixture('variable-base');
    const random = createRandom(`variable/${seed}`);
    const primeOrder = multiplyPoint(8n * random.bits(200), generator);
    const doubleOrder = multiplyPoint(4n, generator);
    assert.deepEqual(multiplyPoint(l, doubleOrder), [0n, r - 1n]);
    for (const point of [primeOrder, doubleOrder]) {
      const scalars = [...EDGES, (l - 1n) / 2n - 1n, (l - 1n) / 2n + 1n, random.fieldElement() % l];
      for (const scalar of scalars) {
        const values = circuit.witness({ ...scalarInputs(scalar), xP: point[0], yP: point[1] });
        assert.deepEqual(circuit.brokenRows(values), []);
        assert.deepEqual(pointOf(circuit, values), multiplyPoint((2n * scalar) % (2n * l), point), `${scalar}`);
      }
    }
  });

  it('gives the same point for both forms of a scalar that has two', async () => {
    const [fixed, variable] = [await openFixture('fixed-base'), await openFixture('variable-base')];
    const [xP, yP] = multiplyPoint(8n, generator);
    for (const value of [TOP_WEIGHT, TOP_WEIGHT + 1n, 2n ** 250n - 1n]) {
      const forms = [
        { bits: bitsOf(value), topBit: 0n },
        { bits: bitsOf(value - TOP_WEIGHT), topBit: 1n },
      ];
      for (const [circuit, point] of [
        [fixed, {}],
        [variable, { xP, yP }],
      ] as const) {
        const [one, other] = forms.map((form) => circuit.witness({ ...form, ...point }));
        assert.deepEqual([circuit.brokenRows(one!), circuit.brokenRows(other!)], [[], []]);
        assert.deepEqual(pointOf(circuit, one!), pointOf(circuit, other!), `${value}`);
      }
    }
  });

  it('refuses the one scalar whose windows end in the identity or in the point of order 2', async () => {
    const circuit = await openFixture('variable-base');
    const forger = await openFixtureForger('variable-base', []);
    const inputs = scalarInputs((l - 1n) / 2n);
    for (const [point, signal] of [
      [multiplyPoint(8n, generator), 'window[0].slope2'],
      [multiplyPoint(4n, generator), 'inverse'],
    ] as const) {
      const values = forger.witness({ ...inputs, xP: point[0], yP: point[1] });
      const names = circuit.brokenRows(values).map((row) => circuit.rowNames(row));
      assert.ok(
        names.some((row) => row.includes(signal)),
        `${signal} in ${names.map((row) => row.slice(0, 3))}`,
      );
    }
  });

  it('leaves no wire of a multiplication free', async () => {
    const next = (value: bigint) => (value + 1n) % r;
    const fixed = await openFixture('fixed-base');
    assert.deepEqual(fixed.freeWires(fixed.witness(scalarInputs(12_345n)), next), []);
    const variable = await openFixture('variable-base');
    const [xP, yP] = addPoints(BASE8, BASE8);
    assert.deepEqual(variable.freeWires(variable.witness({ ...scalarInputs(12_345n), xP, yP }), next), []);
  });
});
