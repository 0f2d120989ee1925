/** A prover whose proofs take a while, fail, or are bad, as the world has it. */

import { RollupError } from '@quittance/protocol';
import type { Clock } from '../../../../runtime/index.ts';
import type { BatchProver } from '../../../../sequencer/index.ts';
import { BAD_PROOF, provesChunk, simProof } from '../l1/proofs.ts';

export interface ProverFaults {
  proofMs(): number;
  /**
   * What becomes of the next proof. `bad`: it does not verify, and the prover says so; `unnoticed`: it is damaged after that, and
   * only L1 finds out.
   */
  outcome(): 'good' | 'fails' | 'bad' | 'unnoticed';
}

/** Proves whatever it is given: L1 knows what is true. */
export function createSimProver(clock: Clock, faults: ProverFaults): BatchProver {
  /** Chunks that were tried: a prover that makes bad proofs only has to be replaced by people. */
  const tried = new WeakSet<object>();
  return {
    async proveChunk(trace, _challenge, { signal } = {}) {
      await clock.sleep(faults.proofMs(), signal);
      const outcome = faults.outcome();
      const isFirst = !tried.has(trace);
      tried.add(trace);
      if (outcome === 'fails') throw new RollupError('PROVING_FAILED', 'the prover failed', { reason: 'told to' });
      if (outcome === 'bad' && isFirst) throw new RollupError('PROOF_INVALID', 'the proof does not verify', {});
      return { proof: outcome === 'unnoticed' ? BAD_PROOF : simProof(trace) };
    },
    verifyChunk: async (trace, _challenge, proof) => provesChunk(proof, trace),
  };
}
