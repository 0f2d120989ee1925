import assert from 'node:assert/strict';
import { FIELD_MODULUS } from '@quittance/protocol';
import { interfaceCount } from '../../prover/formats/r1cs.ts';
import { type Circuit, openCircuit } from '../support/circuits/circuits.ts';
import { VALID } from '../support/circuits/forgeries.ts';
import { type RawSlot, rawSlotInputs } from '../support/circuits/raw-slot.ts';
import { createRandom, propertySeed } from '../support/property/random.ts';

type Valid = keyof typeof VALID;
const KINDS = Object.keys(VALID) as Valid[];

/** Fee tokens that the record does not use: a slot says nothing about them (the context tile binds them). */
const UNUSED_TOKENS = ['feeTokens[1]', 'feeTokens[2]', 'feeTokens[3]'];
/** The weights of a record that is 0: the weights tile binds them. */
const WEIGHTS = ['weight[0]', 'weight[1]', 'weight[2]'];
const EXIT_INVERSE = ['exitMatches.inv'];

/**
 * Wires that one slot leaves free, and why that does no harm. batchTime: the record never expires. keyX: nothing is signed.
 * distinct: from = to = 0 in a noop, and its product has to be 0. exitMatches.inv: the inverse of a difference that
 * is 0. fees.match[0]: the token matches, and nothing is paid or taken.
 */
const FREE: Readonly<Record<Valid, readonly string[]>> = {
  noop: [...WEIGHTS, 'batchTime', ...UNUSED_TOKENS, 'keyX', 'distinct', ...EXIT_INVERSE, 'fees.match[0]'],
  transfer: ['batchTime', ...UNUSED_TOKENS],
  transferToNew: ['batchTime', ...UNUSED_TOKENS],
  withdraw: ['batchTime', ...UNUSED_TOKENS, ...EXIT_INVERSE],
  move: ['batchTime', ...UNUSED_TOKENS, ...EXIT_INVERSE],
  deposit: ['batchTime', ...UNUSED_TOKENS, 'keyX', 'fees.match[0]'],
  depositToNew: ['batchTime', ...UNUSED_TOKENS, 'keyX', 'fees.match[0]'],
  forcedExit: ['batchTime', ...UNUSED_TOKENS, 'keyX', ...EXIT_INVERSE, 'fees.match[0]'],
  secondForcedExit: ['batchTime', ...UNUSED_TOKENS, 'keyX', ...EXIT_INVERSE, 'fees.match[0]'],
  forcedExitOfNothing: ['batchTime', ...UNUSED_TOKENS, 'keyX', 'fees.match[0]'],
  collectFee: ['batchTime', ...UNUSED_TOKENS, 'keyX', ...EXIT_INVERSE],
};

describe('circuits/slot: tampering', () => {
  let slot: Circuit;
  let rowsByWire: number[][];
  const seed = propertySeed();

  before(async () => {
    slot = await openCircuit('slot');
    rowsByWire = slot.rowsByWire();
  });

  const unnoticed = (raw: RawSlot, changed: (value: bigint) => bigint, last?: number): string[] =>
    slot.freeWires(slot.witness(rawSlotInputs(raw)), changed, last, rowsByWire);
  const next = (value: bigint): bigint => (value + 1n) % FIELD_MODULUS;

  for (const kind of KINDS) {
    it(`notices a random change of any interface signal of a ${kind} (QUITTANCE_TEST_SEED=${seed})`, () => {
      const random = createRandom(`${seed}/${kind}`);
      const other = (value: bigint): bigint =>
        (value + 1n + (random.fieldElement() % (FIELD_MODULUS - 1n))) % FIELD_MODULUS;
      for (let round = 0; round < 3; round++) {
        const names = unnoticed(VALID[kind], other, interfaceCount(slot.system));
        assert.deepEqual(names, [...(kind === 'noop' ? WEIGHTS : []), 'batchTime', ...UNUSED_TOKENS]);
      }
    });

    it(`leaves no wire of a ${kind} free but those that are explained`, () => {
      assert.deepEqual(unnoticed(VALID[kind], next), FREE[kind]);
    });
  }

  it('notices a change of the batch time and of the fee token that a record depends on', () => {
    const timed = { ...VALID.transfer, validUntil: 1_900_000_000n };
    const names = unnoticed(timed, next, interfaceCount(slot.system));
    assert.deepEqual(names, UNUSED_TOKENS);
  });

  it('has a bit for each bit: no wire of a boolean row takes a third value', () => {
    const values = slot.witness(rawSlotInputs(VALID.transfer));
    for (const component of [
      'fields.fromBits',
      'signature.hashScalar.bits',
      'signature.left.bits',
      'fromBalanceBits.out',
    ]) {
      const wires = [...slot.symbols].filter(([name, wire]) => wire > 0 && name.startsWith(`${component}[`));
      assert.ok(wires.length > 20, component);
      for (const [name, wire] of wires) {
        const value = values[wire]!;
        values[wire] = 2n;
        assert.ok(
          rowsByWire[wire]!.some((row) => !slot.holds(row, values)),
          name,
        );
        values[wire] = value;
      }
    }
  });
});
