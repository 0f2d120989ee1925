/** Circuits and keys by the addon: development setup, .zkey export and import, witness check, verification. */

import { mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type Groth16Proof, RollupError } from '@quittance/protocol';
import { requireAddon } from './addon.ts';
import { call, callAsync } from './call.ts';
import { describe, requireTexts, requireWitness } from './input.ts';
import { type NativeCallOptions, runJob } from './job.ts';
import { encodeIntegers, encodeProof } from './proof.ts';

export interface DevelopmentSetupOptions extends NativeCallOptions {
  /** The chunk's layout.json; its .r1cs files lie where it says. */
  readonly layoutPath: string;
  /** Any text: the same seed and circuit give the same key. */
  readonly seed: string;
  /** Written in the addon's own format (native/core/src/groth16/key.rs). */
  readonly provingKeyPath: string;
  /** Written as snarkjs's verification_key.json with `"development": true`. */
  readonly verifyingKeyPath: string;
}

/**
 * Makes an INSECURE key whose secrets follow from the seed.
 * Twin: prover/setup/portable.ts setupPortable.
 *
 * @throws RollupError ARTIFACT_MISSING or ARTIFACT_DAMAGED (layout, .r1cs), CANCELLED, NATIVE_UNAVAILABLE
 */
export async function setupDevelopment(options: DevelopmentSetupOptions): Promise<void> {
  const { layoutPath, seed, provingKeyPath, verifyingKeyPath } = options ?? {};
  requireTexts({ layoutPath, seed, provingKeyPath, verifyingKeyPath });
  const addon = requireAddon();
  await mkdir(dirname(provingKeyPath), { recursive: true });
  await mkdir(dirname(verifyingKeyPath), { recursive: true });
  const text = await runJob(options, (job) => addon.setUpDevelopment(layoutPath, seed, provingKeyPath, job));
  await writeFile(`${verifyingKeyPath}.partial`, text);
  await rename(`${verifyingKeyPath}.partial`, verifyingKeyPath);
}

export interface ExportZkeyOptions extends NativeCallOptions {
  readonly layoutPath: string;
  readonly provingKeyPath: string;
  readonly zkeyPath: string;
}

/**
 * Writes a .zkey from which snarkjs proves and which it exports the same verifying key from.
 *
 * @throws RollupError ARTIFACT_MISSING, ARTIFACT_DAMAGED, CANCELLED, NATIVE_UNAVAILABLE
 */
export async function exportZkey(options: ExportZkeyOptions): Promise<void> {
  const { layoutPath, provingKeyPath, zkeyPath } = options ?? {};
  requireTexts({ layoutPath, provingKeyPath, zkeyPath });
  const addon = requireAddon();
  await mkdir(dirname(zkeyPath), { recursive: true });
  await runJob(options, (job) => addon.exportZkey(layoutPath, provingKeyPath, zkeyPath, job));
}

export interface ImportZkeyOptions extends NativeCallOptions {
  readonly layoutPath: string;
  /** A key of snarkjs for exactly this circuit: of a ceremony, or an exported one. */
  readonly zkeyPath: string;
  /** Written in the addon's own format; it appears when it is complete. */
  readonly provingKeyPath: string;
}

/**
 * Makes the addon's proving key of a .zkey, all points checked to be on their curves: the inverse of `exportZkey`.
 * That the contributions are sound is for `snarkjs zkey verify`.
 *
 * @returns snarkjs's verification_key.json as text; `"development": true` when no ceremony stands behind the key.
 * @throws RollupError ARTIFACT_MISSING, ARTIFACT_DAMAGED, KEY_OF_ANOTHER_CIRCUIT, INSECURE_KEY when nobody contributed
 * to it, CANCELLED, NATIVE_UNAVAILABLE
 */
export async function importZkey(options: ImportZkeyOptions): Promise<string> {
  const { layoutPath, zkeyPath, provingKeyPath } = options ?? {};
  requireTexts({ layoutPath, zkeyPath, provingKeyPath });
  const addon = requireAddon();
  await mkdir(dirname(provingKeyPath), { recursive: true });
  return runJob(options, (job) => addon.importZkey(layoutPath, zkeyPath, provingKeyPath, job));
}

/**
 * Evaluates every constraint on a witness of wireCount·32 bytes, little-endian.
 *
 * @throws RollupError WITNESS_REJECTED with tile, instance and row; OUT_OF_RANGE; ARTIFACT_…
 */
export async function checkWitness(options: { layoutPath: string; witness: Uint8Array }): Promise<void> {
  const { layoutPath, witness } = options ?? {};
  requireTexts({ layoutPath });
  requireWitness(witness);
  const addon = requireAddon();
  await callAsync(() => addon.checkWitness(layoutPath, witness));
}

/**
 * Whether a proof holds for exactly these public inputs.
 *
 * @param verifyingKey snarkjs's verification_key.json as text.
 * @throws RollupError VERIFYING_KEY_UNREADABLE, INSECURE_KEY (gamma = delta), OUT_OF_RANGE (inputs), PROOF_UNREADABLE,
 * PROOF_INVALID (points that no proof has)
 */
export function verify(verifyingKey: string, publicInputs: readonly bigint[], proof: Groth16Proof): boolean {
  if (typeof verifyingKey !== 'string') {
    throw new RollupError('VERIFYING_KEY_UNREADABLE', `the verifying key is ${describe(verifyingKey)}, not text`);
  }
  const addon = requireAddon();
  return call(() => addon.verifyProof(verifyingKey, encodeIntegers(publicInputs), encodeProof(proof)));
}
