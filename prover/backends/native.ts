/** Proves with the addon. */

import { isRollupError } from '@quittance/protocol';
import { type NativeProver, openProver } from '../../native/index.ts';
import { nativeProofNeeds } from '../resources.ts';
import type { TaskOptions } from '../types.ts';
import type { BackendResult, ProofJob, ProverBackend, ProvingFiles } from './types.ts';

/** Proves with the Rust core on all cores. The key stays mapped between proofs. */
export class NativeBackend implements ProverBackend {
  readonly name = 'native';
  readonly needs = nativeProofNeeds;
  readonly #blinding: boolean;
  #opened: { readonly files: ProvingFiles; readonly prover: NativeProver } | undefined;

  /** @param blinding whether proofs hide the witness: off, because all of it is public (docs/adr/0009-no-blinding.md). */
  constructor(blinding = false) {
    this.#blinding = blinding;
  }

  async open(files: ProvingFiles): Promise<void> {
    const { layoutPath, provingKeyPath } = files;
    if (this.#opened?.files.layoutPath === layoutPath && this.#opened.files.provingKeyPath === provingKeyPath) return;
    this.#opened = { files: { layoutPath, provingKeyPath }, prover: await openProver({ layoutPath, provingKeyPath }) };
  }

  async prove(job: ProofJob, options: TaskOptions = {}): Promise<BackendResult> {
    const wasOpen = this.#opened;
    await this.open(job);
    try {
      return await this.#proveOnce(job, options);
    } catch (error) {
      if (!isRollupError(error, 'ARTIFACT_DAMAGED')) throw error;
      this.#opened = undefined;
      if (wasOpen === undefined) throw error;
    }
    // The file changed under an open mapping. It is read anew, once: intact again, it proves; else this says what is wrong.
    await this.open(job);
    return this.#proveOnce(job, options);
  }

  async #proveOnce(job: ProofJob, { signal, onProgress }: TaskOptions): Promise<BackendResult> {
    const { proof, timings } = await this.#opened!.prover.prove({
      witness: job.witness,
      blinding: this.#blinding,
      ...(signal ? { signal } : {}),
      ...(onProgress ? { onProgress } : {}),
    });
    const stages = Object.entries(timings).map(([stage, milliseconds]) => [stage, milliseconds / 1000]);
    return { proof, stages: Object.fromEntries(stages) };
  }

  async close(): Promise<void> {
    this.#opened = undefined;
  }
}
