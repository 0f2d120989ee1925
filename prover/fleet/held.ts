/** Proofs that a worker made and keeps, for a sequencer that has not, or not any more, heard of them. */

import type { Groth16Proof } from '@quittance/protocol';
import { MAX_HELD_PROOFS } from './messages.ts';

/** Keeps the last ones. */
export interface HeldProofs {
  put(statement: string, proof: Groth16Proof): void;
  get(statement: string): Groth16Proof | undefined;
  readonly statements: readonly string[];
}

/** No proofs. */
export function createHeldProofs(): HeldProofs {
  const proofs = new Map<string, Groth16Proof>();
  return {
    put(statement, proof) {
      proofs.set(statement, proof);
      if (proofs.size > MAX_HELD_PROOFS) proofs.delete(proofs.keys().next().value!);
    },
    get: (statement) => proofs.get(statement),
    get statements() {
      return [...proofs.keys()];
    },
  };
}
