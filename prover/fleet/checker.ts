/** Verifies proofs of others on a thread of its own, so that a flood of wrong ones takes nothing from the rest of the process. */

import type { Groth16Proof, VerifyingKey } from '@quittance/protocol';
import { createTaskQueue } from '../../runtime/index.ts';
import { WorkerPool } from '../workers.ts';
import type { CheckRequest, CheckSetting } from './check-thread.ts';

/** Checks proofs of one circuit. */
export interface ProofChecker {
  /** Whether L1 would take it. @throws RollupError QUEUE_FULL when too many wait. */
  check(publicInputs: readonly bigint[], proof: Groth16Proof): Promise<boolean>;
  close(): Promise<void>;
}

/** Proofs that wait: some milliseconds each. */
const MAX_WAITING = 64;

/** A checker of proofs under this key. Its thread starts with the first proof, and again after one that broke it. */
export function createProofChecker(key: VerifyingKey): ProofChecker {
  const queue = createTaskQueue(MAX_WAITING);
  let pool: WorkerPool | undefined;
  const ready = (): WorkerPool => {
    if (pool?.isBroken === false) return pool;
    const setting: CheckSetting = { key, mod: 'data:,' };
    pool = new WorkerPool(new URL('./check-thread.ts', import.meta.url), setting, 1);
    return pool;
  };
  return {
    check: (publicInputs, proof) =>
      queue.run(() => ready().run<boolean>({ publicInputs, proof } satisfies CheckRequest)),
    async close() {
      await queue.drain();
      await pool?.close();
    },
  };
}
