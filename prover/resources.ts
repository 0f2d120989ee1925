/** What long tasks take of memory and disk, said and checked before they start. */

import { statfs } from 'node:fs/promises';
import { RollupError } from '@quittance/protocol';
import type { Logger } from '../runtime/index.ts';
import { ELEMENT_BYTES } from './formats/field.ts';
import { domainPower, type Layout } from './tiling/layout.ts';

/** What a long task takes at most, in bytes. */
export interface Needs {
  readonly memoryBytes: number;
  readonly diskBytes: number;
}

const MIB = 2 ** 20;
const GIB = 2 ** 30;
const G1_BYTES = 64;
const G2_BYTES = 128;
const WIRE_LIST_BYTES = 4;
/** A bigint below 2^254 and its place in an array, in V8. */
const BIGINT_BYTES = 56;
/** Node, the circuits and the tables of the generators. */
const BASE_BYTES = 512 * MIB;
/** Only tasks that take more than this are announced. */
const ANNOUNCED_BYTES = GIB;

const sizesOf = (layout: Layout) => ({ wires: layout.wireCount, domain: 2 ** domainPower(layout) });

/** A key file: A, B1 and C in G1 and B2 in G2 with lists of wires, H. At most: points at infinity are left out. */
function nativeKeyBytes(layout: Layout): number {
  const { wires, domain } = sizesOf(layout);
  return wires * (3 * G1_BYTES + G2_BYTES + 3 * WIRE_LIST_BYTES) + domain * G1_BYTES;
}

/** The native setup holds scalars only: A, B, C by wire and the basis by row at once, H instead of C later. */
export function nativeSetupNeeds(layout: Layout): Needs {
  const { wires, domain } = sizesOf(layout);
  const memoryBytes = BASE_BYTES + wires * (3 * ELEMENT_BYTES + 2 * WIRE_LIST_BYTES) + domain * ELEMENT_BYTES;
  return { memoryBytes, diskBytes: nativeKeyBytes(layout) };
}

/**
 * The native proof: the witness as JavaScript and the addon hold it, as integers and as elements; two columns, their
 * quotient and its transforms; digits of both. The key is mapped: the system can take its pages back, so they count
 * for nothing here.
 */
export function nativeProofNeeds(layout: Layout): Needs {
  const { wires, domain } = sizesOf(layout);
  return { memoryBytes: BASE_BYTES + 5 * ELEMENT_BYTES * (wires + domain), diskBytes: 0 };
}

/** A .zkey beside the native key that it is made from. snarkjs wants every point and every coefficient. */
export function nativeZkeyNeeds(layout: Layout): Needs {
  const { wires, domain } = sizesOf(layout);
  const { memoryBytes, diskBytes } = nativeSetupNeeds(layout);
  // About five coefficients a row, 44 bytes each.
  const coefficients = domain * 5 * (12 + ELEMENT_BYTES);
  const zkey = wires * (3 * G1_BYTES + G2_BYTES) + domain * G1_BYTES + coefficients;
  // Exporting reads the mapped key from beginning to end.
  return { memoryBytes: Math.max(memoryBytes, BASE_BYTES), diskBytes: diskBytes + zkey };
}

/** A native key beside the .zkey that it is made from; lists of wires and rows are held, points go through. */
export function nativeImportNeeds(layout: Layout): Needs {
  const { wires, domain } = sizesOf(layout);
  const memoryBytes = BASE_BYTES + (3 * wires + domain) * WIRE_LIST_BYTES;
  return { memoryBytes, diskBytes: nativeKeyBytes(layout) };
}

/** Without native code the scalars are bigints. */
export function portableSetupNeeds(layout: Layout): Needs {
  const { wires, domain } = sizesOf(layout);
  const memoryBytes = BASE_BYTES + (3 * wires + 2 * domain) * BIGINT_BYTES;
  return { memoryBytes, diskBytes: nativeZkeyNeeds(layout).diskBytes - nativeKeyBytes(layout) };
}

/**
 * Says what a task takes before it starts, and refuses when this machine does not have it now.
 *
 * @param folder on the disk that is written to.
 * @throws RollupError RESOURCES_SHORT with what is needed and what there is.
 */
export async function requireResources(
  task: string,
  needs: Needs,
  folder: string,
  logger?: Logger | undefined,
): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  const available = { memoryBytes: process.availableMemory(), diskBytes: bavail * bsize };
  if (needs.memoryBytes + needs.diskBytes > ANNOUNCED_BYTES) {
    logger?.info(
      `${task} needs up to ${inGigabytes(needs.memoryBytes)} of memory and ${inGigabytes(needs.diskBytes)} of disk`,
      {
        ...needs,
      },
    );
  }
  for (const [resource, name] of [
    ['memoryBytes', 'memory'],
    ['diskBytes', 'disk'],
  ] as const) {
    if (needs[resource] <= available[resource]) continue;
    const message =
      `${task} needs up to ${inGigabytes(needs[resource])} of ${name}, ` +
      `${inGigabytes(available[resource])} are free: free some, or take a profile with fewer slots a chunk`;
    throw new RollupError('RESOURCES_SHORT', message, {
      resource: name,
      expected: needs[resource],
      actual: available[resource],
    });
  }
}

function inGigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(1)} GB`;
}
