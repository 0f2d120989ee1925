import assert from 'node:assert/strict';
import { BLOB_FIELD_MODULUS, BLOCKS_PER_GROUP } from '@quittance/protocol';
import { fromLimbs, type Limbs, toLimbs } from '../../prover/limbs.ts';
import { type Circuit, openCircuit, openForger } from '../support/circuits/circuits.ts';
import {
  type Claim,
  changedBy,
  type FoldGiven,
  foldClaim,
  foldValue,
  notReduced,
  rightModuloLimbs,
  rightModuloRAnd,
  spilled,
} from '../support/circuits/reductions.ts';
import { createRandom, propertySeed, type Random } from '../support/property/random.ts';

const q = BLOB_FIELD_MODULUS;
const ONES: Limbs = [2n ** 87n - 1n, 2n ** 87n - 1n, 2n ** 81n - 1n];
const ZERO: Limbs = [0n, 0n, 0n];
/** Sums of a group of records and weights of all ones. */
const FULL = ONES.map((limb) => BigInt(BLOCKS_PER_GROUP) * (2n ** 124n - 1n) * limb) as unknown as Limbs;

const EXTREMES: Readonly<Record<string, FoldGiven>> = {
  nothing: { yIn: ZERO, step: ZERO, even: ZERO, odd: ZERO },
  'the largest y and step alone': { yIn: ONES, step: ONES, even: ZERO, odd: ZERO },
  'the largest sums alone': { yIn: ZERO, step: ZERO, even: FULL, odd: FULL },
  'all ones': { yIn: ONES, step: ONES, even: FULL, odd: FULL },
  'q − 1 everywhere': { yIn: toLimbs(q - 1n), step: toLimbs(q - 1n), even: FULL, odd: ZERO },
  'a left side of q': { yIn: toLimbs(1n), step: toLimbs(q), even: ZERO, odd: ZERO },
  'one record of 1': { yIn: ZERO, step: ONES, even: ZERO, odd: [1n, 0n, 0n] },
};

/** A fold somewhere in a chunk: sums of random records and weights. */
function randomGiven(random: Random): FoldGiven {
  const below = (): Limbs => toLimbs(random.bits(255) % q);
  const sum = (): Limbs => {
    let [low, middle, high] = ZERO;
    for (let block = 0; block < BLOCKS_PER_GROUP; block++) {
      const [record, weight] = [random.bits(124), below()];
      [low, middle, high] = [low + record * weight[0], middle + record * weight[1], high + record * weight[2]];
    }
    return [low, middle, high];
  };
  return { yIn: below(), step: below(), even: sum(), odd: sum() };
}

