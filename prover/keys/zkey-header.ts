/** Reads what a .zkey of any size says of itself, without its large sections. */

import { type FileHandle, open } from 'node:fs/promises';
import { RollupError, type VerifyingKey } from '@quittance/protocol';
import { buildBn128, type Curve, type Group } from 'ffjavascript';
import { damaged } from '../damaged.ts';

/** Sections of a Groth16 .zkey file (snarkjs 0.7). */
export const ZkeySection = {
  protocol: 1,
  header: 2,
  ic: 3,
  coefficients: 4,
  a: 5,
  b1: 6,
  b2: 7,
  c: 8,
  h: 9,
  contributions: 10,
} as const;

const FILE_HEADER_BYTES = 12;
const SECTION_HEADER_BYTES = 12;
const G1_BYTES = 64;
const G2_BYTES = 128;
/** Two moduli with their lengths, wires, public inputs, domain; then the points. */
const POINTS_OFFSET = 4 + 32 + 4 + 32 + 12;
/** Section 10 begins with it; the number of contributions follows. */
const CIRCUIT_HASH_BYTES = 64;
const HEADER_BYTES = POINTS_OFFSET + 3 * G1_BYTES + 3 * G2_BYTES;

/** What a .zkey file says of itself, without its large sections. */
export interface ZkeyHeader {
  readonly wireCount: number;
  readonly publicCount: number;
  readonly domainSize: number;
  readonly verifyingKey: VerifyingKey;
  /**
   * No ceremony stands behind the key: phase 2 begins with a circuit's hash and with gamma = delta, so a key without
   * that hash, or with gamma ≠ delta and no contribution, is of a setup that knew its secrets.
   */
  readonly isDevelopment: boolean;
}

/**
 * Reads the head of a Groth16 .zkey of any size.
 *
 * @throws RollupError ARTIFACT_MISSING when it cannot be opened, ARTIFACT_DAMAGED when it is not a .zkey.
 */
export async function readZkeyHeader(path: string): Promise<ZkeyHeader> {
  const file = await open(path, 'r').catch((cause: Error) => {
    throw new RollupError('ARTIFACT_MISSING', `${path} cannot be opened: ${cause.message}`, { path }, { cause });
  });
  try {
    const sections = await findSections(file, path);
    const header = await readSection(file, sections.get(ZkeySection.header), HEADER_BYTES, path);
    const counts = new DataView(header.buffer, header.byteOffset + POINTS_OFFSET - 12, 12);
    const [wireCount, publicCount, domainSize] = [0, 4, 8].map((offset) => counts.getUint32(offset, true)) as [
      number,
      number,
      number,
    ];
    const ic = await readSection(file, sections.get(ZkeySection.ic), (publicCount + 1) * G1_BYTES, path);
    const verifyingKey = await decodePoints(header, ic);
    const isDevelopment = await hasNoCeremony(file, sections.get(ZkeySection.contributions), path);
    return { wireCount, publicCount, domainSize, verifyingKey, isDevelopment };
  } finally {
    await file.close();
  }
}

/** Whether nobody contributed to a key. Twin: native/core/src/groth16/zkey_header.rs is_development. */
async function hasNoCeremony(file: FileHandle, place: SectionPlace | undefined, path: string): Promise<boolean> {
  if (place === undefined || place.length < CIRCUIT_HASH_BYTES + 4) throw damaged(path, 'it lists no contributions');
  const head = await readBytes(file, place.position, CIRCUIT_HASH_BYTES + 4, path);
  const isZero = (bytes: Uint8Array): boolean => bytes.every((byte) => byte === 0);
  return isZero(head.subarray(0, CIRCUIT_HASH_BYTES)) || isZero(head.subarray(CIRCUIT_HASH_BYTES));
}

interface SectionPlace {
  readonly position: number;
  readonly length: number;
}

async function findSections(file: FileHandle, path: string): Promise<ReadonlyMap<number, SectionPlace>> {
  const { size } = await file.stat();
  const head = await readBytes(file, 0, FILE_HEADER_BYTES, path);
  if (head.toString('latin1', 0, 4) !== 'zkey') throw damaged(path, 'it is not a .zkey file');
  const sections = new Map<number, SectionPlace>();
  let position = FILE_HEADER_BYTES;
  for (let remaining = head.readUInt32LE(8); remaining > 0; remaining--) {
    const header = await readBytes(file, position, SECTION_HEADER_BYTES, path);
    const length = Number(header.readBigUInt64LE(4));
    position += SECTION_HEADER_BYTES;
    if (position + length > size) throw damaged(path, `section ${header.readUInt32LE(0)} is cut off`);
    sections.set(header.readUInt32LE(0), { position, length });
    position += length;
  }
  return sections;
}

async function readSection(
  file: FileHandle,
  place: SectionPlace | undefined,
  length: number,
  path: string,
): Promise<Buffer> {
  if (place?.length !== length) throw damaged(path, `a section has ${place?.length ?? 0} bytes, not ${length}`);
  return readBytes(file, place.position, length, path);
}

async function readBytes(file: FileHandle, position: number, length: number, path: string): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, position);
  if (bytesRead !== length) throw damaged(path, 'it is cut off');
  return buffer;
}

async function decodePoints(header: Uint8Array, ic: Uint8Array): Promise<VerifyingKey> {
  const curve: Curve = await buildBn128(true);
  let position = POINTS_OFFSET;
  const next = (group: Group, byteCount: number): unknown[] => {
    const point = group.toObject(header.slice(position, position + byteCount)) as unknown[];
    position += byteCount;
    return point;
  };
  const nextG1 = (): [bigint, bigint] => next(curve.G1, G1_BYTES).slice(0, 2) as [bigint, bigint];
  const nextG2 = (): VerifyingKey['beta'] => next(curve.G2, G2_BYTES).slice(0, 2) as unknown as VerifyingKey['beta'];
  const alpha = nextG1();
  nextG1(); // beta in G1
  const beta = nextG2();
  const gamma = nextG2();
  nextG1(); // delta in G1
  const delta = nextG2();
  const points = Array.from({ length: ic.byteLength / G1_BYTES }, (_, index) => {
    const [x, y] = curve.G1.toObject(ic.slice(index * G1_BYTES, (index + 1) * G1_BYTES)) as bigint[];
    return [x!, y!] as const;
  });
  return { alpha, beta, gamma, delta, ic: points };
}
