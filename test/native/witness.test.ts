import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  createKeyPair,
  FIELD_MODULUS,
  isRollupError,
  SUBGROUP_ORDER,
  signMessage,
  viewOf,
  writeWord,
} from '@quittance/protocol';
import {
  buildWitnessTape,
  type CircuitInput,
  nativeHasher,
  openWitnessTape,
  type WitnessTape,
} from '../../native/index.ts';
import { type CompiledCircuit, compileFile, WitnessCalculator } from '../../prover/index.ts';
import { BAD_INSTANCES, BAD_VALUES } from '../prover/fixtures/bad-inputs.ts';
import { temporaryFolder } from '../prover/fixtures/folder.ts';
import { assertCode, assertRejects } from '../support/assertions.ts';
import { describeNative } from '../support/native.ts';
import { createRandom } from '../support/property/random.ts';

const ELEMENT_BYTES = 32;
const HALF = (FIELD_MODULUS - 1n) / 2n;
const EDGES = [0n, 1n, 2n, 7n, 253n, 254n, 255n, 2n ** 52n - 1n, 2n ** 104n, 2n ** 253n, HALF, HALF + 1n];
const NEGATIVE_EDGES = [1n, 2n, 253n, 254n, 2n ** 31n].map((value) => FIELD_MODULUS - value);

