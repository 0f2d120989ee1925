/** Witnesses of slots, honest and forged: by the native tapes where they can be built, else by circom's calculators. */

import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import {
  buildWitnessTape,
  isNativeAvailable,
  openWitnessTape,
  type WitnessTape,
  witnessTapeVersion,
} from '../../native/index.ts';
import { type CircuitInput, compileCircuit } from '../../prover/index.ts';
import { openCircuitTape } from '../../prover/witness/tape.ts';
import { type Circuit, forgeCircuit, type Hints, openCircuit, openForger } from '../support/circuits/circuits.ts';

const CIRCUIT = 'slot';

/** Values of all wires for one input after the other. */
export type Calculate = (inputs: readonly CircuitInput[]) => Promise<bigint[][]>;

/** What the comparison with the circuit asks. */
export interface SlotProver {
  readonly circuit: Circuit;
  /** The product's own witness: whether it is one, the constraints decide. */
  readonly honest: Calculate;
  /** What a prover makes who computes with other hints and checks nothing. */
  forge(inputs: readonly CircuitInput[], hints: Hints): Promise<bigint[][]>;
}

/** The slot: its constraints, an honest calculator and forgers. */
export class SlotCalculators implements SlotProver {
  readonly circuit: Circuit;
  readonly honest: Calculate;
  readonly #forgers = new Map<Hints, Calculate>();

  private constructor(circuit: Circuit, honest: Calculate) {
    this.circuit = circuit;
    this.honest = honest;
  }

  static async open(): Promise<SlotCalculators> {
    const circuit = await openCircuit(CIRCUIT);
    const tape = await openCircuitTape(await compileCircuit(CIRCUIT));
    return new SlotCalculators(circuit, tape ? byTape(circuit, tape) : byCircom(circuit));
  }

  async forge(inputs: readonly CircuitInput[], hints: Hints): Promise<bigint[][]> {
    const forger = this.#forgers.get(hints) ?? (await openForgerCalculator(this.circuit, hints));
    this.#forgers.set(hints, forger);
    return forger(inputs);
  }
}

async function openForgerCalculator(circuit: Circuit, hints: Hints): Promise<Calculate> {
  if (!isNativeAvailable()) return byCircom(await openForger(CIRCUIT, hints));
  const { wasmPath, symPath } = await forgeCircuit(CIRCUIT, hints);
  const tapePath = join(dirname(wasmPath), `${witnessTapeVersion()}.tape`);
  if (!existsSync(tapePath)) await buildWitnessTape({ wasmPath, symPath, tapePath });
  return byTape(circuit, await openWitnessTape(tapePath));
}

const byCircom =
  (circuit: Circuit): Calculate =>
  async (inputs) =>
    inputs.map((input) => circuit.witness(input));

const byTape =
  (circuit: Circuit, tape: WitnessTape): Calculate =>
  async (inputs) => {
    const bytes = await tape.calculate(inputs);
    const size = bytes.length / inputs.length;
    return inputs.map((_, index) => circuit.read(bytes.subarray(index * size, (index + 1) * size)));
  };
