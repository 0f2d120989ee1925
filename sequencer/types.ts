/** What the sequencer is given, cryptography and a prover, and the names of the states of its work. */

import type { Crypto, Engine, Groth16Proof, PackedTrace } from '@quittance/protocol';
import type { BatchState } from '../storage/index.ts';

/** Hashes and checks of signatures and keys, of many at once, on bytes: integers are 32 little-endian bytes. */
export interface BulkCrypto {
  /**
   * Poseidon of each group of four field elements: 128 bytes a group, 32 a hash.
   *
   * @throws RollupError OUT_OF_RANGE when one is not below r.
   */
  hashFours(inputs: Uint8Array): Uint8Array;
  /** The same of five each: 160 bytes a group. */
  hashFives(inputs: Uint8Array): Uint8Array;
  /** A byte for each item of 192 bytes (A.x, A.y, R8.x, R8.y, S, m), 1 when its signature is valid; on other threads. */
  verifySignatures(items: Uint8Array): Promise<Uint8Array>;
  /** A byte for each y of 32 bytes, 1 when a key with it is in the prime subgroup; on other threads. */
  usableKeys(keys: Uint8Array): Promise<Uint8Array>;
}

/** The protocol's cryptography and an engine, with a faster way for many at once where there is one. */
export interface SequencerCrypto extends Crypto {
  /** Executes batches. */
  readonly engine: Engine;
  readonly bulk?: BulkCrypto;
}

/** Options of a proof. */
export interface ProveOptions {
  readonly signal?: AbortSignal;
}

/** Knows the verifying key of the contract. */
export interface ProofVerifier {
  /** Whether L1 would take this proof of the chunk. */
  verifyChunk(trace: PackedTrace, challenge: bigint, proof: Groth16Proof): Promise<boolean>;
}

/** Makes the proof of a chunk. It verifies what it returns. */
export interface BatchProver extends ProofVerifier {
  /** @throws RollupError WITNESS_REJECTED, PROOF_INVALID, or the signal's reason. */
  proveChunk(trace: PackedTrace, challenge: bigint, options?: ProveOptions): Promise<{ readonly proof: Groth16Proof }>;
}

/** Whether it makes proofs too, and does not only judge those of a fleet. */
export function canProve(prover: ProofVerifier): prover is BatchProver {
  return 'proveChunk' in prover;
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

/** What becomes of a submitted transfer. */
export type Answer =
  | { readonly acknowledgement: Acknowledgement }
  /** `isWasted`: its signature was checked, and that it is refused is no fault of ours. */
  | { readonly error: unknown; readonly isWasted?: boolean };
