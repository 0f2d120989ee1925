/** Who proves for a sequencer, and what. */

import type { Groth16Proof } from '@quittance/protocol';
import type { ProverJob } from '../../prover/index.ts';

/** Whom rewards go to: a key of the rollup and the L1 address that may withdraw. */
export interface Payee {
  readonly keyY: bigint;
  readonly owner: bigint;
}

/** Whoever proves: by a token of the operator (`own`), by one of the open market, or in this process (`local`). */
export interface WorkerIdentity {
  /** Tells workers apart for good: of its token, of its payout key. */
  readonly id: string;
  /** For people. Never the label of a metric: others choose it. */
  readonly name: string;
  readonly kind: 'own' | 'market' | 'local';
  /** Undefined where nothing is owed. */
  readonly payee?: Payee | undefined;
}

/** A chunk that needs a proof. */
export interface Statement {
  /** `statementOf` what it states: the same after every restart. */
  readonly id: string;
  readonly batch: number;
  readonly headerHash: string;
  readonly chunk: number;
  /** In the order of the verifier. */
  readonly publicInputs: readonly bigint[];
  readonly job: ProverJob;
}

/** Base units of a token. */
export interface Reward {
  readonly tokenId: number;
  readonly amount: bigint;
}

/** Somebody proves a statement. */
export interface Lease {
  readonly id: string;
  readonly worker: WorkerIdentity;
  /** Which of the machines that share its token. */
  readonly instance: string;
  readonly statement: Statement;
  readonly sinceMs: number;
  /** Fixed when it begins: waiting with a proof earns nothing. */
  readonly reward: Reward | undefined;
}

/** Where proofs go: whoever leads has chunks to prove. */
export interface Desk {
  /** Whether chunks of the start are still being prepared: a statement that is not known may be known soon. */
  readonly isOpening: boolean;
  /** Somebody begins to prove it. */
  leased(statement: Statement): void;
  /** Keeps a valid proof. It is durable when this returns. @throws RollupError when it cannot be kept. */
  accept(statement: Statement, proof: Groth16Proof, proveMs: number): void;
}
