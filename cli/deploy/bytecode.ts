/** Compares code on L1 with what the compiler made: what is only known at deployment is masked, and read out. */

import type { Artifact } from '@nomicfoundation/ignition-core';
import { getAddress } from 'ethers';

/** How code on L1 stands to an artifact. `metadata`: the same instructions, of sources that differ in comments or paths only. */
export type CodeMatch = 'exact' | 'metadata' | 'different' | 'missing';

/** What the comparison found. */
export interface ComparedCode {
  readonly match: CodeMatch;
  /** Address of each linked library, as the code has it; undefined for one that it links to in two ways. */
  readonly libraries: Readonly<Record<string, string | undefined>>;
  /** Values of the immutables, 32 bytes each as 0x hexadecimal, every value once. */
  readonly immutables: readonly string[];
}

/** Bytes that say how long the metadata before them is. */
const LENGTH_BYTES = 2;

type Place = { readonly start: number; readonly length: number };

const bytesOf = (hex: string): Buffer => Buffer.from(hex.replace(/^0x/, ''), 'hex');

/** Placeholders of libraries are no hexadecimal digits. */
const withoutPlaceholders = (bytecode: string): string => bytecode.replaceAll(/__\$[0-9a-f]{34}\$__/g, '00'.repeat(20));

/** Where the metadata begins. Source: the documentation of solc, Encoding of the Metadata Hash in the Bytecode. */
function metadataStart(code: Buffer): number {
  if (code.length < LENGTH_BYTES) return code.length;
  const start = code.length - LENGTH_BYTES - code.readUInt16BE(code.length - LENGTH_BYTES);
  return start < 0 ? code.length : start;
}

function zeroed(code: Buffer, places: readonly Place[]): Buffer {
  const copy = Buffer.from(code);
  // Code on L1 may be shorter than the artifact's.
  const clamp = (position: number) => Math.min(position, copy.length);
  for (const { start, length } of places) copy.fill(0, clamp(start), clamp(start + length));
  return copy;
}

/** Forty digits as an address; undefined where the code was too short to have them. */
const addressOf = (digits: string): string | undefined =>
  digits.length === 40 ? getAddress(`0x${digits}`) : undefined;

function linkedAddresses(code: Buffer, { deployedLinkReferences }: Artifact): Record<string, string | undefined> {
  const named = Object.values(deployedLinkReferences).flatMap((libraries) => Object.entries(libraries));
  return Object.fromEntries(
    named.map(([name, places]) => {
      const found = new Set(places.map(({ start, length }) => code.toString('hex', start, start + length)));
      return [name, found.size === 1 ? addressOf([...found][0]!) : undefined];
    }),
  );
}

/** @param deployed code of an address, 0x-prefixed; `0x` where there is none. */
export function compareCode(artifact: Artifact, deployed: string): ComparedCode {
  const code = bytesOf(deployed);
  if (code.length === 0) return { match: 'missing', libraries: {}, immutables: [] };
  const expected = bytesOf(withoutPlaceholders(artifact.deployedBytecode));
  const immutablePlaces = Object.values(artifact.immutableReferences ?? {}).flat();
  const links = Object.values(artifact.deployedLinkReferences).flatMap((libraries) => Object.values(libraries).flat());
  const places = [...immutablePlaces, ...links];
  const [ours, theirs] = [zeroed(expected, places), zeroed(code, places)];
  const isSame = (start: number) => theirs.subarray(0, start).equals(ours.subarray(0, start));
  const match: CodeMatch = theirs.equals(ours)
    ? 'exact'
    : metadataStart(theirs) === metadataStart(ours) && isSame(metadataStart(ours))
      ? 'metadata'
      : 'different';
  const values = immutablePlaces.map(({ start, length }) => `0x${code.toString('hex', start, start + length)}`);
  return { match, libraries: linkedAddresses(code, artifact), immutables: [...new Set(values)] };
}
