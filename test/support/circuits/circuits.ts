/** Compiled circuits for tests: honest ones, and "forgers" whose witness calculators obey no rule. */

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FIELD_MODULUS } from '@quittance/protocol';
import {
  type CircuitInput,
  type CompiledCircuit,
  type ConstraintSystem,
  compileCircuit,
  compileFile,
  readR1cs,
  readSymbols,
  type SymbolTable,
  WitnessCalculator,
} from '../../../prover/index.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const require = createRequire(import.meta.url);

/** A circuit that is ready to be asked. */
export class Circuit {
  readonly system: ConstraintSystem;
  readonly symbols: SymbolTable;
  readonly #calculator: WitnessCalculator;
  readonly #names: readonly (readonly string[])[];

  constructor(system: ConstraintSystem, symbols: SymbolTable, calculator: WitnessCalculator) {
    this.system = system;
    this.symbols = symbols;
    this.#calculator = calculator;
    const names: string[][] = Array.from({ length: system.wireCount }, () => []);
    for (const [name, wire] of symbols) if (wire > 0) names[wire]!.push(name);
    this.#names = names;
  }

  /** Values of all wires. @throws RollupError WITNESS_REJECTED when an honest calculator refuses the input. */
  witness(input: CircuitInput): bigint[] {
    return this.read(this.#calculator.calculate(input));
  }

  /** Values of all wires from their bytes, 32 each, little-endian. */
  read(bytes: Uint8Array): bigint[] {
    const hex = Buffer.from(bytes).reverse().toString('hex');
    const count = this.system.wireCount;
    return Array.from({ length: count }, (_, wire) =>
      BigInt(`0x${hex.slice(64 * (count - 1 - wire), 64 * (count - wire))}`),
    );
  }

  /** Wire of a signal. @throws when the optimizer removed the signal. */
  wire(name: string): number {
    const wire = this.symbols.get(name);
    if (wire === undefined || wire < 0) throw new Error(`${name} has no wire`);
    return wire;
  }

  /** Names of the signals on a wire. */
  namesOf(wire: number): readonly string[] {
    return this.#names[wire]!;
  }

  /** Names of all signals in a row. */
  rowNames(row: number): string[] {
    const { starts, wires } = this.system;
    const found = new Set<number>();
    for (let term = starts[3 * row]!; term < starts[3 * row + 3]!; term++) found.add(wires[term]!);
    return [...found].flatMap((wire) => this.namesOf(wire));
  }

  /** Whether a row holds. */
  holds(row: number, values: readonly bigint[]): boolean {
    const { starts, wires, coefficientIds, coefficients } = this.system;
    const combine = (part: number): bigint => {
      let sum = 0n;
      for (let term = starts[part]!; term < starts[part + 1]!; term++) {
        sum += coefficients[coefficientIds[term]!]! * values[wires[term]!]!;
      }
      return sum % FIELD_MODULUS;
    };
    return (combine(3 * row) * combine(3 * row + 1) - combine(3 * row + 2)) % FIELD_MODULUS === 0n;
  }

  /** All rows that the values break. */
  brokenRows(values: readonly bigint[]): number[] {
    const broken: number[] = [];
    for (let row = 0; row < this.system.constraintCount; row++) if (!this.holds(row, values)) broken.push(row);
    return broken;
  }

  /** Names of the wires that can be changed to `changed(value)`, alone, without breaking a row. */
  freeWires(
    values: readonly bigint[],
    changed: (value: bigint) => bigint,
    last = this.system.wireCount - 1,
    rows = this.rowsByWire(),
  ): string[] {
    const altered = [...values];
    const names: string[] = [];
    for (let wire = 1; wire <= last; wire++) {
      altered[wire] = changed(values[wire]!);
      if (rows[wire]!.every((row) => this.holds(row, altered))) names.push(this.namesOf(wire)[0]!);
      altered[wire] = values[wire]!;
    }
    return names;
  }

  /** Rows in which each wire stands, by wire. */
  rowsByWire(): number[][] {
    const { starts, wires, constraintCount, wireCount } = this.system;
    const rows: number[][] = Array.from({ length: wireCount }, () => []);
    for (let row = 0; row < constraintCount; row++) {
      for (let term = starts[3 * row]!; term < starts[3 * row + 3]!; term++) {
        const list = rows[wires[term]!]!;
        if (list.at(-1) !== row) list.push(row);
      }
    }
    return rows;
  }
}

async function open(paths: ForgerPaths, transform = (wasm: Uint8Array<ArrayBuffer>) => wasm): Promise<Circuit> {
  const module = await WebAssembly.compile(transform(new Uint8Array(readFileSync(paths.wasmPath))));
  return new Circuit(
    await readR1cs(paths.r1csPath),
    await readSymbols(paths.symPath),
    await WitnessCalculator.create(module),
  );
}

/** An instance of circuits/circuits.json. */
export async function openCircuit(name: string): Promise<Circuit> {
  return open(await compileCircuit(name));
}

/** A main of test/circuits/fixtures: one template alone. */
export async function openFixture(name: string): Promise<Circuit> {
  return open(await compileFile(name, fixturePath(name)));
}

/** What is put in the place of a hint (the right side of a `<--`), or of other text: text in a file → new text. */
export type Hints = readonly (readonly [file: string, from: string, to: string])[];

/**
 * Each decomposition puts all that does not fit into its top bit, so that the bits always add up to the value and a value
 * out of range breaks one constraint: that the top bit is a bit.
 */
export const ABSORBING_HINTS: Hints = [
  ['circomlib/circuits/bitify.circom', 'out[i] <-- (in >> i) & 1;', 'out[i] <-- i == n - 1 ? in >> i : (in >> i) & 1;'],
];

/**
 * The same constraints as circuits/<name>.circom, with a calculator that fills in wires for any input, using other hints,
 * and checks nothing. What it makes is a forged witness: every `<==` holds, and whether the rest does is for the constraint
 * system to say.
 *
 * @throws Error when the constraint system is not byte for byte that of the real circuit.
 */
export async function openForger(name: string, hints: Hints = ABSORBING_HINTS): Promise<Circuit> {
  return open(await forgeCircuit(name, hints), withoutAsserts);
}

/** The files of a forger of circuits/<name>.circom; its calculator still stops at what does not hold. */
export async function forgeCircuit(name: string, hints: Hints = ABSORBING_HINTS): Promise<ForgerPaths> {
  return forge(name, await compileCircuit(name), readFileSync(join(ROOT, 'circuits', `${name}.circom`), 'utf8'), hints);
}

/** As `openForger`, for a main of test/circuits/fixtures. */
export async function openFixtureForger(name: string, hints: Hints = ABSORBING_HINTS): Promise<Circuit> {
  return open(forge(name, await compileFile(name, fixturePath(name)), fixtureSource(name), hints), withoutAsserts);
}

/**
 * A circuit, or a main of test/circuits/fixtures, as circom compiles it when linear rows stay as they are written
 * (`--O1`), with texts of its sources changed or not. The names of all signals are those of the sources.
 */
export async function openUnfolded(name: string, changes: Hints = []): Promise<Circuit> {
  return open(await compileUnfolded(name, changes));
}

/** As `openUnfolded`, with a calculator that checks nothing: see `openForger`. */
export async function openUnfoldedForger(name: string, hints: Hints = ABSORBING_HINTS): Promise<Circuit> {
  return open(await compileUnfolded(name, hints), withoutAsserts);
}

async function compileUnfolded(name: string, changes: Hints): Promise<ForgerPaths> {
  const isFixture = existsSync(fixturePath(name));
  const real = await (isFixture ? compileFile(name, fixturePath(name)) : compileCircuit(name));
  const source = isFixture ? fixtureSource(name) : readFileSync(join(ROOT, 'circuits', `${name}.circom`), 'utf8');
  const folder = build(name, real, source, changes, ['--r1cs', '--sym', '--wasm', '--O1']);
  return { ...pathsIn(folder, name), symPath: join(folder, `${name}.sym`) };
}

const fixturePath = (name: string): string => join(ROOT, 'test', 'circuits', 'fixtures', `${name}.circom`);

/** As it compiles in a folder beside lib/. */
const fixtureSource = (name: string): string =>
  readFileSync(fixturePath(name), 'utf8').replaceAll('../../../circuits/', '');

type ForgerPaths = Pick<CompiledCircuit, 'r1csPath' | 'symPath' | 'wasmPath'>;

const pathsIn = (folder: string, name: string): Omit<ForgerPaths, 'symPath'> => ({
  r1csPath: join(folder, `${name}.r1cs`),
  wasmPath: join(folder, `${name}_js`, `${name}.wasm`),
});

function forge(name: string, real: CompiledCircuit, source: string, hints: Hints): ForgerPaths {
  const paths = pathsIn(build(name, real, source, hints, ['--r1cs', '--wasm', '--O2']), name);
  if (!readFileSync(paths.r1csPath).equals(readFileSync(real.r1csPath))) {
    throw new Error(`other hints must not change the constraints of ${name}`);
  }
  return { ...paths, symPath: real.symPath };
}

/** The folder of a circuit compiled with texts changed; made once for the same sources, changes and flags. */
function build(name: string, real: CompiledCircuit, source: string, changes: Hints, flags: readonly string[]): string {
  const inputs = JSON.stringify([real.inputsHash, changes, flags]);
  const key = createHash('sha256').update(inputs).digest('hex').slice(0, 16);
  const folder = join(ROOT, 'build', 'test-circuits', `${name}-${key}`);
  if (!existsSync(folder)) compileChanged(name, source, changes, flags, folder);
  return folder;
}

/** `i32.const 4; return; end`: how circom's calculators leave a template when a `===` does not hold. */
const ASSERT_EXIT = [0x41, 0x04, 0x0f, 0x0b];
const NOP = 0x01;
const CODE_SECTION = 10;

/** The calculator with the exits of all asserts taken out, so that it goes on. */
function withoutAsserts(wasm: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const patched = wasm.slice();
  let count = 0;
  for (let position = 8; position < wasm.length; ) {
    const section = wasm[position]!;
    let size = 0;
    let byte: number;
    let shift = 0;
    do {
      position += 1;
      byte = wasm[position]!;
      size |= (byte & 0x7f) << shift;
      shift += 7;
    } while (byte & 0x80);
    position += 1;
    for (let at = position; section === CODE_SECTION && at < position + size; at++) {
      if (!ASSERT_EXIT.every((expected, offset) => wasm[at + offset] === expected)) continue;
      patched.fill(NOP, at, at + 3);
      count += 1;
    }
    position += size;
  }
  if (count === 0) throw new Error('the calculator has no asserts: circom emits them in another way now');
  return patched;
}

/** Copies the sources, changes the texts and compiles; from the package root, since circom only sees relative paths. */
function compileChanged(name: string, source: string, changes: Hints, flags: readonly string[], folder: string): void {
  const temporary = `${folder}.${process.pid}`;
  rmSync(temporary, { recursive: true, force: true });
  mkdirSync(join(temporary, 'circomlib'), { recursive: true });
  cpSync(join(ROOT, 'circuits', 'lib'), join(temporary, 'lib'), { recursive: true });
  writeFileSync(join(temporary, `${name}.circom`), source);
  const library = join(dirname(require.resolve('circomlib/package.json')), 'circuits');
  cpSync(library, join(temporary, 'circomlib', 'circuits'), { recursive: true });
  for (const [file, from, to] of changes) {
    const path = join(temporary, file);
    const text = readFileSync(path, 'utf8');
    if (!text.includes(from)) throw new Error(`${file} does not have this text: ${from}`);
    writeFileSync(
      path,
      text.replaceAll(from, () => to),
    );
  }
  const compiler = join(dirname(require.resolve('circom2/package.json')), 'cli.js');
  const at = relative(ROOT, temporary);
  const run = spawnSync(process.execPath, [compiler, join(at, `${name}.circom`), ...flags, '-l', at, '-o', at], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  if (run.status !== 0) throw new Error(`circom refuses the changed ${name}:\n${run.stdout}${run.stderr}`);
  // Another process may have been faster; what it made is the same.
  try {
    renameSync(temporary, folder);
  } catch (error) {
    if (!existsSync(folder)) throw error;
    rmSync(temporary, { recursive: true, force: true });
  }
}