describeNative('native witness tapes', function () {
  this.timeout(240_000);
  const folder = temporaryFolder();

  const compile = (name: string): Promise<CompiledCircuit> =>
    compileFile(`tape-${name}`, fileURLToPath(new URL(`./circuits/${name}.circom`, import.meta.url)));

  async function open(name: string): Promise<{ tape: WitnessTape; circuit: CompiledCircuit; tapePath: string }> {
    const circuit = await compile(name);
    const tapePath = join(folder(), `${name}.tape`);
    await buildWitnessTape({ ...circuit, tapePath });
    return { tape: await openWitnessTape(tapePath), circuit, tapePath };
  }

  /** Compares with circom's calculator, wire by wire. */
  async function compare(tape: WitnessTape, circuit: CompiledCircuit, inputs: readonly CircuitInput[]): Promise<void> {
    const module = await WebAssembly.compile(new Uint8Array(await readFile(circuit.wasmPath)));
    const calculator = await WitnessCalculator.create(module);
    const witnesses = await tape.calculate(inputs);
    const bytes = tape.wireCount * ELEMENT_BYTES;
    assert.equal(witnesses.length, inputs.length * bytes);
    for (const [index, input] of inputs.entries()) {
      const expected = calculator.calculate(input);
      const actual = witnesses.subarray(index * bytes, (index + 1) * bytes);
      if (Buffer.compare(expected, actual) === 0) continue;
      const wire = Math.floor(expected.findIndex((byte, position) => byte !== actual[position]) / ELEMENT_BYTES);
      const show = (witness: Uint8Array) =>
        `0x${Buffer.from(witness.slice(32 * wire, 32 * wire + 32))
          .reverse()
          .toString('hex')}`;
      const text = Object.entries(input).map(([name, value]) => `${name} = ${value}`);
      assert.fail(`wire ${wire} is ${show(actual)}, not ${show(expected)}, for ${text.join(', ')}`);
    }
  }

  it('compute every operator as circom does, at the edges of the field and on random values', async () => {
    const { tape, circuit } = await open('operators');
    const random = createRandom('tape operators');
    const edges = [...EDGES, ...NEGATIVE_EDGES, FIELD_MODULUS >> 1n];
    const inputs = edges.flatMap((a) => edges.map((b) => ({ a, b })));
    for (let index = 0; index < 64; index++) {
      const [wide, narrow] = [random.bits(253), random.bits(1 + random.below(64))];
      inputs.push({ a: wide, b: narrow }, { a: narrow, b: wide });
    }
    await compare(tape, circuit, inputs);
  });

  it('join both sides of conditions, early returns and loops, and call instances through the table', async () => {
    const { tape, circuit } = await open('branches');
    const small = [0n, 1n, 2n, 3n, 6n, 100n, 101n, FIELD_MODULUS - 1n];
    const inputs = small.flatMap((x) =>
      small.map((y) => ({ x, y: x === 3n ? y % 1000n : y, values: [y, x, (x + y) % FIELD_MODULUS, y] })),
    );
    await compare(tape, circuit, inputs);
  });

  it("make the witnesses of circomlib's signature, bit and comparison templates", async () => {
    const { tape, circuit } = await open('standard');
    const pair = createKeyPair(new Uint8Array(32).fill(5));
    const signed = (message: bigint): CircuitInput => {
      const { r8, s } = signMessage(nativeHasher, pair, message);
      return { enabled: 1n, key: [pair.publicKey.x, pair.publicKey.y], r8: [r8.x, r8.y], s, message };
    };
    const honest = [0n, 1n, FIELD_MODULUS - 1n, 2n ** 250n + 12345n].map(signed);
    // A verifier that is switched off has to take anything: points off the curve, of low order, zeros.
    const points = [
      [0n, 1n],
      [0n, FIELD_MODULUS - 1n],
      [0n, 0n],
      [1n, 1n],
      [5n, 7n],
      [pair.publicKey.x, pair.publicKey.y],
    ] as const;
    const disabled = points.flatMap((key) =>
      points.map((r8, index) => ({ enabled: 0n, key, r8, s: SUBGROUP_ORDER - BigInt(index + 1), message: 3n })),
    );
    const module = await WebAssembly.compile(new Uint8Array(await readFile(circuit.wasmPath)));
    const accepted: CircuitInput[] = [];
    for (const input of disabled) {
      const calculator = await WitnessCalculator.create(module);
      try {
        calculator.calculate(input);
        accepted.push(input);
      } catch {
        // circom's calculator refuses it: there is nothing to compare, but the tape must survive it (below).
      }
    }
    assert.ok(accepted.length > 0);
    await compare(tape, circuit, [...honest, ...accepted]);
    assert.equal((await tape.calculate(disabled)).length, disabled.length * tape.wireCount * ELEMENT_BYTES);
  });

  it('give the same witness for an instance however many are calculated together', async () => {
    const { tape } = await open('operators');
    const instances = Array.from({ length: 77 }, (_, index) => ({ a: BigInt(index) ** 30n, b: BigInt(index % 5) }));
    const all = await tape.calculate(instances);
    const bytes = tape.wireCount * ELEMENT_BYTES;
    for (const count of [1, 7, 8, 9, 31, 32, 33, 76]) {
      assert.deepEqual(await tape.calculate(instances.slice(0, count)), all.slice(0, count * bytes));
    }
    assert.equal((await tape.calculate([])).length, 0);
  });

  it('name their inputs in the order of the circuit', async () => {
    const { tape } = await open('branches');
    assert.deepEqual(
      tape.inputs.map(({ name, count }) => `${name}:${count}`),
      ['x:1', 'y:1', 'values:4'],
    );
  });

  const wrongInputs: [string, Record<string, unknown>][] = [
    ['a missing input', { a: 1n }],
    ['an unknown input', { a: 1n, b: 1n, c: 1n }],
    ['an unknown input in place of one', { a: 1n, toString: 1n }],
    ['too many values', { a: [1n, 2n], b: 1n }],
    ['too few values', { a: [], b: 1n }],
    ['a value of r', { a: FIELD_MODULUS, b: 1n }],
    ['a negative value', { a: -1n, b: 1n }],
  ];
  for (const [name, input] of wrongInputs) {
    it(`refuse ${name} and name the instance`, async () => {
      const { tape } = await open('operators');
      const error = await assertRejects(tape.calculate([{ a: 1n, b: 1n }, input as CircuitInput]), 'WITNESS_REJECTED');
      assert.equal(error.data['instanceIndex'], 1);
    });
  }

  for (const [name, instance] of [
    ...BAD_VALUES.map(([name, value]) => [`${name} as a value`, { a: value, b: 1n }] as const),
    ...BAD_INSTANCES.map(([name, instance]) => [`${name} in place of inputs`, instance] as const),
  ]) {
    it(`refuse ${name}, and circom's calculator too`, async () => {
      const { tape, circuit } = await open('operators');
      const bad = instance as CircuitInput;
      const error = await assertRejects(tape.calculate([{ a: 1n, b: 1n }, bad]), 'WITNESS_REJECTED');
      assert.equal(error.data['instanceIndex'], 1);
      const calculator = await WitnessCalculator.create(
        await WebAssembly.compile(new Uint8Array(await readFile(circuit.wasmPath))),
      );
      assertCode(() => calculator.calculate(bad), 'WITNESS_REJECTED');
    });
  }

  it('take integers as numbers and as decimal or hexadecimal text', async () => {
    const { tape, circuit } = await open('operators');
    await compare(tape, circuit, [
      { a: 5, b: '7' },
      { a: '0x1f', b: [[3n]] },
    ]);
    const same = await tape.calculate([
      { a: 5, b: '0x7' },
      { a: 5n, b: 7n },
    ]);
    const half = same.length / 2;
    assert.deepEqual(same.slice(0, half), same.slice(half));
  });

  it('give the same witness from elements that lie in bytes, and name the instance of one that is not below r', async () => {
    const { tape } = await open('branches');
    const instances = [1n, 2n, 5n].map((x) => ({ x, y: 7n, values: [x, 3n, FIELD_MODULUS - 1n, 0n] }));
    const elements = instances.flatMap(({ x, y, values }) => [x, y, ...values]);
    const pack = (values: readonly bigint[]) => {
      const bytes = new Uint8Array(values.length * ELEMENT_BYTES);
      for (const [at, value] of values.entries()) writeWord(viewOf(bytes), at * ELEMENT_BYTES, value);
      return bytes;
    };
    assert.deepEqual(await tape.calculatePacked(pack(elements)), await tape.calculate(instances));
    assert.equal((await tape.calculatePacked(new Uint8Array())).length, 0);
    for (const beyond of [FIELD_MODULUS, 2n ** 256n - 1n]) {
      const error = await assertRejects(tape.calculatePacked(pack(elements.with(8, beyond))), 'WITNESS_REJECTED');
      assert.equal(error.data['instanceIndex'], 1);
    }
    for (const length of [1, 6 * ELEMENT_BYTES - 1, 7 * ELEMENT_BYTES]) {
      await assertRejects(tape.calculatePacked(new Uint8Array(length)), 'WRONG_LENGTH');
    }
    for (const odd of [null, 7, [1n], 'ab']) {
      await assertRejects(tape.calculatePacked(odd as unknown as Uint8Array), 'INVARIANT_BROKEN');
    }
  });

  it('refuse what is no list of instances', async () => {
    const { tape } = await open('operators');
    for (const instances of [null, undefined, 7, {}, 'ab']) {
      await assertRejects(tape.calculate(instances as unknown as CircuitInput[]), 'WITNESS_REJECTED');
    }
  });

  it('refuse to be made of a circuit that indexes an array by an input, and say so', async () => {
    const circuit = await compile('lookup');
    const error = await assertRejects(
      buildWitnessTape({ ...circuit, tapePath: join(folder(), 'x') }),
      'TAPE_IMPOSSIBLE',
    );
    assert.match(error.message, /depends on the inputs.*Lookup/);
  });

  it('refuse to be made of a circuit whose loops depend on an input', async () => {
    const circuit = await compile('endless');
    await assertRejects(buildWitnessTape({ ...circuit, tapePath: join(folder(), 'x') }), 'TAPE_IMPOSSIBLE');
  });

  it('refuse calculators and symbols that are damaged', async () => {
    const circuit = await compile('branches');
    const tapePath = join(folder(), 'damaged.tape');
    const wasm = await readFile(circuit.wasmPath);
    const damaged: [string, Uint8Array][] = [
      ['empty', new Uint8Array()],
      ['cut', wasm.subarray(0, wasm.length - 100)],
      ['text', Buffer.from('no module')],
    ];
    for (const [name, bytes] of damaged) {
      const wasmPath = join(folder(), `${name}.wasm`);
      await writeFile(wasmPath, bytes);
      await assertRejects(buildWitnessTape({ ...circuit, wasmPath, tapePath }), 'ARTIFACT_DAMAGED');
    }
    await assertRejects(buildWitnessTape({ ...circuit, wasmPath: 'none', tapePath }), 'ARTIFACT_MISSING');
    const symPath = join(folder(), 'short.sym');
    await writeFile(symPath, '1,1,0,main.clamped\n');
    await assertRejects(buildWitnessTape({ ...circuit, symPath, tapePath }), 'TAPE_IMPOSSIBLE');
  });

  it('survive any calculator: a changed one gives an error with a code or another tape', async () => {
    const circuit = await compile('branches');
    const wasm = await readFile(circuit.wasmPath);
    const random = createRandom('tape fuzz');
    const wasmPath = join(folder(), 'fuzzed.wasm');
    const tapePath = join(folder(), 'fuzzed.tape');
    let refused = 0;
    for (let round = 0; round < 150; round++) {
      const changed = Buffer.from(wasm);
      // Half of the changes hit the code of the templates, which stands at the end of the code.
      const range = round % 2 === 0 ? [0, wasm.length] : [Math.floor(wasm.length * 0.75), wasm.length];
      changed[range[0]! + random.below(range[1]! - range[0]!)] = random.below(256);
      await writeFile(wasmPath, changed);
      try {
        await buildWitnessTape({ ...circuit, wasmPath, tapePath });
        const tape = await openWitnessTape(tapePath);
        const input = Object.fromEntries(tape.inputs.map(({ name, count }) => [name, Array(count).fill(3n)]));
        await tape.calculate([input]);
      } catch (error) {
        assert.ok(isRollupError(error, 'TAPE_IMPOSSIBLE') || isRollupError(error, 'ARTIFACT_DAMAGED'), `${error}`);
        refused += 1;
      }
    }
    assert.ok(refused > 5, `only ${refused} were refused`);
  });

  it('refuse to be opened when one byte differs, anywhere', async () => {
    const { tapePath } = await open('branches');
    const bytes = await readFile(tapePath);
    const random = createRandom('tape bytes');
    const path = join(folder(), 'changed.tape');
    const positions = [
      0,
      7,
      8,
      40,
      72,
      92,
      bytes.length - 1,
      ...Array.from({ length: 24 }, () => random.below(bytes.length)),
    ];
    for (const position of positions) {
      const changed = Buffer.from(bytes);
      changed[position]! ^= 1 << random.below(8);
      await writeFile(path, changed);
      await assertRejects(openWitnessTape(path), 'ARTIFACT_DAMAGED');
    }
    await writeFile(path, bytes.subarray(0, bytes.length - 20));
    await assertRejects(openWitnessTape(path), 'ARTIFACT_DAMAGED');
    await assertRejects(openWitnessTape(join(folder(), 'none')), 'ARTIFACT_MISSING');
  });

  it('can be stopped', async () => {
    const { tape } = await open('operators');
    const signal = AbortSignal.abort();
    await assertRejects(tape.calculate([{ a: 1n, b: 1n }], { signal }), 'CANCELLED');
  });
});
