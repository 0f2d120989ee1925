/** The verifying key that a deployment or a prover uses, and whether it may hold value. */

import { readFileSync } from 'node:fs';
import { bn254 } from '@noble/curves/bn254.js';
import { type Bytes32, PROFILES, type ProfileName, RollupError, type VerifyingKey } from '@quittance/protocol';
import { concat, keccak256, toBeHex } from 'ethers';
import {
  assertContributed,
  createProver,
  DEFAULT_DEVELOPMENT_SEED,
  decodeVerifyingKey,
  defaultBackend,
  developmentScalars,
  type OnProgress,
  prepareCeremonyKey,
  prepareChunkArtifacts,
  readCeremonyKey,
  type VerifyingKeyJson,
} from '../../prover/index.ts';
import { UsageError } from '../process/errors.ts';
import { warningsOf } from '../process/log.ts';
import type { Output } from '../process/output.ts';
import { DEVELOPMENT_KEYS } from './development-keys.ts';

/** Where the key comes from: a ceremony's .zkey, a verification_key.json, or else the development setup. */
export interface KeySource {
  readonly profile: ProfileName;
  readonly zkey: string | undefined;
  readonly verifyingKey?: string | undefined;
  /** Whether the development key may be the one that comes with this version: enough for who only verifies. */
  readonly isShippedEnough?: boolean;
}

/** A verifying key with what is known about it. */
export interface ChosenKey {
  readonly key: VerifyingKey;
  readonly json: VerifyingKeyJson;
  /** Its secrets are public: anyone can forge proofs. */
  readonly isDevelopment: boolean;
  /** keccak of its words, as the verifier contract tells it. */
  readonly hash: Bytes32;
}

/** The points in the order of the EVM, imaginary parts first. */
export function evmVerifyingKey({ alpha, beta, gamma, delta, ic }: VerifyingKey) {
  const g2 = ([x, y]: VerifyingKey['beta']) => [x[1], x[0], y[1], y[0]];
  return { alpha: [...alpha], beta: g2(beta), gamma: g2(gamma), delta: g2(delta), ic: ic.map((point) => [...point]) };
}

/** keccak of the words of a key. Twin: contracts/libraries/VerifyingKeys.sol hash. */
export function verifyingKeyHash(key: VerifyingKey): Bytes32 {
  const { alpha, beta, gamma, delta, ic } = evmVerifyingKey(key);
  const words = [...alpha, ...beta, ...gamma, ...delta, ...ic.flat()];
  return keccak256(concat(words.map((word) => toBeHex(word, 32))));
}

/** Whether alpha is that of the public seed: a development key whose mark somebody took away. */
function hasPublicSecrets({ alpha }: VerifyingKey): boolean {
  const { alpha: secret } = developmentScalars(DEFAULT_DEVELOPMENT_SEED);
  const { x, y } = bn254.G1.Point.BASE.multiply(secret).toAffine();
  return alpha[0] === x && alpha[1] === y;
}

function choose(json: VerifyingKeyJson): ChosenKey {
  const key = decodeVerifyingKey(json);
  assertContributed(key);
  return { key, json, isDevelopment: json.development === true || hasPublicSecrets(key), hash: verifyingKeyHash(key) };
}

function readKeyFile(path: string): VerifyingKeyJson {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as VerifyingKeyJson;
  } catch (error) {
    throw new UsageError(`the verifying key ${path} cannot be read: ${(error as Error).message}`);
  }
}

function sayStages(output: Output): OnProgress {
  let lastStage = '';
  return ({ stage }) => {
    if (stage !== lastStage) output.say(`  ${stage}`);
    lastStage = stage;
  };
}

/** The development key of a profile that comes with this version, without its proving key; undefined where none does. */
export function shippedKey(name: ProfileName): VerifyingKeyJson | undefined {
  const text = (DEVELOPMENT_KEYS as Partial<Record<ProfileName, string>>)[name];
  return text === undefined ? undefined : (JSON.parse(text) as VerifyingKeyJson);
}

/** Inputs of a chunk's statement (docs/protocol.md, Chunk), and the constant one. */
const IC_POINTS = 10;

/**
 * Refuses a verifying key of another circuit, as far as it shows: by its count of points, by the circuit that it names, and as
 * the development key of another profile.
 *
 * @throws RollupError KEY_OF_ANOTHER_CIRCUIT.
 */
function requireKeyOf({ key, json, hash }: ChosenKey, profile: ProfileName, path: string): void {
  const refuse = (reason: string): never => {
    throw new RollupError('KEY_OF_ANOTHER_CIRCUIT', `${path} is not a key of profile ${profile}: ${reason}`, { path });
  };
  if (key.ic.length !== IC_POINTS) {
    refuse(`its circuit has ${key.ic.length - 1} public inputs, a chunk has ${IC_POINTS - 1}`);
  }
  const { slotsPerChunk } = PROFILES[profile];
  if (json.slotsPerChunk !== undefined && json.slotsPerChunk !== slotsPerChunk) {
    refuse(`its circuit has ${json.slotsPerChunk} slots a chunk, this profile ${slotsPerChunk}`);
  }
  for (const other of Object.keys(PROFILES) as ProfileName[]) {
    const shipped = shippedKey(other);
    if (other === profile || shipped === undefined) continue;
    if (verifyingKeyHash(decodeVerifyingKey(shipped)) === hash) refuse(`it is the development key of ${other}`);
  }
}

async function developmentKey(name: ProfileName, output: Output): Promise<VerifyingKeyJson> {
  const logger = warningsOf(output, 'error');
  const prover = createProver({ profile: PROFILES[name], backend: defaultBackend(), logger });
  try {
    await prover.prepare(sayStages(output));
    return prover.verifyingKeyJson;
  } finally {
    await prover.close();
  }
}

/**
 * Makes or reads the key.
 *
 * @throws RollupError INSECURE_KEY when nobody contributed to it, KEY_OF_ANOTHER_CIRCUIT; UsageError.
 */
export async function chooseKey(source: KeySource, output: Output): Promise<ChosenKey> {
  const { profile, zkey, verifyingKey, isShippedEnough = false } = source;
  if (zkey !== undefined && verifyingKey !== undefined) {
    throw new UsageError('give --zkey or --verifying-key, not both');
  }
  if (verifyingKey !== undefined) {
    const chosen = choose(readKeyFile(verifyingKey));
    requireKeyOf(chosen, profile, verifyingKey);
    return chosen;
  }
  if (zkey === undefined) {
    const shipped = isShippedEnough ? shippedKey(profile) : undefined;
    return choose(shipped ?? (await developmentKey(profile, output)));
  }
  const { tiled } = await prepareChunkArtifacts(PROFILES[profile].slotsPerChunk);
  return choose(await readCeremonyKey(zkey, tiled));
}

/**
 * Imports the key of a ceremony for the native prover, where there is one: provers of this checkout start with it.
 *
 * @throws RollupError ARTIFACT_DAMAGED when a point of it is wrong, RESOURCES_SHORT.
 */
export async function importKey(profile: ProfileName, zkey: string, output: Output): Promise<void> {
  if (defaultBackend() !== 'native') return;
  output.say('importing the key for the native prover');
  const logger = warningsOf(output, 'error');
  await prepareCeremonyKey(PROFILES[profile], zkey, { logger, onProgress: sayStages(output) });
}
