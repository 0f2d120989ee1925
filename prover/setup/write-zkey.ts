/** The sections of a .zkey that follow from the circuit: header, and coefficients in snarkjs's form. */

import { FIELD_MODULUS } from '@quittance/protocol';
import { BASE_FIELD_MODULUS, ELEMENT_BYTES, writeElement } from '../formats/field.ts';
import type { ConstraintSystem } from '../formats/r1cs.ts';
import { encodeU32, type SectionWriter } from '../formats/sections.ts';
import { ZkeySection } from '../keys/zkey-header.ts';
import { domainPower, type TiledSystem } from '../tiling/layout.ts';
import { instanceRows } from '../tiling/rows.ts';

const GROTH16 = 1;
const COEFFICIENT_BYTES = 12 + ELEMENT_BYTES;
/** 2^512 mod r: snarkjs keeps coefficients in twofold Montgomery form. */
const MONTGOMERY_SQUARED = 2n ** 512n % FIELD_MODULUS;

/** Points of the header, affine and in Montgomery form. */
export interface ZkeyHeaderPoints {
  readonly alpha1: Uint8Array;
  readonly beta1: Uint8Array;
  readonly beta2: Uint8Array;
  readonly gamma2: Uint8Array;
  readonly delta1: Uint8Array;
  readonly delta2: Uint8Array;
}

/** Writes the sections before the points: protocol, sizes and header points. */
export async function writeZkeyHeader(
  writer: SectionWriter,
  { layout }: TiledSystem,
  points: ZkeyHeaderPoints,
): Promise<void> {
  await writer.section(ZkeySection.protocol, encodeU32(GROTH16));
  await writer.section(
    ZkeySection.header,
    encodeU32(ELEMENT_BYTES),
    encodeElement(BASE_FIELD_MODULUS),
    encodeU32(ELEMENT_BYTES),
    encodeElement(FIELD_MODULUS),
    encodeU32(layout.wireCount, layout.publicCount, 2 ** domainPower(layout)),
    points.alpha1,
    points.beta1,
    points.beta2,
    points.gamma2,
    points.delta1,
    points.delta2,
  );
}

/** Writes section 4: every coefficient of A and B with its row and wire, those of the public inputs' rows at the end. */
export async function writeZkeyCoefficients(writer: SectionWriter, tiled: TiledSystem): Promise<void> {
  const { layout, systems } = tiled;
  const perTile = systems.map(countTerms);
  const tileTerms = layout.tiles.reduce((sum, tile, index) => sum + tile.instances.length * perTile[index]!, 0);
  const total = tileTerms + 2 * layout.zeroWires.length + layout.publicCount + 1;
  await writer.begin(ZkeySection.coefficients);
  await writer.write(encodeU32(total));
  for (const { tileIndex, firstRow, map } of instanceRows(tiled)) {
    await writer.write(encodeTerms(systems[tileIndex]!, perTile[tileIndex]!, firstRow, map));
  }
  const one = encodeElement(MONTGOMERY_SQUARED);
  let row = layout.constraintCount - layout.zeroWires.length;
  for (const wire of layout.zeroWires) {
    await writer.write(Buffer.concat([encodeU32(0, row, wire), one, encodeU32(1, row, 0), one]));
    row += 1;
  }
  for (let wire = 0; wire <= layout.publicCount; wire++) {
    await writer.write(Buffer.concat([encodeU32(0, row + wire, wire), one]));
  }
  await writer.end();
}

function countTerms({ starts, constraintCount }: ConstraintSystem): number {
  let count = 0;
  for (let row = 0; row < constraintCount; row++) count += starts[3 * row + 2]! - starts[3 * row]!;
  return count;
}

function encodeTerms(system: ConstraintSystem, termCount: number, firstRow: number, map: Uint32Array): Uint8Array {
  const { starts, wires, coefficientIds, constraintCount } = system;
  const coefficients = system.coefficients.map((value) => encodeElement((value * MONTGOMERY_SQUARED) % FIELD_MODULUS));
  const bytes = new Uint8Array(COEFFICIENT_BYTES * termCount);
  const view = new DataView(bytes.buffer);
  let position = 0;
  for (let row = 0; row < constraintCount; row++) {
    for (const matrix of [0, 1]) {
      for (let term = starts[3 * row + matrix]!; term < starts[3 * row + matrix + 1]!; term++) {
        view.setUint32(position, matrix, true);
        view.setUint32(position + 4, firstRow + row, true);
        view.setUint32(position + 8, map[wires[term]!]!, true);
        bytes.set(coefficients[coefficientIds[term]!]!, position + 12);
        position += COEFFICIENT_BYTES;
      }
    }
  }
  return bytes;
}

function encodeElement(value: bigint): Uint8Array {
  const bytes = new Uint8Array(ELEMENT_BYTES);
  writeElement(bytes, 0, value);
  return bytes;
}
