import { rm } from 'node:fs/promises';
import { checkWitness } from '../native/index.ts';
import {
  type ChunkPublicInputs,
  type ChunkTrace,
  chunkPublicInputs,
  type Groth16Proof,
  isRollupError,
  type Profile,
  publicInputsOf,
  RollupError,
  type VerifyingKey,
} from '../protocol/index.ts';
import type { Logger } from '../runtime/index.ts';
import { findViolation } from './artifacts/check.ts';
import type { CompileOptions } from './artifacts/compile.ts';
import { ensureDevelopmentKey, type KeyArtifact, type KeySubject, readCeremonyKey } from './artifacts/keys.ts';
import { type ChunkArtifacts, prepareChunkArtifacts } from './artifacts/profile.ts';
import { type BackendChoice, chooseBackend } from './backends/choose.ts';
import type { BackendName, BackendResult, ProvingFiles } from './backends/types.ts';
import { chunkInputs, describeRejection, expectPublicInputs } from './chunkWitness.ts';
import { TaskQueue } from './queue.ts';
import { timed } from './timings.ts';
import type { OnProgress, TaskOptions } from './types.ts';
import { verifyProof } from './verify.ts';
import { decodeVerifyingKey, type VerifyingKeyJson } from './verifyingKey.ts';
import { diagnoseRejection } from './witness/diagnose.ts';
import type { WitnessGenerator } from './witness/types.ts';

/** Chunks that may wait for proving unless the caller says otherwise: two batches of the largest profile. */
const DEFAULT_MAX_PENDING_CHUNKS = 18;

export interface ProverOptions {
  readonly profile: Pick<Profile, 'slotsPerChunk'> & { readonly name: string };
  readonly backend: BackendName;
  readonly logger?: Logger | undefined;
  readonly buildDirectory?: string | undefined;
  /** Seed of the development key; whoever knows it can forge proofs. */
  readonly developmentSeed?: string | undefined;
  /** A proving key from a ceremony (snarkjs backend) in place of a development key. */
  readonly ceremonyZkeyPath?: string | undefined;
  /** Worker threads of circom's witness calculators; as many as cores if not given. */
  readonly witnessThreads?: number | undefined;
  readonly maxPendingChunks?: number | undefined;
}

/** A verified proof of one chunk. */
export interface ChunkProof {
  readonly proof: Groth16Proof;
  readonly publicInputs: ChunkPublicInputs;
  /** Wall-clock seconds: `witness`, `prove`, `verify`, and the backend's own stages under their names. */
  readonly timings: Readonly<Record<string, number>>;
  /** Peak resident bytes of the proving process, where the backend has one of its own. */
  readonly peakBytes?: number;
}

interface Prepared {
  readonly artifacts: ChunkArtifacts;
  readonly provingKeyPath: string;
  readonly verifyingKeyJson: VerifyingKeyJson;
  readonly verifyingKey: VerifyingKey;
  readonly witnesses: WitnessGenerator;
}

type ProvingKey = Pick<KeyArtifact, 'provingKeyPath' | 'verifyingKey'>;

/** Proves executed chunks of one profile with one backend. Every proof is verified before it leaves. */
export class Prover {
  readonly #options: ProverOptions;
  readonly #choice: BackendChoice;
  readonly #queue: TaskQueue;
  readonly #closing = new AbortController();
  #preparing: Promise<Prepared> | undefined;
  #prepared: Prepared | undefined;

