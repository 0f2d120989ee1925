import assert from 'node:assert/strict';
import { BLOB_FIELD_MODULUS } from '@quittance/protocol';
import type { CircuitInput } from '../../prover/index.ts';
import { type Limbs, toLimbs } from '../../prover/limbs.ts';
import { type Circuit, openUnfolded } from '../support/circuits/circuits.ts';
import { determine, rowPattern } from '../support/circuits/determination.ts';
import { foldClaim, weightsClaim } from '../support/circuits/reductions.ts';

const CHALLENGE = 2n ** 128n - 12_345n;
const sums = (first: bigint): Limbs => [first, first * 3n + 7n, 2n ** 80n + first];
const below = (factor: bigint): Limbs => toLimbs((factor ** 150n * CHALLENGE) % BLOB_FIELD_MODULUS);
const { powers, quotients } = weightsClaim(CHALLENGE) as { powers: bigint[][]; quotients: bigint[][] };

/** Honest inputs of each circuit, no limb of which is 0. */
const INPUTS: Readonly<Record<string, CircuitInput>> = {
  fold: foldClaim({ yIn: below(3n), step: below(5n), even: sums(2n ** 200n), odd: sums(2n ** 201n) }),
  'next-power': {
    previous: powers[4]!,
    challenge: [CHALLENGE % 2n ** 87n, CHALLENGE >> 87n],
    power: powers[5]!,
    quotient: quotients[5]!,
  },
  weights: weightsClaim(CHALLENGE),
  binding: {
    hasWords: 1n,
    record: 2n ** 123n + 5n,
    words: [7n, 8n, 9n],
    challenge: CHALLENGE,
    weight: below(7n),
    commitmentIn: 3n,
    sumVIn: 4n,
    accumulatorIn: sums(2n ** 200n),
  },
};

/** What an input is called where it goes straight into an output. */
const GIVEN: Readonly<Record<string, CircuitInput>> = {
  fold: { ...INPUTS['fold'], reduced: [], yOut: INPUTS['fold']!['reduced']! },
  weights: { challenge: CHALLENGE, quotients, weights: new Array(48).fill(0n), step: [0n, 0n, 0n] },
};

/** The rows that compute nothing: each says modulo r what carries say modulo a power of two. */
const CHECKS: Readonly<Record<string, string>> = {
  fold: 'yIn[] ⋅ step[] = even[] + odd[] + quotient[] + yOut[]',
  'next-power': 'previous[] ⋅ challenge[] = power[] + quotient[]',
};

/** The decompositions of a circuit, as the wires of their bits. */
function decompositions(circuit: Circuit): Map<string, number[]> {
  const found = new Map<string, number[]>();
  for (const [name, wire] of circuit.symbols) {
    const component = /^(.*Bits(?:\[\d\])?)\.out\[\d+\]$/.exec(name)?.[1];
    if (component !== undefined) found.set(component, [...(found.get(component) ?? []), wire]);
  }
  return found;
}

describe('circuits: rows of the evaluation', function () {
  this.timeout(120_000);

  for (const name of Object.keys(INPUTS)) {
    it(`leave nothing of ${name} open when its inputs are given`, async () => {
      const circuit = await openUnfolded(name);
      const values = circuit.witness(INPUTS[name]!);
      assert.deepEqual(circuit.brokenRows(values), []);
      assert.deepEqual(determine(circuit, values, GIVEN[name] ?? INPUTS[name]!), { open: [], ambiguous: [] });
      assert.deepEqual(
        circuit.freeWires(values, (value) => value + 1n),
        [],
        'wires that can be changed alone',
      );
    });
  }

  for (const name of ['fold', 'next-power', 'binding']) {
    it(`leave something of ${name} open whichever is missing, but for the one modulo r`, async () => {
      const circuit = await openUnfolded(name);
      const values = circuit.witness(INPUTS[name]!);
      const isBit = (row: number) => /^(1 \+ )?(\S+) ⋅ (1 \+ )?\2 = (0|\2)$/.test(rowPattern(circuit, row));
      const checks: string[] = [];
      for (let row = 0; row < circuit.system.constraintCount; row++) {
        if (isBit(row)) continue;
        const { open, ambiguous } = determine(circuit, values, GIVEN[name] ?? INPUTS[name]!, new Set([row]));
        if (open.length + ambiguous.length === 0) checks.push(rowPattern(circuit, row));
      }
      assert.deepEqual(checks, [CHECKS[name] ?? []].flat());
    });
  }

  for (const name of ['fold', 'next-power', 'weights']) {
    it(`hold every bit of every limb, quotient and carry of ${name}: two bits that weigh the same together are refused`, async () => {
      const circuit = await openUnfolded(name);
      const values = circuit.witness(INPUTS[name]!);
      const rows = circuit.rowsByWire();
      const all = [...decompositions(circuit)];
      assert.ok(all.length > 0);
      for (const [component, wires] of all) {
        for (const [index, wire] of wires.slice(0, -1).entries()) {
          // 2·(lower bit) = upper bit: the sum stays, and of the two rows of bits at least one breaks.
          const forged = [...values];
          forged[wire]! += 2n;
          forged[wires[index + 1]!]! -= 1n;
          const touched = [...rows[wire]!, ...rows[wires[index + 1]!]!];
          assert.ok(
            touched.some((row) => !circuit.holds(row, forged)),
            `${component}: bits ${index} and ${index + 1}`,
          );
          forged[wire] = 2n;
          assert.ok(
            rows[wire]!.some((row) => !circuit.holds(row, forged) && circuit.rowNames(row).length === 1),
            `${component}: bit ${index} is 2`,
          );
        }
      }
    });
  }
});
