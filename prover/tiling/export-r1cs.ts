/** Writes a tiled system as one .r1cs file, for tools that know no tiling. */

import { FIELD_MODULUS } from '@quittance/protocol';
import { ELEMENT_BYTES, writeElement } from '../formats/field.ts';
import type { ConstraintSystem } from '../formats/r1cs.ts';
import { encodeU32, SectionWriter } from '../formats/sections.ts';
import type { TiledSystem } from './layout.ts';
import { instanceRows } from './rows.ts';

const TERM_BYTES = 4 + ELEMENT_BYTES;

/**
 * Writes the whole tiled system as one .r1cs file with the same rows in the same order, so that snarkjs can make and
 * check its keys (the ceremony path). All public inputs are declared as inputs, none as outputs.
 */
export async function exportR1cs(tiled: TiledSystem, path: string): Promise<void> {
  const { layout, systems } = tiled;
  const modulus = encodeElement(FIELD_MODULUS);
  const writer = await SectionWriter.create(path, 'r1cs', 1, 3);
  try {
    const labelCount = encodeU32(layout.wireCount, 0);
    const counts = encodeU32(layout.wireCount, 0, layout.publicCount, layout.wireCount - layout.publicCount - 1);
    await writer.section(1, encodeU32(ELEMENT_BYTES), modulus, counts, labelCount, encodeU32(layout.constraintCount));
    await writer.begin(2);
    for (const { tileIndex, map } of instanceRows(tiled)) await writer.write(encodeRows(systems[tileIndex]!, map));
    const one = encodeElement(1n);
    for (const wire of layout.zeroWires) {
      await writer.write(Buffer.concat([encodeU32(1, wire), one, encodeU32(1, 0), one, encodeU32(0)]));
    }
    await writer.end();
    const labels = Buffer.alloc(8 * layout.wireCount);
    for (let wire = 0; wire < layout.wireCount; wire++) labels.writeUInt32LE(wire, 8 * wire);
    await writer.section(3, labels);
  } finally {
    await writer.close();
  }
}

function encodeRows(system: ConstraintSystem, map: Uint32Array): Uint8Array {
  const { starts, wires, coefficientIds } = system;
  const coefficients = system.coefficients.map(encodeElement);
  const partCount = 3 * system.constraintCount;
  const bytes = new Uint8Array(4 * partCount + TERM_BYTES * wires.length);
  const view = new DataView(bytes.buffer);
  let position = 0;
  for (let part = 0; part < partCount; part++) {
    view.setUint32(position, starts[part + 1]! - starts[part]!, true);
    position += 4;
    for (let term = starts[part]!; term < starts[part + 1]!; term++, position += TERM_BYTES) {
      view.setUint32(position, map[wires[term]!]!, true);
      bytes.set(coefficients[coefficientIds[term]!]!, position + 4);
    }
  }
  return bytes;
}

function encodeElement(value: bigint): Uint8Array {
  const bytes = new Uint8Array(ELEMENT_BYTES);
  writeElement(bytes, 0, value);
  return bytes;
}
