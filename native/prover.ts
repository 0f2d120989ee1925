/** The native Groth16 prover. */

import { randomBytes } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { type Groth16Proof, RollupError } from '@quittance/protocol';
import { type AddonProver, requireAddon } from './addon.ts';
import { callAsync } from './call.ts';
import { requireTexts, requireWitness } from './input.ts';
import { type NativeCallOptions, runJob } from './job.ts';
import { decodeIntegers, decodeProof } from './proof.ts';

/** A finished proof, verified before it is returned. */
export interface NativeProof {
  readonly proof: Groth16Proof;
  readonly publicInputs: readonly bigint[];
  /** Milliseconds per stage, in order. */
  readonly timings: Readonly<Record<string, number>>;
}

export interface WitnessOptions extends NativeCallOptions {
  /** wireCount·32 bytes, little-endian, canonical. Copied. */
  readonly witness: Uint8Array;
  /** Random r and s. Off by default: a rollup's witness can be rebuilt from L1, so there is nothing to hide. */
  readonly blinding?: boolean;
}

/** A circuit with its key, mapped once for many proofs. */
export interface NativeProver {
  readonly constraints: number;
  readonly wires: number;
  /** Whether anyone could forge proofs under this key. */
  readonly development: boolean;
  /** snarkjs's verification_key.json as text. */
  readonly verifyingKey: string;
  /**
   * @throws RollupError WITNESS_REJECTED, OUT_OF_RANGE, ARTIFACT_DAMAGED when the key file was cut or changed since it
   * was opened, CANCELLED, PROOF_INVALID
   */
  prove(options: WitnessOptions): Promise<NativeProof>;
}

/** 64 bytes for each of r and s: 512 bits make the bias of the reduction negligible. */
const RANDOM_BYTES = 128;

async function proveWith(prover: AddonProver, options: WitnessOptions): Promise<NativeProof> {
  requireWitness(options?.witness);
  const randomness = options.blinding === true ? randomBytes(RANDOM_BYTES) : undefined;
  const result = await runJob(options, (job) => prover.prove(options.witness, randomness, job));
  return {
    proof: decodeProof(result.proof),
    publicInputs: decodeIntegers(result.publics),
    timings: Object.fromEntries(result.stages.map(({ name, milliseconds }) => [name, milliseconds])),
  };
}

/**
 * Maps a key and loads its circuit. The key's digest is checked once, here.
 *
 * @throws RollupError ARTIFACT_MISSING, ARTIFACT_DAMAGED, NATIVE_UNAVAILABLE
 */
export async function openProver(paths: { layoutPath: string; provingKeyPath: string }): Promise<NativeProver> {
  const { layoutPath, provingKeyPath } = paths ?? {};
  requireTexts({ layoutPath, provingKeyPath });
  const addon = requireAddon();
  const prover = await callAsync(() => addon.openProver(layoutPath, provingKeyPath));
  return {
    constraints: prover.constraints,
    wires: prover.wires,
    development: prover.development,
    verifyingKey: prover.verifyingKey(),
    prove: (options) => proveWith(prover, options),
  };
}

interface CacheEntry {
  readonly key: string;
  readonly prover: Promise<NativeProver>;
}

let cached: CacheEntry | undefined;

async function fingerprint(path: string): Promise<string> {
  const { ino, size, mtimeMs } = await stat(path).catch((cause: unknown) => {
    throw new RollupError('ARTIFACT_MISSING', `${path} is missing: build the artifacts`, { file: path }, { cause });
  });
  return `${path}:${ino}:${size}:${mtimeMs}`;
}

/**
 * Opens the prover of these files, keeping the last one open, and proves a witness.
 *
 * @throws RollupError as `openProver` and `NativeProver.prove` do.
 */
export async function prove(
  options: WitnessOptions & { readonly layoutPath: string; readonly provingKeyPath: string },
): Promise<NativeProof> {
  requireTexts({ layoutPath: options?.layoutPath, provingKeyPath: options?.provingKeyPath });
  const key = `${await fingerprint(options.layoutPath)}|${await fingerprint(options.provingKeyPath)}`;
  if (cached?.key !== key) {
    const prover = openProver(options);
    cached = { key, prover };
    prover.catch(() => {
      if (cached?.key === key) cached = undefined;
    });
  }
  return (await cached.prover).prove(options);
}
