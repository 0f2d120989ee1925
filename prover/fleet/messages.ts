/** What the prover API of a sequencer and its workers say to each other: JSON, below `/prover/v1`. */

import type { ProofJson } from '../formats/proof-json.ts';

/** Where the API begins. */
export const FLEET_PATH = '/prover/v1';
/** A worker says so often that it is still at it; three that are missing end its lease. */
export const HEARTBEAT_SECONDS = 10;
/** The longest that a worker may wait for work. */
export const MAX_WAIT_MS = 30_000;
/** Proofs that a worker keeps and offers again: of a batch of the largest profile. */
export const MAX_HELD_PROOFS = 64;
/** Circuits that a worker can declare. */
export const MAX_CIRCUITS = 8;

/** `POST pick`. */
export interface PickRequest {
  /** Instance of the worker, for people: host and process. */
  readonly worker: string;
  readonly version: string;
  /** Hashes of the verifying keys that it can prove for. */
  readonly circuits: readonly string[];
  readonly backend: string;
  readonly memoryBytes: number;
  readonly waitMs: number;
  /** Statements whose proofs it made before and still has. */
  readonly held?: readonly string[];
}

/** What an accepted proof earns. */
export interface RewardJson {
  readonly tokenId: number;
  /** Base units, decimal. */
  readonly amount: string;
}

/** The answer to `POST pick`: a chunk to prove. Without one the answer is 204. */
export interface PickAnswer {
  readonly lease: string;
  readonly statement: string;
  readonly circuit: string;
  readonly batch: number;
  readonly headerHash: string;
  readonly chunk: number;
  /** z of the batch, decimal. */
  readonly challenge: string;
  readonly input: { readonly url: string; readonly sha256: string };
  readonly heartbeatSeconds: number;
  readonly reward: RewardJson | null;
}

/** `POST leases/<id>/proof`. The statement counts, whatever became of the lease. */
export interface ProofRequest {
  readonly statement: string;
  readonly proof: ProofJson;
}

/** What became of a proof; of a closed statement (410) and a wrong proof (422) an error says it. */
export interface ProofAnswer {
  readonly result: 'accepted' | 'duplicate';
  readonly reward: RewardJson | null;
}

/** `POST leases/<id>/fail`. */
export interface FailRequest {
  /** Code and message of what went wrong. */
  readonly reason: string;
  /** Nothing went wrong: it stops, or others were quicker. */
  readonly released?: boolean;
}

/** A file that provers of a circuit may fetch. */
export interface ArtifactFile {
  readonly name: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** `GET artifacts/<circuit>/manifest`. */
export interface ArtifactManifest {
  readonly circuit: string;
  readonly profile: string;
  readonly slotsPerChunk: number;
  /** Made by each worker itself from its public seed: nothing to fetch. */
  readonly development: boolean;
  readonly files: readonly ArtifactFile[];
}

/** What the fleet says of one worker. */
export interface WorkerStatus {
  readonly name: string;
  readonly kind: 'own' | 'market' | 'local';
  /** Leases that it has now. */
  readonly leases: number;
  readonly accepted: number;
  /** Invalid proofs. */
  readonly strikes: number;
  readonly quarantined: boolean;
  readonly failures: number;
  /** Seconds since it was heard of; null: not since the start. */
  readonly secondsAgo: number | null;
}

/** `GET status`: how the fleet does. */
export interface FleetStatus {
  readonly circuit: string;
  readonly profile: string;
  /** Whether this node hands out work: false on all but the leader of a cluster. */
  readonly leads: boolean;
  readonly market: boolean;
  /** Chunks without a proof. */
  readonly open: number;
  /** Of those, how many somebody proves. */
  readonly leased: number;
  /** Seconds that the oldest has waited; null when there is none. */
  readonly oldestSeconds: number | null;
  /** Proofs accepted since the start. */
  readonly accepted: number;
  /** Seconds from lease to proof over the last ones; null before the first. */
  readonly p50Seconds: number | null;
  readonly p95Seconds: number | null;
  readonly workers: readonly WorkerStatus[];
  readonly leases: readonly {
    readonly worker: string;
    readonly batch: number;
    readonly chunk: number;
    readonly seconds: number;
  }[];
  readonly rewards: FleetRewards | null;
}

/** What proofs cost. Amounts in base units, decimal. */
export interface FleetRewards {
  readonly tokenId: number;
  /** Of a proof that nobody waited for. */
  readonly amount: string;
  /** Ledgered for batches that are not final yet, or not paid yet. */
  readonly owed: string;
  /** In transfers that are durable. */
  readonly paid: string;
  /** What the last batch whose proofs are all there cost; null before the first. */
  readonly lastBatch: string | null;
}
