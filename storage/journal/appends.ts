/** The order of appends: one after the other, a bounded number at a time, and none of an epoch after one of it failed. */

import { RollupError } from '@quittance/protocol';
import { MAX_APPENDS_IN_FLIGHT, type Segment } from './types.ts';

/** Appends in their order. */
export interface Appends {
  /** @throws as `Journal.append`. */
  append(segment: Segment): Promise<void>;
  /** Resolves when none is in flight. */
  idle(): Promise<void>;
}

/** Appends by `send`, which is called for one segment at a time and throws what `Journal.append` throws. */
export function createAppends(send: (segment: Segment) => Promise<void>): Appends {
  let failed: { readonly epoch: number; readonly error: unknown } | undefined;
  let inFlight = 0;
  let last: Promise<unknown> = Promise.resolve();
  const sendUnlessFailed = async (segment: Segment): Promise<void> => {
    if (failed?.epoch === segment.epoch) throw failed.error;
    try {
      await send(segment);
    } catch (error) {
      // What follows was built on it: it must not reach the journal, whether or not this one did.
      failed = { epoch: segment.epoch, error };
      throw error;
    }
  };
  return {
    append(segment) {
      if (inFlight >= MAX_APPENDS_IN_FLIGHT) {
        const data = { limit: MAX_APPENDS_IN_FLIGHT, actual: inFlight + 1 };
        return Promise.reject(new RollupError('QUEUE_FULL', `${inFlight} segments are being appended`, data));
      }
      inFlight += 1;
      const done = (): void => {
        inFlight -= 1;
      };
      const turn = last.then(() => sendUnlessFailed(segment)).finally(done);
      last = turn.catch(() => undefined);
      return turn;
    },
    async idle() {
      await last;
    },
  };
}
