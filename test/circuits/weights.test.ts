import assert from 'node:assert/strict';
import { BLOB_FIELD_MODULUS, BLOCKS_PER_GROUP } from '@quittance/protocol';
import { fromLimbs, type Limbs } from '../../prover/limbs.ts';
import { type Circuit, openCircuit, openForger } from '../support/circuits/circuits.ts';
import {
  type Claim,
  changedBy,
  notReduced,
  rightModuloLimbs,
  rightModuloRAnd,
  spilled,
  weightsClaim,
} from '../support/circuits/reductions.ts';
import { reduce } from '../support/crypto/field.ts';
import { createRandom, propertySeed } from '../support/property/random.ts';

const q = BLOB_FIELD_MODULUS;
const LARGEST = 2n ** 128n - 1n;
const EXPONENTS = Array.from({ length: BLOCKS_PER_GROUP - 1 }, (_, index) => index + 2);

describe('circuits/weights', function () {
  this.timeout(60_000);
  const seed = propertySeed();
  let circuit: Circuit;
  let forger: Circuit;

  before(async () => {
    circuit = await openCircuit('weights');
    forger = await openForger('weights');
  });

  /** z^0 … z^16 as the circuit gives them. */
  const powersIn = (values: readonly bigint[]): bigint[] => {
    const limbs = (name: string, first: number): Limbs => {
      const [low, middle, high] = [0, 1, 2].map((limb) => values[circuit.wire(`${name}[${first + limb}]`)]!);
      return [low!, middle!, high!];
    };
    const weights = Array.from({ length: BLOCKS_PER_GROUP }, (_, exponent) => limbs('weights', 3 * exponent));
    return [...weights, limbs('step', 0)].map(fromLimbs);
  };
  const refusals = (inputs: Parameters<Circuit['witness']>[0]): string[][] =>
    circuit.brokenRows(forger.witness(inputs)).map((row) => circuit.rowNames(row));

  it(`gives the powers of z modulo q (QUITTANCE_TEST_SEED=${seed})`, () => {
    const random = createRandom(`weights/${seed}`);
    const some = Array.from({ length: 4 }, () => random.bits(128));
    for (const z of [0n, 1n, 2n, 2n ** 87n - 1n, 2n ** 87n, 2n ** 127n, LARGEST - 1n, LARGEST, ...some]) {
      const values = circuit.witness(weightsClaim(z));
      assert.deepEqual(circuit.brokenRows(values), [], `z = ${z}`);
      const expected = Array.from({ length: BLOCKS_PER_GROUP + 1 }, (_, exponent) => z ** BigInt(exponent) % q);
      assert.deepEqual(powersIn(values), expected);
    }
  });

  it('refuses a challenge of more than 128 bits', () => {
    for (const z of [2n ** 128n, 2n ** 128n + 1n, 2n ** 129n]) {
      const broken = refusals(weightsClaim(z));
      assert.ok(
        broken.some((names) => names.includes('challengeBits.out[127]') || names.includes('weights[4]')),
        `${z}`,
      );
    }
  });

  /** A challenge and an exponent from 3 on, so that there is a quotient to take 1 from, whose power is as wanted. */
  const findPower = (isWanted: (power: bigint) => boolean): [z: bigint, exponent: number] => {
    for (let z = 2n ** 127n; ; z++) {
      const exponent = EXPONENTS.slice(1).find((each) => isWanted(z ** BigInt(each) % q));
      if (exponent !== undefined) return [z, exponent];
    }
  };

  /** Claims that are wrong, and what stands in each row that refuses them. */
  const WRONG: readonly (readonly [title: string, claim: Claim, refusedBy: string | undefined])[] = [
    ['one more', changedBy(0n, 1n), undefined],
    ['one less', changedBy(0n, -1n), undefined],
    ['one that takes another quotient', changedBy(1n, 0n), undefined],
    ['one that takes a smaller quotient', changedBy(-1n, 0n), undefined],
    ['one that is right modulo r alone', rightModuloRAnd(0), 'carryBits['],
    ['one that is right modulo r and 2^87 alone', rightModuloRAnd(1), 'carryBits[1]'],
    ['one that is right modulo 2^174 alone', rightModuloLimbs(2), 'quotients['],
  ];

  for (const [title, claim, refusedBy] of WRONG) {
    it(`refuses as each power of z ${title}`, () => {
      for (const exponent of EXPONENTS) {
        const broken = refusals(weightsClaim(LARGEST - 4n, exponent, claim));
        assert.ok(broken.length > 0, `z^${exponent}`);
        if (refusedBy === undefined) continue;
        for (const names of broken) {
          assert.ok(
            names.some((name) => name.includes(refusedBy)),
            `z^${exponent}: ${names.slice(0, 6)}`,
          );
        }
      }
    });
  }

  it('refuses limbs that are too wide, in each power and quotient, though they are the same integer', () => {
    const honest = weightsClaim(LARGEST - 4n) as { powers: Limbs[]; quotients: bigint[][] };
    for (const [index, power] of honest.powers.entries()) {
      const powers = honest.powers.with(index, spilled(power));
      // The next power is computed from it: its carries may not fit either.
      assert.ok(refusals({ ...honest, powers }).length > 0, `z^${index + 2}`);
      const [low, middle] = honest.quotients[index]!;
      const quotients = honest.quotients.with(index, [low! + 2n ** 87n, reduce(middle! - 1n)]);
      assert.ok(refusals({ ...honest, quotients }).length > 0, `quotient of z^${index + 2}`);
    }
  });

  it('accepts a power that is not below q, since what is made of it is right modulo q all the same', () => {
    const [z, exponent] = findPower((power) => power + q < 2n ** 255n);
    const values = forger.witness(weightsClaim(z, exponent, notReduced));
    assert.deepEqual(circuit.brokenRows(values), []);
    const powers = powersIn(values);
    assert.ok(powers[exponent]! >= q);
    assert.deepEqual(
      powers.map((power) => power % q),
      powers.map((_, each) => z ** BigInt(each) % q),
    );
  });

  it('refuses q added to a power that has 255 bits', () => {
    const [z, exponent] = findPower((power) => power + q >= 2n ** 255n);
    assert.equal(refusals(weightsClaim(z, exponent, notReduced)).length, 1);
  });
});
