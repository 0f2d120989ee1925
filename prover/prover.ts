/** The prover of a profile: one proof after the other, each verified before it leaves. */

import {
  type ChunkPublicInputs,
  chunkPublicInputs,
  type Groth16Proof,
  type PackedTrace,
  PROFILES,
  publicInputsOf,
  RollupError,
  slotCountOf,
  type VerifyingKey,
} from '@quittance/protocol';
import { createTaskQueue, type TaskQueue } from '../runtime/index.ts';
import { type BackendChoice, chooseBackend } from './backends/choose.ts';
import type { BackendName, ProvingFiles } from './backends/types.ts';
import { type ChunkStatement, makeCheckedWitness, makeChunkWitness, throwExplained } from './chunk-witness.ts';
import type { VerifyingKeyJson } from './keys/verifying-key.ts';
import { type PreparedProver, type ProverOptions, prepareProver } from './prepare.ts';
import { findViolation } from './tiling/check.ts';
import { timed } from './timings.ts';
import type { OnProgress, TaskOptions } from './types.ts';
import { isProofValid, verifyProof } from './verify.ts';

/** Chunks that may wait for proving unless the caller says otherwise: two batches of the profile with most. */
const DEFAULT_MAX_PENDING_CHUNKS = 2 * Math.max(...Object.values(PROFILES).map(({ maxChunks }) => maxChunks));

/** A verified proof of one chunk. */
export interface ChunkProof {
  readonly proof: Groth16Proof;
  readonly publicInputs: ChunkPublicInputs;
  /** Wall-clock seconds: `witness`, `prove`, `verify`, and the backend's own stages under their names. */
  readonly timings: Readonly<Record<string, number>>;
  /** Peak resident bytes of the proving process, where the backend has one of its own. */
  readonly peakBytes?: number;
}

/** Proves executed chunks of one profile with one backend. Every proof is verified before it leaves. */
export class Prover {
  readonly #options: ProverOptions;
  readonly #choice: BackendChoice;
  readonly #queue: TaskQueue;
  readonly #closing = new AbortController();
  #preparing: Promise<PreparedProver> | undefined;
  #prepared: PreparedProver | undefined;

  constructor(options: ProverOptions) {
    this.#options = options;
    this.#choice = chooseBackend(options.backend, options);
    this.#queue = createTaskQueue(options.maxPendingChunks ?? DEFAULT_MAX_PENDING_CHUNKS);
  }

  get backend(): BackendName {
    return this.#choice.backend.name;
  }

  /** The key that proofs verify under. @throws RollupError ARTIFACT_MISSING before `prepare` has ended. */
  get verifyingKey(): VerifyingKey {
    return this.#requirePrepared().verifyingKey;
  }

  /** The same in snarkjs's form, with the mark of a development key. */
  get verifyingKeyJson(): VerifyingKeyJson {
    return this.#requirePrepared().verifyingKeyJson;
  }

  /** Constraints of a chunk. */
  get constraintCount(): number {
    return this.#requirePrepared().artifacts.tiled.layout.constraintCount;
  }

  /** layout.json and the proving key in the backend's format: a .zkey for all but the native one. */
  get files(): ProvingFiles {
    return this.#requirePrepared().files;
  }

  /** Makes or loads circuits and keys. Idempotent; a failure can be tried again. @throws as `prepareProver`. */
  async prepare(onProgress?: OnProgress): Promise<void> {
    this.#preparing ??= prepareProver(this.#options, this.#choice, { onProgress, signal: this.#closing.signal });
    try {
      this.#prepared = await this.#preparing;
    } catch (error) {
      this.#preparing = undefined;
      throw error;
    }
  }

