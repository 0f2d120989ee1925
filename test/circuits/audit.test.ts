import assert from 'node:assert/strict';
import { executeChunk, FIELD_MODULUS, portableHasher, SUBGROUP_ORDER } from '@quittance/protocol';
import { type CircuitInput, chunkSlotInputs } from '../../prover/index.ts';
import { addPoints, BASE8, type EdwardsPoint, multiplyPoint } from '../../scripts/generate/fixed-base-table.ts';
import { type Circuit, openCircuit, openFixture } from '../support/circuits.ts';
import { VALID } from '../support/forgeries.ts';
import { freedomOf } from '../support/freedom.ts';
import { fullOrderPoint, lowOrderPoint } from '../support/full-order-point.ts';
import { rawSlotInputs } from '../support/raw-slot.ts';
import { CONTEXT, collectFee, createState, deposit, forcedExit } from '../support/scene.ts';
import { portableCrypto } from '../support/world.ts';

const l = SUBGROUP_ORDER;
const r = FIELD_MODULUS;
const TOP_WEIGHT = l - 2n ** 250n;

/** Asserts that the witness is accepted and that no wires can move, alone or together, but the named ones. */
function assertRigid(circuit: Circuit, inputs: CircuitInput, free: readonly string[], message: string): void {
  const values = circuit.witness(inputs);
  assert.deepEqual(circuit.brokenRows(values), [], message);
  const { dimension, wires } = freedomOf(circuit, values, inputs);
  assert.deepEqual(wires, free, message);
  assert.equal(dimension, free.length, `${message}: wires move together`);
}

describe('circuits: moves of several wires together', function () {
  this.timeout(120_000);

  /** As in tamper.test.ts, where it is said why these do no harm. */
  const FREE: Readonly<Partial<Record<keyof typeof VALID, readonly string[]>>> = {
    noop: ['distinct', 'exitMatches.inv', 'fees.match[0]'],
    transfer: [],
    transferToNew: [],
    withdraw: ['exitMatches.inv'],
    depositToNew: ['fees.match[0]'],
    forcedExit: ['exitMatches.inv', 'fees.match[0]'],
    collectFee: ['exitMatches.inv'],
  };
  let slot: Circuit;

  before(async () => {
    slot = await openCircuit('slot');
  });

  for (const [kind, free] of Object.entries(FREE)) {
    it(`leaves no move of a ${kind} but of single wires that are explained`, () => {
      assertRigid(slot, rawSlotInputs(VALID[kind as keyof typeof VALID]), free, kind);
    });
  }

  it('sees a move that takes two wires: key and owner of a leaf of which only the hash is given', () => {
    const inputs = rawSlotInputs({ ...VALID.noop, leaves: new Map([[0, VALID.noop.leaves.get(2)!]]) });
    const values = slot.witness(inputs);
    const { fromKeyY: _, fromOwner: __, ...given } = inputs;
    const { dimension, wires } = freedomOf(slot, values, given);
    assert.deepEqual(wires, ['distinct', 'fees.match[0]']);
    assert.equal(dimension, 3);
  });

  it('leaves no move in the root and the context tile', async () => {
    const shards = Array.from({ length: 64 }, (_, index) => BigInt(index) ** 5n);
    assertRigid(await openCircuit('root'), { shards }, [], 'root');
    assertRigid(await openCircuit('context'), { context: (2n ** 172n - 1n) / 3n }, [], 'context');
  });

  it('leaves no move in a signature under keys with a part of each low order, with special scalars', async () => {
    const circuit = await openFixture('signature');
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
        assertRigid(circuit, inputs, [], `order ${order}, secret ${secret}, nonce ${nonce}`);
      }
    }
  });

  it('leaves no move in a disabled signature, whatever point R8 and key are given', async () => {
    const circuit = await openFixture('signature');
    const keys: readonly EdwardsPoint[] = [[0n, 0n], [0n, 1n], [0n, r - 1n], [5n, 2n], lowOrderPoint(8)];
    for (const [index, [xA, yA]] of keys.entries()) {
      const [xR8, yR8] = lowOrderPoint(([1, 2, 4, 8, 8] as const)[index]!);
      for (const s of [0n, l - 1n]) {
        const inputs = { enabled: 0n, xA, yA, xR8, yR8, s, message: 5n };
        assertRigid(circuit, inputs, [], `A = (${xA}, ${yA}), S = ${s}`);
      }
    }
  });

  it('leaves no slope free in a multiplication by scalars at the edges', async () => {
    const fixed = await openFixture('fixed-base');
    const variable = await openFixture('variable-base');
    const half = (l - 1n) / 2n;
    const scalars = [0n, 1n, 2n ** 250n - 1n, TOP_WEIGHT - 1n, half - 1n, half + 1n].flatMap((value) =>
      value < 2n ** 250n ? [[value, 0n] as const, [value, 1n] as const] : [[value - TOP_WEIGHT, 1n] as const],
    );
    for (const [value, topBit] of scalars) {
      const bits = Array.from({ length: 250 }, (_, bit) => (value >> BigInt(bit)) & 1n);
      assertRigid(fixed, { bits, topBit }, [], `fixed base, ${value} + ${topBit}`);
      for (const [xP, yP] of [BASE8, multiplyPoint(4n, fullOrderPoint())]) {
        assertRigid(variable, { bits, topBit, xP, yP }, [], `x = ${xP}, ${value} + ${topBit}`);
      }
    }
  });
});

describe('circuits/slot: authorizations that nothing asks for', () => {
  it('proves an unsigned record that carries one, since the protocol takes no notice of it', async () => {
    const slot = await openCircuit('slot');
    const stray = { validUntil: 1, keyX: 0n, r8: { x: 0n, y: 0n }, s: 0n };
    const operations = [deposit(), forcedExit(), collectFee()].map((operation) => ({
      ...operation,
      authorization: stray,
    }));
    const { trace } = executeChunk(portableCrypto, createState(), operations, CONTEXT);
    for (const inputs of chunkSlotInputs(trace, 5n)) assert.deepEqual(slot.brokenRows(slot.witness(inputs)), []);
  });
});
