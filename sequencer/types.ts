/** What the sequencer is given, cryptography and a prover, and the names of the states of its work. */

import type { ChunkTrace, Crypto, Engine, Groth16Proof, SignatureCheck } from '@quittance/protocol';
import type { BatchState } from '../storage/index.ts';

/** The protocol's cryptography and an engine, with a faster way to check many signatures where there is one. */
export interface SequencerCrypto extends Crypto {
  /** Executes batches. */
  readonly engine: Engine;
  /** The verdict on each check, in order; may run on other threads. When absent, `verifier` checks one by one. */
  verifyBatch?(checks: readonly SignatureCheck[]): boolean[] | Promise<boolean[]>;
}

/** Options of a proof. */
export interface ProveOptions {
  readonly signal?: AbortSignal;
}

/** Makes the proof of a chunk. It verifies what it returns. */
export interface BatchProver {
  /** @throws RollupError WITNESS_REJECTED, PROOF_INVALID, or the signal's reason. */
  proveChunk(trace: ChunkTrace, challenge: bigint, options?: ProveOptions): Promise<{ readonly proof: Groth16Proof }>;
  /** Whether L1 would take this proof of the chunk. */
  verifyChunk(trace: ChunkTrace, challenge: bigint, proof: Groth16Proof): Promise<boolean>;
}

/** The status of a transfer: accepted, then that of its batch; or dropped when its batch was sealed. */
export type TransferStatus = 'pending' | BatchState | 'dropped';

/** Which state to read: everything accepted, what is on L1, what is final. */
export type StateTag = 'latest' | 'safe' | 'finalized';

/** The answer to the sender of a transfer, once it is durable. */
export interface Acknowledgement {
  /** Transaction id. */
  readonly id: bigint;
  /** Its place in the log. */
  readonly sequence: number;
  readonly status: TransferStatus;
  /** Kind 2: the index of the account that it creates. */
  readonly to?: number;
}
