/** Reads the constraint system that circom writes (.r1cs). */

import { readFile } from 'node:fs/promises';
import { FIELD_MODULUS } from '@quittance/protocol';
import { damaged } from '../damaged.ts';
import { ELEMENT_BYTES, readElement } from './field.ts';
import { readSections } from './sections.ts';

const HEADER_SECTION = 1;
const CONSTRAINTS_SECTION = 2;
const CUSTOM_GATES = [4, 5];
const TERM_BYTES = 4 + ELEMENT_BYTES;

/**
 * A constraint system as circom writes it: row i says (A_i·w)(B_i·w) = C_i·w. Wires are ordered 1, outputs, public
 * inputs, then private ones. Terms of all rows lie in flat arrays: those of matrix m (A, B, C) of row i are
 * `starts[3i + m] … starts[3i + m + 1] − 1`.
 */
export interface ConstraintSystem {
  readonly wireCount: number;
  readonly outputCount: number;
  readonly publicInputCount: number;
  readonly constraintCount: number;
  readonly starts: Uint32Array;
  readonly wires: Uint32Array;
  /** Index into `coefficients`; there are few different ones. */
  readonly coefficientIds: Uint32Array;
  /** Different coefficients, each below r. */
  readonly coefficients: readonly bigint[];
}

/** Outputs and public inputs: the wires from 1 to this one are the circuit's interface. */
export function interfaceCount(system: ConstraintSystem): number {
  return system.outputCount + system.publicInputCount;
}

/** Reads a .r1cs file. @throws RollupError ARTIFACT_DAMAGED when it is not a consistent one over BN254. */
export async function readR1cs(path: string): Promise<ConstraintSystem> {
  return decodeR1cs(await readFile(path), path);
}

/** As `readR1cs`, from bytes; `source` names them in errors. */
export function decodeR1cs(bytes: Uint8Array, source: string): ConstraintSystem {
  const refuse = (reason: string): never => {
    throw damaged(source, `it is not a valid constraint system: ${reason}`);
  };
  const sections = readSections(bytes, 'r1cs', 1, source);
  const header = sections.get(HEADER_SECTION) ?? refuse('no header');
  const rows = sections.get(CONSTRAINTS_SECTION) ?? refuse('no constraints');
  if (header.byteLength !== 4 + ELEMENT_BYTES + 28) refuse(`its header has ${header.byteLength} bytes`);
  const counts = new DataView(header.buffer, header.byteOffset, header.byteLength);
  if (counts.getUint32(0, true) !== ELEMENT_BYTES || readElement(header, 4) !== FIELD_MODULUS)
    refuse('it is over another field');
  const at = (index: number): number => counts.getUint32(4 + ELEMENT_BYTES + 4 * index, true);
  const [wireCount, outputCount, publicInputCount, privateCount, constraintCount] = [at(0), at(1), at(2), at(3), at(6)];
  if (outputCount + publicInputCount + privateCount >= wireCount) refuse('fewer wires than inputs and outputs');
  // A prover that left custom gates out would be unsound.
  if (CUSTOM_GATES.some((section) => (sections.get(section)?.byteLength ?? 0) > 4)) refuse('it has custom gates');
  return { wireCount, outputCount, publicInputCount, constraintCount, ...decodeRows() };

  function decodeRows(): Pick<ConstraintSystem, 'starts' | 'wires' | 'coefficientIds' | 'coefficients'> {
    const view = new DataView(rows.buffer, rows.byteOffset, rows.byteLength);
    const termCount = (rows.byteLength - 12 * constraintCount) / TERM_BYTES;
    if (!Number.isSafeInteger(termCount) || termCount < 0) refuse('the constraints do not fill their section');
    const starts = new Uint32Array(3 * constraintCount + 1);
    const wires = new Uint32Array(termCount);
    const coefficientIds = new Uint32Array(termCount);
    const ids = new Map<bigint, number>();
    let position = 0;
    let term = 0;
    for (let part = 0; part < 3 * constraintCount; part++) {
      if (position + 4 > rows.byteLength) refuse('the constraints end early');
      const count = view.getUint32(position, true);
      position += 4;
      if (term + count > termCount) refuse('the constraints end early');
      for (let index = 0; index < count; index++, term++, position += TERM_BYTES) {
        wires[term] = view.getUint32(position, true);
        if (wires[term]! >= wireCount) refuse(`wire ${wires[term]} does not exist`);
        const value = readElement(rows, position + 4);
        const id = ids.get(value) ?? ids.size;
        if (id === ids.size) ids.set(value, id);
        coefficientIds[term] = id;
      }
      starts[part + 1] = term;
    }
    if (position !== rows.byteLength) refuse('bytes follow the last constraint');
    const coefficients = [...ids.keys()];
    if (coefficients.some((value) => value >= FIELD_MODULUS)) refuse('a coefficient is not below r');
    return { starts, wires, coefficientIds, coefficients };
  }
}
