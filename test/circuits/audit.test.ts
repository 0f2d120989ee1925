import assert from 'node:assert/strict';
import { FIELD_MODULUS, NOOP, portableHasher, SUBGROUP_ORDER } from '@quittance/protocol';
import { type CircuitInput, chunkSlotInputs } from '../../prover/index.ts';
import { addPoints, BASE8, type EdwardsPoint, multiplyPoint } from '../../scripts/generate/fixed-base-table.ts';
import { type Circuit, openCircuit, openUnfolded } from '../support/circuits/circuits.ts';
import { determine } from '../support/circuits/determination.ts';
import { VALID } from '../support/circuits/forgeries.ts';
import { OPEN, SlotRows, TWO_FORMS, WITNESSED } from '../support/circuits/slot-rows.ts';
import { fullOrderPoint, lowOrderPoint } from '../support/crypto/full-order-point.ts';
import { executeChunk } from '../support/rollup/execute-chunk.ts';
import { CONTEXT, collectFee, createState, deposit, forcedExit } from '../support/rollup/scene.ts';
import { portableCrypto } from '../support/rollup/world.ts';

const l = SUBGROUP_ORDER;
const r = FIELD_MODULUS;
const TOP_WEIGHT = l - 2n ** 250n;

const EXPIRY = ['expiry.never', 'expiry.remaining', 'expiry.remainingBits.out[]'];
/** Scalars that may have two forms as bits, in a signature alone. */
const TWO_FORMS_ALONE = ['hashScalar.bits[]', 'left.bits[]'];

/** Asserts that the rows accept the witness and no other with these inputs, but for what `twoForms` may hold. */
function assertOnly(circuit: Circuit, inputs: CircuitInput, message: string, twoForms: readonly string[] = []): void {
  const values = circuit.witness(inputs);
  assert.deepEqual(circuit.brokenRows(values), [], message);
  const { open, ambiguous } = determine(circuit, values, inputs);
  assert.deepEqual(open, [], message);
  assert.deepEqual(
    ambiguous.filter((signal) => !twoForms.includes(signal)),
    [],
    message,
  );
}

describe('circuits: what is open when the inputs are given', function () {
  this.timeout(120_000);
  let slot: SlotRows;

  before(async () => {
    slot = await SlotRows.open();
  });

  for (const [name, raw] of Object.entries(WITNESSED)) {
    it(`is nothing in a ${name} but what is explained`, () => {
      const { open, ambiguous } = slot.judge(raw);
      assert.deepEqual(open, OPEN[name]);
      assert.deepEqual(
        ambiguous.filter((signal) => !TWO_FORMS.includes(signal)),
        [],
      );
    });

    // `never` other than 1 makes `remaining` the harder to fit into its bits, and nothing else depends on it.
    it(`is the witness's excuse for having no end too, in a ${name} without one`, () => {
      const { open } = slot.judge({ ...raw, validUntil: 0n });
      assert.deepEqual(open, [...OPEN[name]!, ...EXPIRY].sort());
    });
  }

  it('is key and owner of a leaf, and what is hashed of them, when they are not given', () => {
    const raw = { ...VALID.noop, leaves: new Map([[0, VALID.noop.leaves.get(2)!]]) };
    const { inputs, values } = slot.witness(raw);
    const { fromKeyY: _, fromOwner: __, ...given } = inputs;
    const { open } = determine(slot.circuit, values, given);
    for (const signal of ['fromKeyY', 'fromOwner', 'wordDifference']) assert.ok(open.includes(signal), signal);
    assert.ok(!open.includes('toBalance'));
  });

  it('is nothing in the root and the context tile', async () => {
    const shards = Array.from({ length: 64 }, (_, index) => BigInt(index) ** 5n);
    assertOnly(await openUnfolded('root'), { shards }, 'root');
    for (const context of [0n, (2n ** 172n - 1n) / 3n, 2n ** 172n - 1n]) {
      assertOnly(await openUnfolded('context'), { context }, `context ${context}`);
    }
  });

  it('is nothing in a signature under keys with a part of each low order, with special scalars', async () => {
    const circuit = await openUnfolded('signature');
    for (const order of [1, 2, 4, 8] as const) {
      for (const [secret, nonce] of [
        [1n, 0n],
        [l - 1n, 1n],
        [987_654_321n, l - 1n],
      ] as const) {
        const key = addPoints(multiplyPoint(secret, BASE8), lowOrderPoint(order));
        const r8 = multiplyPoint(nonce, BASE8);
        const hash = portableHasher.hash([...r8, ...key, 5n]);
        const s = (nonce + 8n * hash * secret) % l;
        const inputs = { enabled: 1n, xA: key[0], yA: key[1], xR8: r8[0], yR8: r8[1], s, message: 5n };
        assertOnly(circuit, inputs, `order ${order}, secret ${secret}, nonce ${nonce}`, TWO_FORMS_ALONE);
      }
    }
  });

  it('is nothing in a disabled signature, whatever point R8 and key are given', async () => {
    const circuit = await openUnfolded('signature');
    const keys: readonly EdwardsPoint[] = [[0n, 0n], [0n, 1n], [0n, r - 1n], [5n, 2n], lowOrderPoint(8)];
    for (const [index, [xA, yA]] of keys.entries()) {
      const [xR8, yR8] = lowOrderPoint(([1, 2, 4, 8, 8] as const)[index]!);
      for (const s of [0n, l - 1n]) {
        const inputs = { enabled: 0n, xA, yA, xR8, yR8, s, message: 5n };
        assertOnly(circuit, inputs, `A = (${xA}, ${yA}), S = ${s}`, TWO_FORMS_ALONE);
      }
    }
  });

  it('is no slope in a multiplication by scalars at the edges', async () => {
    const fixed = await openUnfolded('fixed-base');
    const variable = await openUnfolded('variable-base');
    const half = (l - 1n) / 2n;
    const scalars = [0n, 1n, 2n ** 250n - 1n, TOP_WEIGHT - 1n, half - 1n, half + 1n].flatMap((value) =>
      value < 2n ** 250n ? [[value, 0n] as const, [value, 1n] as const] : [[value - TOP_WEIGHT, 1n] as const],
    );
    for (const [value, topBit] of scalars) {
      const bits = Array.from({ length: 250 }, (_, bit) => (value >> BigInt(bit)) & 1n);
      assertOnly(fixed, { bits, topBit }, `fixed base, ${value} + ${topBit}`);
      for (const [xP, yP] of [BASE8, multiplyPoint(4n, fullOrderPoint())]) {
        assertOnly(variable, { bits, topBit, xP, yP }, `x = ${xP}, ${value} + ${topBit}`);
      }
    }
  });
});

describe('circuits/slot: authorizations that nothing asks for', () => {
  it('proves an unsigned record that carries one, since the protocol takes no notice of it', async () => {
    const slot = await openCircuit('slot');
    const stray = { validUntil: 1, keyX: 0n, r8: { x: 0n, y: 0n }, s: 0n };
    const operations = [deposit(), forcedExit(), collectFee(), NOOP].map((operation) => ({
      ...operation,
      authorization: stray,
    }));
    const { trace } = executeChunk(portableCrypto, createState(), operations, CONTEXT);
    for (const inputs of chunkSlotInputs(trace, 5n)) assert.deepEqual(slot.brokenRows(slot.witness(inputs)), []);
  });
});