  constructor(options: ProverOptions) {
    this.#options = options;
    this.#choice = chooseBackend(options.backend);
    this.#queue = new TaskQueue(options.maxPendingChunks ?? DEFAULT_MAX_PENDING_CHUNKS);
    if (options.ceremonyZkeyPath !== undefined && options.backend !== 'snarkjs') {
      throw new RollupError('CONFIG_INVALID', 'a ceremony key (.zkey) serves the snarkjs backend only', {});
    }
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

  /** layout.json and the proving key: for the snarkjs backend a .zkey that snarkjs itself proves from. */
  get files(): ProvingFiles {
    const { artifacts, provingKeyPath } = this.#requirePrepared();
    return { layoutPath: artifacts.layoutPath, provingKeyPath };
  }

  /** Makes or loads circuits and keys. Idempotent; a failure can be tried again. */
  async prepare(onProgress?: OnProgress): Promise<void> {
    this.#preparing ??= this.#prepare(onProgress);
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
   * @throws RollupError WITNESS_REJECTED with the slot and its record, PROOF_INVALID, QUEUE_FULL, CHUNK_SIZE, CANCELLED.
   */
  proveChunk(trace: ChunkTrace, challenge: bigint, options: TaskOptions = {}): Promise<ChunkProof> {
    const expected = this.#options.profile.slotsPerChunk;
    if (trace.slots.length !== expected) {
      const message = `a chunk of this profile has ${expected} slots, not ${trace.slots.length}`;
      return Promise.reject(new RollupError('CHUNK_SIZE', message, { expected, actual: trace.slots.length }));
    }
    const signals = [this.#closing.signal, ...(options.signal ? [options.signal] : [])];
    const task = { ...options, signal: AbortSignal.any(signals) };
    return this.#queue.run(async () => {
      await this.prepare(options.onProgress);
      return this.#prove(this.#requirePrepared(), trace, challenge, task);
    });
  }

  /** The witness of a chunk, all constraints checked; `writeWitness` makes a .wtns of it. @throws as `proveChunk`. */
  async makeWitness(trace: ChunkTrace, challenge: bigint, options: TaskOptions = {}): Promise<Uint8Array> {
    await this.prepare(options.onProgress);
    const prepared = this.#requirePrepared();
    const witness = await this.#makeWitness(prepared, trace, challenge, options);
    if (prepared.witnesses.isTotal) {
      await checkWitness({ layoutPath: prepared.artifacts.layoutPath, witness }).catch((error: unknown) =>
        this.#explain(error, prepared, trace, challenge, options),
      );
    }
    return witness;
  }

  /** Cancels what runs and waits, and ends all threads and processes. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#preparing?.catch(() => undefined);
    await this.#queue.drain();
    await this.#prepared?.witnesses.close();
    await this.#choice.backend.close();
  }

  async #makeWitness(
    prepared: Prepared,
    trace: ChunkTrace,
    challenge: bigint,
    options: TaskOptions,
  ): Promise<Uint8Array> {
    const { artifacts, witnesses } = prepared;
    const inputs = chunkInputs(artifacts, trace, challenge);
    const witness = await witnesses
      .generate(artifacts.tiled, inputs, options)
      .catch((error: unknown) => this.#explain(error, prepared, trace, challenge, options));
    expectPublicInputs(witness, publicInputsOf(chunkPublicInputs(trace, challenge)));
    return witness;
  }

  /** Throws what is known about a failure: for a rejected witness the slot, its record and the circuit's reason. */
  async #explain(
    error: unknown,
    { artifacts, witnesses }: Prepared,
    trace: ChunkTrace,
    challenge: bigint,
    options: TaskOptions,
  ): Promise<never> {
    const { slot, root, context } = artifacts.tiles;
    const wasmPaths = Object.fromEntries([slot, root, context].map((tile) => [tile.name, tile.circuit.wasmPath]));
    const inputs = chunkInputs(artifacts, trace, challenge);
    const reason = witnesses.isTotal
      ? await diagnoseRejection(error, wasmPaths, artifacts.tiled, inputs, options)
      : error;
    throw describeRejection(reason, trace);
  }

