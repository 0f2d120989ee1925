/** Proves with the addon. */

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
    await this.open(job);
    const { proof, timings } = await this.#opened!.prover.prove({
      witness: job.witness,
      blinding: this.#blinding,
      ...(options.signal ? { signal: options.signal } : {}),
      ...(options.onProgress ? { onProgress: options.onProgress } : {}),
    });
    const stages = Object.entries(timings).map(([stage, milliseconds]) => [stage, milliseconds / 1000]);
    return { proof, stages: Object.fromEntries(stages) };
  }

  async close(): Promise<void> {
    this.#opened = undefined;
  }
}