  /**
   * Proves one chunk under challenge z (docs/protocol.md, Chunk). Chunks are proven in the order of the calls.
   *
   * @throws RollupError WITNESS_REJECTED with the slot and its record, PROVING_FAILED when the backend ended without a
   * proof, PROOF_INVALID when its proof does not verify, QUEUE_FULL, CHUNK_SIZE, CANCELLED; OUT_OF_RANGE when z has more than
   * 128 bits; WRONG_LENGTH or OUT_OF_RANGE for bytes that are no trace.
   */
  async proveChunk(trace: PackedTrace, challenge: bigint, options: TaskOptions = {}): Promise<ChunkProof> {
    const expected = this.#options.profile.slotsPerChunk;
    const actual = slotCountOf(trace);
    if (actual !== expected) {
      const message = `a chunk of this profile has ${expected} slots, not ${actual}`;
      throw new RollupError('CHUNK_SIZE', message, { expected, actual });
    }
    const signals = [this.#closing.signal, ...(options.signal ? [options.signal] : [])];
    const task = { ...options, signal: AbortSignal.any(signals) };
    return this.#queue.run(async () => {
      await this.prepare(options.onProgress);
      return this.#prove(this.#requirePrepared(), { trace, challenge }, task);
    });
  }

  /** Whether a proof that was kept is one of this chunk under this key. */
  async verifyChunk(trace: PackedTrace, challenge: bigint, proof: Groth16Proof): Promise<boolean> {
    await this.prepare();
    return isProofValid(this.verifyingKey, publicInputsOf(chunkPublicInputs(trace, challenge)), proof);
  }

  /** The witness of a chunk, all constraints checked; `writeWitness` makes a .wtns of it. @throws as `proveChunk`. */
  async makeWitness(trace: PackedTrace, challenge: bigint, options: TaskOptions = {}): Promise<Uint8Array> {
    await this.prepare(options.onProgress);
    return makeCheckedWitness(this.#requirePrepared(), { trace, challenge }, options);
  }

  /** Cancels what runs and waits, and ends all threads and processes. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#preparing?.catch(() => undefined);
    await this.#queue.drain();
    await this.#prepared?.witnesses.close();
    await this.#choice.backend.close();
  }

  async #prove(prepared: PreparedProver, statement: ChunkStatement, options: TaskOptions): Promise<ChunkProof> {
    const timings: Record<string, number> = {};
    const witness = await timed(timings, 'witness', () => makeChunkWitness(prepared, statement, options));
    const { proof, stages, peakBytes } = await timed(timings, 'prove', () =>
      this.#choice.backend.prove({ ...prepared.files, witness }, options),
    ).catch((error: unknown) => throwExplained(error, prepared, statement, options));
    const publicInputs = chunkPublicInputs(statement.trace, statement.challenge);
    await timed(timings, 'verify', () => verifyOrBlame(prepared, publicInputs, proof, witness));
    return {
      proof,
      publicInputs,
      timings: { ...stages, ...timings },
      ...(peakBytes === undefined ? {} : { peakBytes }),
    };
  }

  #requirePrepared(): PreparedProver {
    if (this.#prepared) return this.#prepared;
    throw new RollupError('ARTIFACT_MISSING', 'circuits and keys are not ready: call prepare() first', {});
  }
}

/** A proof that does not verify has a reason: a witness that breaks a constraint is named. */
async function verifyOrBlame(
  { verifyingKey, artifacts }: PreparedProver,
  publicInputs: ChunkPublicInputs,
  proof: Groth16Proof,
  witness: Uint8Array,
): Promise<void> {
  try {
    await verifyProof(verifyingKey, publicInputsOf(publicInputs), proof);
  } catch (error) {
    const violation = findViolation(artifacts.tiled, witness);
    if (!violation) throw error;
    const { tile, instanceIndex, row } = violation;
    const message = `row ${row} of ${tile} ${instanceIndex} does not hold`;
    throw new RollupError('WITNESS_REJECTED', message, { ...violation }, { cause: error });
  }
}

/**
 * A prover of one profile. Nothing is built before `prepare`.
 *
 * @example
 * const prover = createProver({ profile: PROFILES.quick, backend: 'native' });
 * await prover.prepare();
 * const { proof } = await prover.proveChunk(trace, challenge);
 * @throws RollupError NATIVE_UNAVAILABLE when the native backend is asked for and not built.
 */
export function createProver(options: ProverOptions): Prover {
  return new Prover(options);
}
