/** A prover whose proofs take a while, fail, or are bad, as the world has it. */

import { RollupError } from '@quittance/protocol';
import type { Clock } from '../../../../runtime/index.ts';
import type { BatchProver } from '../../../../sequencer/index.ts';
import { BAD_PROOF, provesChunk, simProof } from '../l1/proofs.ts';

export interface ProverFaults {
  proofMs(): number;
  /** What becomes of the next proof. */
  outcome(): 'good' | 'fails' | 'bad';
}

/** Proves whatever it is given: L1 knows what is true. */
export function createSimProver(clock: Clock, faults: ProverFaults): BatchProver {
  return {
    async proveChunk(trace, _challenge, { signal } = {}) {
      await clock.sleep(faults.proofMs(), signal);
      const outcome = faults.outcome();
      if (outcome === 'fails') throw new RollupError('PROVING_FAILED', 'the prover failed', { reason: 'told to' });
      return { proof: outcome === 'bad' ? BAD_PROOF : simProof(trace) };
    },
    verifyChunk: async (trace, _challenge, proof) => provesChunk(proof, trace),
  };
}
