/** Verifies proofs of others on a thread of its own, so that a flood of wrong ones takes nothing from the rest of the process. */

import { type Groth16Proof, RollupError, type VerifyingKey } from '@quittance/protocol';
import { WorkerPool } from '../workers.ts';
import type { CheckRequest, CheckSetting } from './check-thread.ts';

/** Checks proofs of one circuit. */
export interface ProofChecker {
  /**
   * Whether L1 would take it.
   *
   * @param isStranger whether it waits behind all others, in the little room that strangers have.
   * @throws RollupError QUEUE_FULL when too many wait.
   */
  check(publicInputs: readonly bigint[], proof: Groth16Proof, isStranger?: boolean): Promise<boolean>;
  close(): Promise<void>;
}

/** Proofs that wait: some milliseconds each. */
const MAX_WAITING = 64;
/** Of strangers among them. */
const MAX_STRANGERS = 8;

type Check = () => Promise<boolean>;

/** Runs one check after the other, those of strangers when there is no other. */
function createQueue() {
  const waiting: Record<'known' | 'strangers', (() => Promise<void>)[]> = { known: [], strangers: [] };
  let running: Promise<void> | undefined;
  const runAll = async (): Promise<void> => {
    for (;;) {
      const next = waiting.known.shift() ?? waiting.strangers.shift();
      if (next === undefined) return;
      await next();
    }
  };
  return {
    run(check: Check, isStranger: boolean): Promise<boolean> {
      const own = isStranger ? waiting.strangers : waiting.known;
      const limit = isStranger ? MAX_STRANGERS : MAX_WAITING - MAX_STRANGERS;
      if (own.length >= limit) {
        const message = `${own.length} proofs wait already, and at most ${limit} may`;
        return Promise.reject(new RollupError('QUEUE_FULL', message, { limit, actual: own.length }));
      }
      const { promise, resolve, reject } = Promise.withResolvers<boolean>();
      own.push(async () => check().then(resolve, reject));
      running ??= runAll().finally(() => {
        running = undefined;
      });
      return promise;
    },
    async drain(): Promise<void> {
      await running;
    },
  };
}

/** A checker of proofs under this key. Its thread starts with the first proof, and again after one that broke it. */
export function createProofChecker(key: VerifyingKey): ProofChecker {
  const queue = createQueue();
  let pool: WorkerPool | undefined;
  const ready = (): WorkerPool => {
    if (pool?.isBroken === false) return pool;
    const setting: CheckSetting = { key, mod: 'data:,' };
    pool = new WorkerPool(new URL('./check-thread.ts', import.meta.url), setting, 1);
    return pool;
  };
  return {
    check: (publicInputs, proof, isStranger = false) =>
      queue.run(() => ready().run<boolean>({ publicInputs, proof } satisfies CheckRequest), isStranger),
    async close() {
      await queue.drain();
      await pool?.close();
    },
  };
}
