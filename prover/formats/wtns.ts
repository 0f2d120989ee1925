/** Reads and writes witnesses as files (.wtns), for provers outside this process. */

import { readFile } from 'node:fs/promises';
import { FIELD_MODULUS } from '@quittance/protocol';
import { damaged } from '../damaged.ts';
import { ELEMENT_BYTES, readElement, writeElement } from './field.ts';
import { encodeU32, readSections, SectionWriter } from './sections.ts';

const HEADER_SECTION = 1;
const VALUES_SECTION = 2;
const WTNS_VERSION = 2;

/** Writes a witness (elements of 32 little-endian bytes, wire by wire) as the .wtns file that snarkjs reads. */
export async function writeWitness(path: string, witness: Uint8Array): Promise<void> {
  const modulus = new Uint8Array(ELEMENT_BYTES);
  writeElement(modulus, 0, FIELD_MODULUS);
  const writer = await SectionWriter.create(path, 'wtns', WTNS_VERSION, 2);
  try {
    const count = encodeU32(witness.byteLength / ELEMENT_BYTES);
    await writer.section(HEADER_SECTION, encodeU32(ELEMENT_BYTES), modulus, count);
    await writer.section(VALUES_SECTION, witness);
  } finally {
    await writer.close();
  }
}

/** Reads a .wtns file. @throws RollupError ARTIFACT_DAMAGED when it is not one over BN254 or a value is not below r. */
export async function readWitness(path: string): Promise<Uint8Array> {
  const sections = readSections(await readFile(path), 'wtns', WTNS_VERSION, path);
  const header = sections.get(HEADER_SECTION);
  const values = sections.get(VALUES_SECTION);
  const fits =
    header?.byteLength === ELEMENT_BYTES + 8 &&
    readElement(header, 4) === FIELD_MODULUS &&
    values?.byteLength ===
      new DataView(header.buffer, header.byteOffset).getUint32(4 + ELEMENT_BYTES, true) * ELEMENT_BYTES;
  if (!fits) throw damaged(path, 'it is not a witness over BN254');
  for (let offset = 0; offset < values!.byteLength; offset += ELEMENT_BYTES) {
    if (readElement(values!, offset) < FIELD_MODULUS) continue;
    throw damaged(path, `wire ${offset / ELEMENT_BYTES} is not below r`);
  }
  return values!;
}
