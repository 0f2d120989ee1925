/** All that proofs are made from: circuits, key and witness calculators, made where they are missing. */

import { rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { isRollupError, type Profile, type VerifyingKey } from '@quittance/protocol';
import type { Logger } from '../runtime/index.ts';
import type { CompileOptions } from './artifacts/compile.ts';
import { type BackendChoice, type BackendOptions, chooseBackend, defaultBackend } from './backends/choose.ts';
import type { BackendName, ProvingFiles } from './backends/types.ts';
import { ensureImportedKey, readCeremonyKey } from './keys/ceremony-key.ts';
import { ensureDevelopmentKey } from './keys/development-key.ts';
import type { KeyArtifact, KeySubject } from './keys/key.ts';
import { decodeVerifyingKey, type VerifyingKeyJson } from './keys/verifying-key.ts';
import { requireResources } from './resources.ts';
import { type ChunkArtifacts, prepareChunkArtifacts } from './tiling/chunk-artifacts.ts';
import type { TaskOptions } from './types.ts';
import type { WitnessGenerator } from './witness/types.ts';

/** What a prover is made for. */
export interface ProverOptions extends BackendOptions {
  readonly profile: Pick<Profile, 'slotsPerChunk'> & { readonly name: string };
  readonly backend: BackendName;
  readonly logger?: Logger | undefined;
  readonly buildDirectory?: string | undefined;
  /** Seed of the development key; whoever knows it can forge proofs. */
  readonly developmentSeed?: string | undefined;
  /** A proving key from a ceremony (.zkey) in place of a development key. */
  readonly ceremonyZkeyPath?: string | undefined;
  /** Worker threads of circom's witness calculators; as many as cores if not given. */
  readonly witnessThreads?: number | undefined;
  readonly maxPendingChunks?: number | undefined;
}

/** All that proofs are made from, verified when it was loaded. */
export interface PreparedProver {
  readonly artifacts: ChunkArtifacts;
  readonly files: ProvingFiles;
  readonly verifyingKeyJson: VerifyingKeyJson;
  readonly verifyingKey: VerifyingKey;
  readonly witnesses: WitnessGenerator;
}

/**
 * Compiles circuits, makes or loads keys and starts witness calculators, as far as the build folder lacks them.
 *
 * @throws RollupError ARTIFACT_DAMAGED, ARTIFACT_MISSING, INSECURE_KEY (a ceremony key without contribution), KEY_OF_ANOTHER_CIRCUIT, RESOURCES_SHORT, CANCELLED.
 */
export async function prepareProver(
  { profile, logger, buildDirectory, developmentSeed, ceremonyZkeyPath, witnessThreads }: ProverOptions,
  choice: BackendChoice,
  task: TaskOptions,
): Promise<PreparedProver> {
  const options = { logger, buildDirectory, ...task };
  task.onProgress?.({ stage: 'compile', done: 0, total: 1 });
  const artifacts = await prepareChunkArtifacts(profile.slotsPerChunk, options);
  task.onProgress?.({ stage: 'compile', done: 1, total: 1 });
  const subject = { ...artifacts, name: subjectName(profile), seed: developmentSeed };
  const { provingKeyPath, verifyingKey } = await openKey(choice, subject, ceremonyZkeyPath, options);
  if (choice.backend.needs !== undefined) {
    const needs = choice.backend.needs(artifacts.tiled.layout);
    await requireResources(`a proof of ${subject.name}`, needs, dirname(artifacts.layoutPath), logger);
  }
  const circuits = Object.values(artifacts.tiles).map((tile) => tile.circuit);
  return {
    artifacts,
    files: { layoutPath: artifacts.layoutPath, provingKeyPath },
    verifyingKeyJson: verifyingKey,
    verifyingKey: decodeVerifyingKey(verifyingKey),
    witnesses: await choice.createWitnessGenerator(circuits, { ...options, threadCount: witnessThreads }),
  };
}

/**
 * Brings a ceremony's key into the form that this machine's faster backend proves from, so that provers need not: each
 * point is checked to be on its curve. Does nothing where the .zkey itself is that form.
 *
 * @throws RollupError as `prepareProver`.
 */
export async function prepareCeremonyKey(
  profile: ProverOptions['profile'],
  zkeyPath: string,
  options: CompileOptions & TaskOptions = {},
): Promise<void> {
  const artifacts = await prepareChunkArtifacts(profile.slotsPerChunk, options);
  const choice = chooseBackend(defaultBackend());
  try {
    await openKey(choice, { ...artifacts, name: subjectName(profile) }, zkeyPath, options);
  } finally {
    await choice.backend.close();
  }
}

function subjectName({ name, slotsPerChunk }: ProverOptions['profile']): string {
  return `${name}${slotsPerChunk}`;
}

/** The ceremony's key, or else the development key, as the backend reads it. */
async function openKey(
  choice: BackendChoice,
  subject: KeySubject,
  zkeyPath: string | undefined,
  options: CompileOptions & TaskOptions,
): Promise<Pick<KeyArtifact, 'provingKeyPath' | 'verifyingKey'>> {
  if (zkeyPath === undefined) {
    return openArtifact(choice, subject, () => ensureDevelopmentKey(subject, choice.keyMaker, options), options);
  }
  const { keyImporter } = choice;
  if (keyImporter === undefined) {
    return { provingKeyPath: zkeyPath, verifyingKey: await readCeremonyKey(zkeyPath, subject.tiled) };
  }
  return openArtifact(choice, subject, () => ensureImportedKey(subject, zkeyPath, keyImporter, options), options);
}

/** A key that is intact but that the backend cannot use (made by another version of it) is made again, once. */
async function openArtifact(
  { backend }: BackendChoice,
  { layoutPath }: KeySubject,
  ensure: () => Promise<KeyArtifact>,
  { logger }: CompileOptions,
): Promise<KeyArtifact> {
  const key = await ensure();
  try {
    await backend.open({ layoutPath, provingKeyPath: key.provingKeyPath });
    return key;
  } catch (error) {
    if (!isRollupError(error, 'ARTIFACT_DAMAGED') && !isRollupError(error, 'KEY_OF_ANOTHER_CIRCUIT')) throw error;
    logger?.warn(`${error.message}; making the key again`, error.data);
  }
  await rm(key.directory, { recursive: true, force: true });
  const again = await ensure();
  await backend.open({ layoutPath, provingKeyPath: again.provingKeyPath });
  return again;
}
