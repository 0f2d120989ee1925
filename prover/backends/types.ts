/** What a way to prove has to offer. */

import type { Groth16Proof } from '@quittance/protocol';
import type { Needs } from '../resources.ts';
import type { Layout } from '../tiling/layout.ts';
import type { TaskOptions } from '../types.ts';

/** Names of the ways to prove. */
export type BackendName = 'native' | 'snarkjs' | 'command';

/** Proofs that run or wait in a backend that makes one at a time. A prover keeps fewer chunks than that by itself. */
export const MAX_PENDING_PROOFS = 64;

/** What a backend proves from. */
export interface ProvingFiles {
  /** layout.json of the chunk. */
  readonly layoutPath: string;
  /** The proving key in the backend's own format. */
  readonly provingKeyPath: string;
}

/** One proof to make. */
export interface ProofJob extends ProvingFiles {
  /** Elements of 32 little-endian bytes, wire by wire. */
  readonly witness: Uint8Array;
}

/** What a backend did. */
export interface BackendResult {
  readonly proof: Groth16Proof;
  /** Wall-clock seconds by stage. */
  readonly stages: Readonly<Record<string, number>>;
  /** Peak resident bytes of the process that proved, where that process did nothing else. */
  readonly peakBytes?: number;
}

/** Makes Groth16 proofs. What it returns is not trusted: the prover verifies every proof before it leaves. */
export interface ProverBackend {
  readonly name: BackendName;
  /** What a proof takes at most, where that is known. */
  readonly needs?: (layout: Layout) => Needs;
  /**
   * Loads what many proofs share. Optional: `prove` does it where it is needed.
   *
   * @throws RollupError ARTIFACT_DAMAGED when the files do not fit each other or this version of the backend.
   */
  open(files: ProvingFiles): Promise<void>;
  /** @throws RollupError CANCELLED, WITNESS_REJECTED, ARTIFACT_DAMAGED, PROVING_FAILED when it ended without a proof. */
  prove(job: ProofJob, options?: TaskOptions): Promise<BackendResult>;
  close(): Promise<void>;
}
