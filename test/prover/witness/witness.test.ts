import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FIELD_MODULUS } from '@quittance/protocol';
import { ELEMENT_BYTES, readElement, writeElement } from '../../../prover/formats/field.ts';
import { readWitness, writeWitness } from '../../../prover/formats/wtns.ts';
import type { TiledSystem } from '../../../prover/tiling/layout.ts';
import { WitnessAssembler } from '../../../prover/witness/assembler.ts';
import { WitnessCalculator } from '../../../prover/witness/calculator.ts';
import type { TileInputs, WitnessGenerator } from '../../../prover/witness/types.ts';
import { assertCode, assertRejects } from '../../support/assertions.ts';
import { BAD_VALUES } from '../fixtures/bad-inputs.ts';
import { temporaryFolder } from '../fixtures/folder.ts';
import { toyChain, toyGenerator, toyInputs, toyTile, toyValues } from '../fixtures/toy.ts';

describe('prover/witness', () => {
  const folder = temporaryFolder();
  const xs = [1n, 2n, 255n];
  let tiled: TiledSystem;
  let generator: WitnessGenerator;

  before(async function () {
    this.timeout(60_000);
    tiled = await toyChain(3);
    generator = await toyGenerator();
  });
  after(() => generator.close());

  const stepCalculator = async (): Promise<WitnessCalculator> => {
    const { circuit } = await toyTile('step');
    return WitnessCalculator.create(await WebAssembly.compile(new Uint8Array(await readFile(circuit.wasmPath))));
  };

  it('reports progress for every tile, up to the total', async () => {
    const events: [number, number][] = [];
    await generator.generate(tiled, toyInputs(7n, xs), {
      onProgress: ({ done, total }) => void events.push([done, total]),
    });
    assert.deepEqual(
      events,
      [1, 2, 3, 4].map((done) => [done, 4]),
    );
  });

  it('names the instance whose input the circuit refuses and goes on working afterwards', async () => {
    const error = await assertRejects(generator.generate(tiled, toyInputs(7n, [1n, 256n, 3n])), 'WITNESS_REJECTED');
    assert.equal(error.data['tile'], 'toy-step');
    assert.equal(error.data['instanceIndex'], 1);
    assert.match(error.message, /Num2Bits/);
    await generator.generate(tiled, toyInputs(7n, xs));
  });

  it('names the tile whose input disagrees with the output of its neighbor', async () => {
    const inputs = toyInputs(7n, xs);
    const steps = [...inputs['toy-step']!];
    steps[2] = { ...steps[2]!, stateIn: 1n };
    const error = await assertRejects(generator.generate(tiled, { ...inputs, 'toy-step': steps }), 'WITNESS_REJECTED');
    assert.equal(error.data['expected'], toyValues(7n, xs).states[2]);
    assert.equal(error.data['actual'], 1n);
  });

  it('refuses a chain that does not start at 0', async () => {
    const states = [4n];
    for (const x of xs) states.push(((states.at(-1)! + x) ** 5n + 7n) % FIELD_MODULUS);
    const inputs = {
      'toy-step': xs.map((x, index) => ({ stateIn: states[index]!, key: 7n, x })),
      'toy-close': [{ state: states[3]! }],
    };
    const error = await assertRejects(generator.generate(tiled, inputs), 'WITNESS_REJECTED');
    assert.equal(error.data['actual'], 4n);
  });

  it('refuses when an instance has no input', async () => {
    const inputs = { 'toy-step': toyInputs(7n, xs)['toy-step']! };
    await assertRejects(generator.generate(tiled, inputs), 'WITNESS_REJECTED');
  });

  it('stops on abort', async () => {
    const controller = new AbortController();
    const options = { signal: controller.signal, onProgress: () => controller.abort() };
    await assertRejects(generator.generate(tiled, toyInputs(7n, xs), options), 'CANCELLED');
  });

  it('says which input is missing, unknown, of the wrong length or no field element', async () => {
    const calculator = await stepCalculator();
    const honest = { stateIn: 1n, key: 2n, x: 3n };
    const refused = (input: Record<string, bigint | bigint[]>): string =>
      assertCode(() => calculator.calculate(input), 'WITNESS_REJECTED').message;
    assert.match(refused({ stateIn: 1n, key: 2n }), /2 input values were given, the circuit has 3/);
    assert.match(refused({ ...honest, other: 1n }), /other/);
    assert.match(refused({ ...honest, x: [1n, 2n] }), /x has 1 values, not 2/);
    assert.match(refused({ ...honest, key: FIELD_MODULUS }), /no.*field element|not a field element/);
    assert.match(refused({ ...honest, key: -1n }), /not a field element/);
    calculator.calculate(honest);
  });

  for (const [name, value] of BAD_VALUES) {
    it(`refuses ${name} as a value, names the instance and goes on working`, async () => {
      const inputs = toyInputs(7n, xs);
      const steps = inputs['toy-step']!.map((input, index) => (index === 1 ? { ...input, x: value } : input));
      const bad = { ...inputs, 'toy-step': steps } as TileInputs;
      const error = await assertRejects(generator.generate(tiled, bad), 'WITNESS_REJECTED');
      assert.deepEqual([error.data['tile'], error.data['instanceIndex']], ['toy-step', 1]);
      await generator.generate(tiled, inputs);
    });
  }

  it('refuses to place a witness of another size and to finish with wires that have no value', () => {
    const assembler = new WitnessAssembler(tiled);
    assertCode(() => assembler.place(0, 0, new Uint8Array(32)), 'INVARIANT_BROKEN');
    assertCode(() => assembler.finish(), 'WITNESS_REJECTED');
  });

  it('round-trips through a .wtns file and refuses one that is cut or has a value of r', async () => {
    const witness = await generator.generate(tiled, toyInputs(7n, xs));
    const path = join(folder(), 'toy.wtns');
    await writeWitness(path, witness);
    assert.deepEqual(new Uint8Array(await readWitness(path)), witness);
    const changed = new Uint8Array(witness);
    writeElement(changed, 5 * ELEMENT_BYTES, FIELD_MODULUS);
    await writeWitness(path, changed);
    await assertRejects(readWitness(path), 'ARTIFACT_DAMAGED');
    await writeWitness(path, witness.subarray(0, 40));
    await assertRejects(readWitness(path), 'ARTIFACT_DAMAGED');
    assert.equal(readElement(witness, 0), 1n);
  });
});