  async #prove(prepared: Prepared, trace: ChunkTrace, challenge: bigint, options: TaskOptions): Promise<ChunkProof> {
    const timings: Record<string, number> = {};
    const publicInputs = chunkPublicInputs(trace, challenge);
    const witness = await timed(timings, 'witness', () => this.#makeWitness(prepared, trace, challenge, options));
    const job = { ...this.files, witness };
    const result = await timed(timings, 'prove', () => this.#choice.backend.prove(job, options)).catch(
      (error: unknown) => this.#explain(error, prepared, trace, challenge, options),
    );
    await timed(timings, 'verify', () => this.#check(prepared, result, publicInputs, witness));
    return {
      proof: result.proof,
      publicInputs,
      timings: { ...result.stages, ...timings },
      ...(result.peakBytes === undefined ? {} : { peakBytes: result.peakBytes }),
    };
  }

  /** A proof that does not verify has a reason: a witness that breaks a constraint is named. */
  async #check(
    prepared: Prepared,
    { proof }: BackendResult,
    inputs: ChunkPublicInputs,
    witness: Uint8Array,
  ): Promise<void> {
    try {
      await verifyProof(prepared.verifyingKey, publicInputsOf(inputs), proof);
    } catch (error) {
      const violation = findViolation(prepared.artifacts.tiled, witness);
      if (!violation) throw error;
      const { tile, instanceIndex, row } = violation;
      const message = `row ${row} of ${tile} ${instanceIndex} does not hold`;
      throw new RollupError('WITNESS_REJECTED', message, { ...violation }, { cause: error });
    }
  }

  async #prepare(onProgress: OnProgress | undefined): Promise<Prepared> {
    const { profile, logger, buildDirectory, developmentSeed, ceremonyZkeyPath, witnessThreads } = this.#options;
    const options = { logger, buildDirectory, onProgress, signal: this.#closing.signal };
    onProgress?.({ stage: 'compile', done: 0, total: 1 });
    const artifacts = await prepareChunkArtifacts(profile.slotsPerChunk, options);
    onProgress?.({ stage: 'compile', done: 1, total: 1 });
    const subject = { ...artifacts, name: `${profile.name}${profile.slotsPerChunk}`, seed: developmentSeed };
    const key: ProvingKey =
      ceremonyZkeyPath === undefined
        ? await this.#openDevelopmentKey(subject, options)
        : { provingKeyPath: ceremonyZkeyPath, verifyingKey: await readCeremonyKey(ceremonyZkeyPath, artifacts.tiled) };
    const { slot, root, context } = artifacts.tiles;
    const circuits = [slot, root, context].map((tile) => tile.circuit);
    return {
      artifacts,
      provingKeyPath: key.provingKeyPath,
      verifyingKeyJson: key.verifyingKey,
      verifyingKey: decodeVerifyingKey(key.verifyingKey),
      witnesses: await this.#choice.createWitnessGenerator(circuits, { ...options, threadCount: witnessThreads }),
    };
  }

  /** A key that is intact but that the backend cannot use (made by another version of it) is made again, once. */
  async #openDevelopmentKey(subject: KeySubject, options: CompileOptions & TaskOptions): Promise<ProvingKey> {
    const { backend, keyMaker } = this.#choice;
    const open = async (): Promise<KeyArtifact> => {
      const key = await ensureDevelopmentKey(subject, keyMaker, options);
      await backend
        .open({ layoutPath: subject.layoutPath, provingKeyPath: key.provingKeyPath })
        .catch(async (error) => {
          if (isRollupError(error, 'ARTIFACT_DAMAGED')) await rm(key.directory, { recursive: true, force: true });
          throw error;
        });
      return key;
    };
    return open().catch((error: unknown) => {
      if (!isRollupError(error, 'ARTIFACT_DAMAGED')) throw error;
      options.logger?.warn(`${error.message}; making the key again`, error.data);
      return open();
    });
  }

  #requirePrepared(): Prepared {
    if (this.#prepared) return this.#prepared;
    throw new RollupError('ARTIFACT_MISSING', 'circuits and keys are not ready: call prepare() first', {});
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
