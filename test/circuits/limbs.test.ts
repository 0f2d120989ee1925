import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import {
  BLOB_FIELD_MODULUS,
  BLOCKS_PER_GROUP,
  CHALLENGE_BITS,
  FIELD_MODULUS,
  LIMB_BITS,
  RECORD_BITS,
  Y_LOW_BITS,
} from '@quittance/protocol';
import { type Circuit, openUnfolded } from '../support/circuits/circuits.ts';
import {
  add,
  divide,
  exactly,
  type Interval,
  isWithin,
  multiply,
  negate,
  ofBits,
  sizeOf,
} from '../support/circuits/interval.ts';
import { invert, reduce } from '../support/crypto/field.ts';

const q = BLOB_FIELD_MODULUS;
const r = FIELD_MODULUS;
/** Bits of a limb below the top one. */
const LIMB = 87;
const UNIT = 2n ** BigInt(LIMB);
/** Limbs of q. */
const Q = [q % UNIT, (q / UNIT) % UNIT, q / UNIT ** 2n].map(exactly);

/** How many bits a decomposition has in the compiled circuit. */
const widthOf = (circuit: Circuit, component: string): number =>
  [...circuit.symbols.keys()].filter((name) => name.startsWith(`${component}.out[`)).length;
const limbsOf = (circuit: Circuit, component: string, count = 3): Interval[] =>
  Array.from({ length: count }, (_, limb) => ofBits(widthOf(circuit, `${component}[${limb}]`)));

/** What is added to a carry before it is decomposed: the constant of the row that computes `in`. */
function offsetOf(circuit: Circuit, component: string): bigint {
  const wire = circuit.wire(`${component}.in`);
  const { starts, wires, coefficientIds, coefficients } = circuit.system;
  const terms = (row: number, part: number) =>
    Array.from({ length: starts[3 * row + part + 1]! - starts[3 * row + part]! }, (_, index) => {
      const term = starts[3 * row + part]! + index;
      return [wires[term]!, coefficients[coefficientIds[term]!]!] as const;
    });
  for (const row of circuit.rowsByWire()[wire]!) {
    const linear = new Map(terms(row, 2));
    const bitCount = [...linear.keys()].filter((each) => circuit.namesOf(each)[0]?.includes('.out[')).length;
    if (terms(row, 0).length > 0 || bitCount > 0) continue;
    return reduce(-(linear.get(0) ?? 0n) * invert(linear.get(wire)!));
  }
  throw new Error(`no row computes ${component}.in`);
}

/** The carries that the bits of a decomposition admit. */
function carryOf(circuit: Circuit, component: string): Interval {
  return add(ofBits(widthOf(circuit, component)), exactly(-offsetOf(circuit, component)));
}

const integerOf = (limbs: readonly Interval[]): Interval =>
  add(...limbs.map((limb, index) => multiply(limb, exactly(UNIT ** BigInt(index)))));
const products = (left: readonly Interval[], right: readonly Interval[], level: number): Interval[] =>
  left.flatMap((limb, index) => {
    const other = right[level - index];
    return other === undefined ? [] : [multiply(limb, other)];
  });

/**
 * Asserts of a chain of levels, each of which has to be 2^87 times its carry, that a carry that is right passes, and that
 * one that passes is right: the row is an equation modulo r, and both sides differ by less than r.
 */
function assertCarries(circuit: Circuit, levels: readonly Interval[]): void {
  let [rightCarry, anyCarry] = [exactly(0n), exactly(0n)];
  for (const [index, level] of levels.entries()) {
    const carry = carryOf(circuit, `carryBits[${index}]`);
    rightCarry = divide(add(level, rightCarry), UNIT);
    assert.ok(isWithin(rightCarry, carry), `level ${index}: a right carry has no bits`);
    const difference = add(level, anyCarry, negate(multiply(carry, exactly(UNIT))));
    assert.ok(sizeOf(difference) < r, `level ${index}: a wrong carry may be right modulo r`);
    anyCarry = carry;
  }
}

