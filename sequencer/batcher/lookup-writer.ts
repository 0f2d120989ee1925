/** Writes down what entries of the log are found by, beside everything else: nothing waits for it. */

import { asRollupError, type RollupError } from '@quittance/protocol';
import type { Storage } from '../../storage/index.ts';

/** Writes lookups. */
export interface LookupWriter {
  /** Begins with what is not written yet, unless it is writing. */
  wake(): void;
  /** Ends after the present step; what is not written then is read from the log by the next start. */
  stop(): Promise<void>;
}

export interface LookupWriterOptions {
  readonly storage: Pick<Storage, 'lookups'>;
  /** Lets other work run. */
  readonly pause: () => Promise<void>;
  readonly halt: (error: RollupError) => void;
}

/** A writer that waits. */
export function createLookupWriter({ storage, pause, halt }: LookupWriterOptions): LookupWriter {
  let running: Promise<void> | undefined;
  let isStopped = false;

  const write = async (): Promise<void> => {
    try {
      for (const _ of storage.lookups.flush()) {
        await pause();
        if (isStopped) return;
      }
    } catch (error) {
      halt(asRollupError('writing lookups', error));
    }
  };

  return {
    wake() {
      if (isStopped) return;
      running ??= write().finally(() => {
        running = undefined;
      });
    },
    async stop() {
      isStopped = true;
      await running;
    },
  };
}
