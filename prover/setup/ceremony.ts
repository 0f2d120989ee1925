/**
 * The way to keys that can hold real money: powers of tau of a public ceremony (.ptau, prepared for phase 2), then
 * contributions of many people to this circuit, then a beacon. snarkjs does the mathematics; each step verifies what it
 * was given as far as it can.
 */

import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { RollupError } from '@quittance/protocol';
import { zKey } from 'snarkjs';
import { assertContributed } from '../keys/verifying-key.ts';
import { readZkeyHeader } from '../keys/zkey-header.ts';
import { exportR1cs } from '../tiling/export-r1cs.ts';
import type { TiledSystem } from '../tiling/layout.ts';

/** Exponent of the number of hash iterations of the beacon, as snarkjs's documentation proposes. */
const BEACON_ITERATIONS_EXPONENT = 10;

/** The files of a ceremony, in its folder. */
export interface CeremonyFiles {
  /** The whole constraint system: what contributors check their key against. */
  readonly r1csPath: string;
  readonly zkeyPath: string;
}

/**
 * Begins phase 2: writes the constraint system and a key that nobody has contributed to (it is not usable).
 *
 * @throws RollupError POWERS_OF_TAU_UNSUITABLE when the .ptau is too small, not prepared or of another curve.
 */
export async function startCeremony(tiled: TiledSystem, ptauPath: string, folder: string): Promise<CeremonyFiles> {
  const files = { r1csPath: join(folder, 'chunk.r1cs'), zkeyPath: join(folder, 'chunk_0000.zkey') };
  await exportR1cs(tiled, files.r1csPath);
  const refusals: string[] = [];
  const logger = { info: ignore, debug: ignore, warn: ignore, error: (text: string) => void refusals.push(text) };
  const hash = await zKey.newZKey(files.r1csPath, ptauPath, files.zkeyPath, logger).finally(closeSnarkjs);
  if (hash === -1) {
    await rm(files.zkeyPath, { force: true });
    throw new RollupError('POWERS_OF_TAU_UNSUITABLE', `${ptauPath} cannot be used: ${refusals.join('; ')}`, {
      path: ptauPath,
    });
  }
  return files;
}

/** Adds a contribution. `entropy` must be secret, unpredictable and forgotten afterwards. */
export async function contribute(fromPath: string, toPath: string, name: string, entropy: string): Promise<void> {
  await zKey.contribute(fromPath, toPath, name, entropy).finally(closeSnarkjs);
}

/** Ends phase 2 with a public value that nobody could know before. @throws RollupError BEACON_INVALID. */
export async function applyBeacon(fromPath: string, toPath: string, name: string, beaconHex: string): Promise<void> {
  if (!/^([0-9a-fA-F]{2}){8,255}$/.test(beaconHex)) {
    throw new RollupError('BEACON_INVALID', 'a beacon is 8 to 255 bytes in hexadecimal', { actual: beaconHex });
  }
  await zKey.beacon(fromPath, toPath, name, beaconHex, BEACON_ITERATIONS_EXPONENT).finally(closeSnarkjs);
}

/**
 * Checks a key from start to end: it belongs to this constraint system and these powers of tau, every contribution
 * follows from the one before, and somebody contributed.
 *
 * @throws RollupError INSECURE_KEY.
 */
export async function verifyCeremony(files: CeremonyFiles, ptauPath: string): Promise<void> {
  assertContributed((await readZkeyHeader(files.zkeyPath)).verifyingKey);
  const verified = await zKey
    .verifyFromR1cs(files.r1csPath, ptauPath, files.zkeyPath)
    .catch(() => false)
    .finally(closeSnarkjs);
  if (verified) return;
  throw new RollupError('INSECURE_KEY', `${files.zkeyPath} does not follow from the circuit and the powers of tau`, {
    zkeyPath: files.zkeyPath,
  });
}

/** snarkjs keeps worker threads in a global curve; without this the process would not end. */
export async function closeSnarkjs(): Promise<void> {
  await (globalThis as { curve_bn128?: { terminate(): Promise<void> } | null }).curve_bn128?.terminate();
}

function ignore(): void {}
