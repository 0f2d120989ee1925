/** Lets sealed batches leave, in order: one that the shadow looks at after it agreed, and none behind one on which it does not. */

import { asRollupError, type RollupError } from '@quittance/protocol';
import type { Storage } from '../../storage/index.ts';
import type { ExecutedBatch } from './batch.ts';
import type { Shadow } from './shadow.ts';
import { forgetUnverified } from './unverified.ts';

/** The way out of the sealer. */
export interface Clearance {
  /** Takes the batch that was sealed last. */
  add(batch: ExecutedBatch): void;
  /** Resolves when all that was taken has left, or stays. */
  settled(): Promise<void>;
}

export interface ClearanceOptions {
  readonly storage: Storage;
  readonly shadow: Pick<Shadow, 'verdict'>;
  /** Called with each batch that may leave. */
  readonly onCleared: (batch: ExecutedBatch) => void;
  readonly halt: (error: RollupError) => void;
}

/** Nothing waits yet. */
export function createClearance({ storage, shadow, onCleared, halt }: ClearanceOptions): Clearance {
  /** Whether all batches so far may leave. */
  let cleared: Promise<boolean> = Promise.resolve(true);
  return {
    add(batch) {
      cleared = Promise.all([cleared, shadow.verdict()])
        .then(([before, agrees]) => {
          if (!before || !agrees) return false;
          forgetUnverified(storage, batch.header.number);
          onCleared(batch);
          return true;
        })
        .catch((error: unknown) => {
          halt(asRollupError('publishing', error));
          return false;
        });
    },
    async settled() {
      await cleared;
    },
  };
}