describe('circuits/limbs: bounds', () => {
  it('have the limbs of q, which is above r', () => {
    const source = readFileSync(new URL('../../circuits/lib/limbs.circom', import.meta.url), 'utf8');
    assert.deepEqual(
      source.match(/\b\d{20,}\b/g)!.map(BigInt),
      Q.map(({ min }) => min),
    );
    assert.equal(integerOf(Q).min, q);
    assert.ok(2n ** 254n < q && r < 2n ** 254n && r > (3n * 2n ** 253n) / 2n);
  });

  it('hold for the next power: its rows are an equation of integers, and z^i is a power below 2^255', async () => {
    const circuit = await openUnfolded('next-power');
    const previous = LIMB_BITS.map(ofBits);
    const challenge = [ofBits(LIMB), ofBits(CHALLENGE_BITS - LIMB)];
    const power = limbsOf(circuit, 'powerBits');
    const quotient = limbsOf(circuit, 'quotientBits', 2);
    assert.deepEqual(power, previous, 'a power is the previous one of the next');

    const left = multiply(integerOf(previous), ofBits(CHALLENGE_BITS));
    const honest = multiply({ min: 0n, max: q - 1n }, ofBits(CHALLENGE_BITS));
    assert.ok(isWithin(divide(honest, q), integerOf(quotient)), 'the quotient of a power below q has its bits');
    const difference = add(left, negate(add(multiply(exactly(q), integerOf(quotient)), integerOf(power))));
    assert.ok(sizeOf(difference) < 2n ** 384n && 2n ** 384n < r * UNIT ** 2n);
    const levels = [0, 1].map((level) =>
      add(...products(previous, challenge, level), ...products(Q, quotient, level).map(negate), negate(power[level]!)),
    );
    assertCarries(circuit, levels);
  });

  it('hold for the fold: its rows are an equation of integers for all sums of a group', async () => {
    const circuit = await openUnfolded('fold');
    const [yIn, step] = [LIMB_BITS.map(ofBits), LIMB_BITS.map(ofBits)];
    const sums = LIMB_BITS.map((width) =>
      multiply(multiply(ofBits(width), ofBits(RECORD_BITS)), exactly(BigInt(BLOCKS_PER_GROUP))),
    );
    const reduced = limbsOf(circuit, 'reducedBits');
    const quotient = limbsOf(circuit, 'quotientBits');
    assert.deepEqual(reduced, yIn, 'y is the y of the next group');
    const shift = exactly(2n ** BigInt(RECORD_BITS));
    // Each limb of a sum is one of a weight, which is below 2^255, times the same records.
    const group = multiply(multiply(ofBits(255), ofBits(RECORD_BITS)), exactly(BigInt(BLOCKS_PER_GROUP)));

    const left = add(multiply(integerOf(yIn), integerOf(step)), multiply(group, shift), group);
    assert.ok(isWithin(divide(left, q), integerOf(quotient)), 'the quotient of any group has its bits');
    const difference = add(left, negate(add(multiply(exactly(q), integerOf(quotient)), integerOf(reduced))));
    assert.ok(sizeOf(difference) < 2n ** 512n && 2n ** 512n < r * UNIT ** 3n);
    const upper = exactly(2n ** BigInt(RECORD_BITS - LIMB));
    const levels = [0, 1, 2].map((level) =>
      add(
        ...products(yIn, step, level),
        ...(level > 0 ? [multiply(sums[level - 1]!, upper)] : []),
        sums[level]!,
        ...products(Q, quotient, level).map(negate),
        negate(reduced[level]!),
      ),
    );
    assertCarries(circuit, levels);
  });

  it('keep the sums of a group, and the halves of y, below r', async () => {
    const limb = multiply(ofBits(LIMB), ofBits(RECORD_BITS));
    assert.ok(limb.max * BigInt(BLOCKS_PER_GROUP) < r);
    assert.ok(255 - Y_LOW_BITS < 254 && Y_LOW_BITS < 254);
    // What the carries are worth: with one bit more the row of level 1 would not be one of integers.
    const circuit = await openUnfolded('fold');
    assert.ok(2n ** BigInt(LIMB + widthOf(circuit, 'carryBits[1]') + 1) > r);
  });
});
