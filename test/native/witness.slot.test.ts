import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { isRollupError, RecordKind } from '@quittance/protocol';
import { type CircuitInput, nativeHasher, nativeSignatureVerifier, type WitnessTape } from '../../native/index.ts';
import {
  type CompiledCircuit,
  chunkSlotInputs,
  compileCircuit,
  contextInputs,
  findBrokenRow,
  foldInputs,
  readR1cs,
  rootInputs,
  WitnessCalculator,
  weightsInputs,
} from '../../prover/index.ts';
import { openCircuitTape } from '../../prover/witness/tape.ts';
import { RANGE_FORGERIES, RULE_FORGERIES, VALID } from '../support/circuits/forgeries.ts';
import { rawSlotInputs } from '../support/circuits/raw-slot.ts';
import { describeNative } from '../support/native.ts';
import { World } from '../support/rollup/world.ts';

const ELEMENT_BYTES = 32;
const SLOTS = 24;

/** Wires of each instance, as integers. */
function wiresOf(tape: WitnessTape, witnesses: Uint8Array): bigint[][] {
  const read = (offset: number): bigint =>
    BigInt(
      `0x${Buffer.from(witnesses.slice(offset, offset + ELEMENT_BYTES))
        .reverse()
        .toString('hex')}`,
    );
  const bytes = tape.wireCount * ELEMENT_BYTES;
  return Array.from({ length: witnesses.length / bytes }, (_, instance) =>
    Array.from({ length: tape.wireCount }, (_, wire) => read(instance * bytes + wire * ELEMENT_BYTES)),
  );
}

describeNative('native witnesses of the tiles', function () {
  this.timeout(240_000);
  let slot: CompiledCircuit;
  let slotTape: WitnessTape;

  async function open(name: string): Promise<{ circuit: CompiledCircuit; tape: WitnessTape }> {
    const circuit = await compileCircuit(name);
    const tape = await openCircuitTape(circuit);
    assert.ok(tape, `${name} has no tape`);
    return { circuit, tape };
  }

  async function compare(circuit: CompiledCircuit, tape: WitnessTape, inputs: readonly CircuitInput[]): Promise<void> {
    const module = await WebAssembly.compile(new Uint8Array(await readFile(circuit.wasmPath)));
    const calculator = await WitnessCalculator.create(module);
    const witnesses = await tape.calculate(inputs);
    const bytes = tape.wireCount * ELEMENT_BYTES;
    for (const [index, input] of inputs.entries()) {
      const expected = calculator.calculate(input);
      const actual = witnesses.subarray(index * bytes, (index + 1) * bytes);
      const byte = expected.findIndex((value, position) => value !== actual[position]);
      assert.equal(byte, -1, `instance ${index}: wire ${Math.floor(byte / ELEMENT_BYTES)} differs`);
    }
  }

  before(async () => {
    ({ circuit: slot, tape: slotTape } = await open('slot'));
  });

  it(`equal circom's on ${SLOTS} random slots of all kinds`, async () => {
    const world = new World('native witness 1', {
      crypto: { hasher: nativeHasher, verifier: nativeSignatureVerifier },
    });
    const { trace } = world.randomChunk(SLOTS);
    const kinds = new Set(trace.slots.map(({ operation }) => operation.fields.kind));
    assert.deepEqual([...kinds].sort(), Object.values(RecordKind).sort());
    await compare(slot, slotTape, chunkSlotInputs(trace, world.random.bits(128)));
  });

  it("equal circom's on one record of each kind in its variants", async () => {
    await compare(slot, slotTape, Object.values(VALID).map(rawSlotInputs));
  });

  it('break a constraint for exactly the forged records that circom refuses', async () => {
    const system = await readR1cs(slot.r1csPath);
    const forgeries = [...Object.values(RULE_FORGERIES).flat(), ...RANGE_FORGERIES];
    const inputs = forgeries.map((forgery) => rawSlotInputs(forgery.slot));
    const witnesses = wiresOf(slotTape, await slotTape.calculate(inputs));
    const module = await WebAssembly.compile(new Uint8Array(await readFile(slot.wasmPath)));
    let refused = 0;
    for (const [index, { title }] of forgeries.entries()) {
      // A calculator that has thrown is not used again.
      const calculator = await WitnessCalculator.create(module);
      let accepted = true;
      try {
        calculator.calculate(inputs[index]!);
      } catch (error) {
        assert.ok(isRollupError(error, 'WITNESS_REJECTED'));
        accepted = false;
        refused += 1;
      }
      assert.equal(findBrokenRow(system, witnesses[index]!) < 0, accepted, title);
    }
    assert.ok(refused > 20, `only ${refused} were refused`);
  });

  it("equal circom's for the root, the context, the weights and the folds", async () => {
    const world = new World('native tiles');
    const { trace } = world.randomChunk(36);
    const { first, last } = rootInputs(trace);
    const root = await open('root');
    await compare(root.circuit, root.tape, [first, last]);
    const context = await open('context');
    await compare(context.circuit, context.tape, [contextInputs(trace), { context: 2n ** 172n - 1n }, { context: 0n }]);
    const weights = await open('weights');
    const challenges = [0n, 1n, world.random.bits(128), 2n ** 128n - 1n];
    await compare(weights.circuit, weights.tape, challenges.map(weightsInputs));
    const fold = await open('fold');
    const folds = challenges.flatMap((challenge) => foldInputs(trace, challenge));
    await compare(fold.circuit, fold.tape, folds);
  });
});