describe('circuits/fold', function () {
  this.timeout(60_000);
  const seed = propertySeed();
  const random = createRandom(`fold/${seed}`);
  const some = Array.from({ length: 8 }, () => randomGiven(random));
  let circuit: Circuit;
  let forger: Circuit;

  before(async () => {
    circuit = await openCircuit('fold');
    forger = await openForger('fold');
  });

  const outputsOf = (values: readonly bigint[]) => {
    const [low, middle, high] = [0, 1, 2].map((limb) => values[circuit.wire(`yOut[${limb}]`)]!);
    const y = fromLimbs([low!, middle!, high!]);
    return { y, halves: [values[circuit.wire('yLow')]!, values[circuit.wire('yHigh')]!] };
  };
  const refusals = (inputs: Parameters<Circuit['witness']>[0]): string[][] =>
    circuit.brokenRows(forger.witness(inputs)).map((row) => circuit.rowNames(row));

  /** Asserts that the honest fold is accepted and gives y modulo q, and its halves. */
  function assertAccepted(given: FoldGiven, title: string): void {
    const values = circuit.witness(foldClaim(given));
    assert.deepEqual(circuit.brokenRows(values), [], title);
    const { y, halves } = outputsOf(values);
    assert.equal(y, foldValue(given) % q, title);
    assert.deepEqual(halves, [y % 2n ** 128n, y / 2n ** 128n], title);
  }

  for (const [title, given] of Object.entries(EXTREMES)) {
    it(`accepts ${title}`, () => assertAccepted(given, title));
  }

  it(`gives the left side modulo q (QUITTANCE_TEST_SEED=${seed})`, () => {
    for (const [index, given] of some.entries()) assertAccepted(given, `fold ${index}`);
  });

  const WRONG: readonly (readonly [title: string, claim: Claim])[] = [
    ['one more', changedBy(0n, 1n)],
    ['one less', changedBy(0n, -1n)],
    ['2^87 more', changedBy(0n, 2n ** 87n)],
    ['2^174 more', changedBy(0n, 2n ** 174n)],
    ['another quotient', changedBy(1n, 0n)],
    ['a smaller quotient', changedBy(-1n, 0n)],
  ];

  for (const [title, claim] of WRONG) {
    it(`refuses as y ${title} (QUITTANCE_TEST_SEED=${seed})`, () => {
      for (const [index, given] of some.entries()) {
        // A y that has no bits for what is added to it, or nothing to take away, is another case.
        const { reduced } = foldClaim(given, claim) as { reduced: Limbs };
        if (reduced[2] >= 2n ** 81n || reduced[0] < 0n) continue;
        assert.ok(refusals(foldClaim(given, claim)).length > 0, `fold ${index}`);
      }
    });
  }

  it('refuses a y that is right modulo r and all limbs but those from each on, by their carries', () => {
    for (const [index, given] of some.entries()) {
      for (const limbs of [0, 1, 2]) {
        const broken = refusals(foldClaim(given, rightModuloRAnd(limbs)));
        const carries = broken.map((names) => /carryBits\[(\d)\]/.exec(names.join(' '))?.[1]);
        assert.ok(carries.includes(String(limbs)), `fold ${index}, limb ${limbs}`);
        assert.ok(
          carries.every((carry) => Number(carry) >= limbs),
          `fold ${index}, limb ${limbs}: ${carries}`,
        );
      }
    }
  });

  it('refuses a y that is right modulo 2^261 alone, by the row modulo r alone', () => {
    for (const given of some) {
      const broken = refusals(foldClaim(given, rightModuloLimbs(3)));
      assert.equal(broken.length, 1);
      for (const signal of ['yIn[2]', 'step[2]', 'even[2]', 'odd[2]', 'quotient[2]']) {
        assert.ok(broken[0]!.includes(signal), signal);
      }
    }
  });

  it('refuses limbs that are too wide, though they are the same integer', () => {
    for (const given of some) {
      const honest = foldClaim(given) as Record<'reduced' | 'quotient', Limbs>;
      for (const name of ['reduced', 'quotient'] as const) {
        assert.equal(refusals({ ...honest, [name]: spilled(honest[name]) }).length, 1, name);
      }
    }
  });

  it('refuses y + q when it has more than 255 bits, and gives it otherwise: L1 wants y below q', () => {
    const large = { ...EXTREMES['nothing']!, yIn: toLimbs(q - 1n), step: toLimbs(1n), odd: toLimbs(q) };
    assert.ok(refusals(foldClaim(large, notReduced)).length > 0);
    const small = { ...EXTREMES['nothing']!, yIn: toLimbs(1n), step: toLimbs(5n), odd: toLimbs(q) };
    const values = forger.witness(foldClaim(small, notReduced));
    assert.deepEqual(circuit.brokenRows(values), []);
    const { y, halves } = outputsOf(values);
    assert.equal(y, 5n + q);
    assert.equal(halves[0]! + halves[1]! * 2n ** 128n, y);
  });

  it('refuses halves that are not those of y', () => {
    const values = circuit.witness(foldClaim(some[0]!));
    for (const [low, high] of [
      [1n, 0n],
      [2n ** 128n, -1n],
      [0n, 1n],
    ] as const) {
      const forged = [...values];
      forged[circuit.wire('yLow')]! += low;
      forged[circuit.wire('yHigh')]! += high;
      assert.ok(circuit.brokenRows(forged).length > 0, `${low}, ${high}`);
    }
  });
});
