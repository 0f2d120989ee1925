/** Runs the witness calculator that circom compiles (WebAssembly). */

import { invariantBroken, RollupError } from '@quittance/protocol';
import { type CircuitInput, inputElements } from '../../native/index.ts';

/** The functions of a calculator that circom (2.1 and later) emits as WebAssembly. */
interface CalculatorExports {
  getFieldNumLen32(): number;
  getWitnessSize(): number;
  getInputSize(): number;
  getInputSignalSize(hashHigh: number, hashLow: number): number;
  init(sanityCheck: number): void;
  setInputSignal(hashHigh: number, hashLow: number, index: number): void;
  getWitness(index: number): void;
  readSharedRWMemory(index: number): number;
  writeSharedRWMemory(index: number, value: number): void;
  getMessageChar(): number;
}

const LIMBS = 8;
const FNV_OFFSET = 0xcbf29ce484222325n;
const FNV_PRIME = 0x100000001b3n;

/**
 * Runs circom's witness calculator. The calculator checks the circuit's asserts and `===`, but it is no judge of a
 * witness: the constraint system is.
 * Twin: native/witness.ts openWitnessTape.
 */
export class WitnessCalculator {
  readonly #exports: CalculatorExports;
  #messages: string[] = [];

  private constructor(instance: WebAssembly.Instance) {
    this.#exports = instance.exports as unknown as CalculatorExports;
  }

  /** Instantiates a compiled calculator. @throws RollupError INVARIANT_BROKEN when it is for another field size. */
  static async create(module: WebAssembly.Module): Promise<WitnessCalculator> {
    let calculator: WitnessCalculator | undefined;
    const runtime = {
      exceptionHandler: (code: number) => {
        throw new Error(describeException(code));
      },
      printErrorMessage: () => calculator?.collectMessage(),
      writeBufferMessage: () => calculator?.collectMessage(),
      showSharedRWMemory: () => undefined,
    };
    const created = new WitnessCalculator(await WebAssembly.instantiate(module, { runtime }));
    calculator = created;
    if (created.#exports.getFieldNumLen32() !== LIMBS) {
      throw invariantBroken('the witness calculator is for another field');
    }
    return created;
  }

  /**
   * All wires of the circuit as 32 little-endian bytes each.
   *
   * @throws RollupError WITNESS_REJECTED when an input is missing, unknown or of the wrong length, or a constraint
   * that the calculator checks fails.
   */
  calculate(input: CircuitInput): Uint8Array {
    this.#messages = [];
    try {
      this.#exports.init(1);
      this.#setInputs(input);
    } catch (error) {
      const reason = [error instanceof Error ? error.message : String(error), ...this.#messages].join(' ').trim();
      throw new RollupError('WITNESS_REJECTED', `the circuit refuses the input: ${reason}`, { reason });
    }
    const count = this.#exports.getWitnessSize();
    const limbs = new Uint32Array(LIMBS * count);
    for (let wire = 0; wire < count; wire++) {
      this.#exports.getWitness(wire);
      for (let limb = 0; limb < LIMBS; limb++) limbs[LIMBS * wire + limb] = this.#exports.readSharedRWMemory(limb);
    }
    return littleEndian(limbs);
  }

  /** Called back by the calculator: the text in its message buffer. */
  collectMessage(): void {
    let text = '';
    for (let code = this.#exports.getMessageChar(); code !== 0; code = this.#exports.getMessageChar()) {
      text += String.fromCharCode(code);
    }
    if (this.#messages.length < 20) this.#messages.push(text.trim());
  }

  #setInputs(input: CircuitInput): void {
    let given = 0;
    const refuse = (reason: string): never => {
      throw new Error(reason);
    };
    for (const [name, value] of Object.entries(input)) {
      const [high, low] = signalHash(name);
      const expected = this.#exports.getInputSignalSize(high, low);
      if (expected < 0) refuse(`it has no input ${name}`);
      const elements = inputElements(name, value, expected, refuse);
      for (const [index, element] of elements.entries()) {
        for (let limb = 0; limb < LIMBS; limb++) {
          this.#exports.writeSharedRWMemory(limb, Number(BigInt.asUintN(32, element >> BigInt(32 * limb))));
        }
        this.#exports.setInputSignal(high, low, index);
      }
      given += elements.length;
    }
    const size = this.#exports.getInputSize();
    if (given !== size) throw new Error(`${given} input values were given, the circuit has ${size}`);
  }
}

/**
 * FNV-1a of 64 bits, by which the calculator finds an input; as two halves.
 * Twin: native/core/src/witness/circuit.rs signal_hash.
 */
function signalHash(name: string): [high: number, low: number] {
  let hash = FNV_OFFSET;
  for (const byte of Buffer.from(name)) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * FNV_PRIME);
  return [Number(hash >> 32n), Number(hash & 0xffffffffn)];
}

function littleEndian(limbs: Uint32Array): Uint8Array {
  const bytes = new Uint8Array(limbs.length * 4);
  if (new Uint8Array(Uint32Array.of(1).buffer)[0] === 1) {
    bytes.set(new Uint8Array(limbs.buffer));
    return bytes;
  }
  const view = new DataView(bytes.buffer);
  for (const [index, limb] of limbs.entries()) view.setUint32(4 * index, limb, true);
  return bytes;
}

const EXCEPTIONS: Readonly<Record<number, string>> = {
  1: 'signal not found',
  2: 'too many signals set',
  3: 'signal already set',
  4: 'a constraint does not hold',
  5: 'not enough memory',
  6: 'an array access is out of bounds',
};

function describeException(code: number): string {
  return EXCEPTIONS[code] ?? `exception ${code}`;
}
