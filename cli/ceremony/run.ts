/** The steps of a ceremony. snarkjs does the mathematics (prover/setup/ceremony.ts). */

import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { PROFILES, type ProfileName } from '@quittance/protocol';
import { applyBeacon, contribute, prepareChunkArtifacts, startCeremony } from '../../prover/index.ts';
import type { Context } from '../process/command.ts';
import { chooseKey, importKey } from '../setup/key.ts';
import { verifyAgainstOwnCircuits } from '../setup/run.ts';

/** Bytes of the secret of a contribution, from the system's generator; never shown, never stored. */
const ENTROPY_BYTES = 64;

const BEACON_NAME = 'final beacon';

export async function runStart({ output }: Context, profile: ProfileName, ptau: string, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const { tiled } = await prepareChunkArtifacts(PROFILES[profile].slotsPerChunk);
  output.say(`${tiled.layout.constraintCount} constraints; large profiles take hours and gigabytes of disk`);
  const files = await startCeremony(tiled, ptau, folder);
  output.result(files, () => `${files.zkeyPath} is ready for the first contribution; do not use it without one`);
}

export async function runContribute({ output }: Context, from: string, to: string, name: string): Promise<void> {
  await contribute(from, to, name, randomBytes(ENTROPY_BYTES).toString('hex'));
  output.result({ zkeyPath: to }, () => `${to} has the contribution of ${name}: pass it on`);
}

export async function runBeacon({ output }: Context, from: string, to: string, beacon: string): Promise<void> {
  await applyBeacon(from, to, BEACON_NAME, beacon);
  output.result({ zkeyPath: to }, () => `${to} is the final key: verify it, and let others verify it`);
}

export async function runVerify({ output }: Context, profile: ProfileName, ptau: string, zkey: string): Promise<void> {
  const chosen = await chooseKey({ profile, zkey }, output);
  await verifyAgainstOwnCircuits(PROFILES[profile].slotsPerChunk, zkey, ptau);
  await importKey(profile, zkey, output);
  output.say(`the key matches the circuit, the powers of tau and the contributions; its hash is ${chosen.hash}`);
  // The same with and without --json: it is a file for `quittance deploy --verifying-key`.
  const file = { ...chosen.json, slotsPerChunk: PROFILES[profile].slotsPerChunk };
  output.result(file, () => JSON.stringify(file, null, 2));
}
