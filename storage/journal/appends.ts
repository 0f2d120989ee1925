/** The order of appends: one after the other, a bounded number at a time, and none of an epoch after one of it failed. */

import { RollupError } from '@quittance/protocol';
import { MAX_APPENDS_IN_FLIGHT, type Segment } from './types.ts';

/** Appends in their order. */
export interface Appends {
  /** @throws as `Journal.append`. */
  append(segment: Segment): Promise<void>;
  /** Fails what is in flight of this epoch or an earlier one at once, and all of it that comes. Idempotent. */
  end(epoch: number, error: RollupError): void;
  readonly inFlight: number;
  /** Resolves when none is in flight. */
  idle(): Promise<void>;
}

interface Waiting {
  readonly epoch: number;
  readonly reject: (error: unknown) => void;
}

/** Appends by `send`, which is called for one segment at a time and throws what `Journal.append` throws. */
export function createAppends(send: (segment: Segment) => Promise<void>): Appends {
  let failed: { readonly epoch: number; readonly error: unknown } | undefined;
  const waiting = new Set<Waiting>();
  let last: Promise<unknown> = Promise.resolve();
  const fail = (epoch: number, error: unknown): void => {
    if (failed === undefined || failed.epoch < epoch) failed = { epoch, error };
  };
  const sendUnlessFailed = async (segment: Segment): Promise<void> => {
    if (failed !== undefined && segment.epoch <= failed.epoch) throw failed.error;
    try {
      await send(segment);
    } catch (error) {
      // What follows was built on it: it must not reach the journal, whether or not this one did.
      fail(segment.epoch, error);
      throw error;
    }
  };
  return {
    append(segment) {
      if (waiting.size >= MAX_APPENDS_IN_FLIGHT) {
        const data = { limit: MAX_APPENDS_IN_FLIGHT, actual: waiting.size + 1 };
        return Promise.reject(new RollupError('QUEUE_FULL', `${waiting.size} segments are being appended`, data));
      }
      const turn = last.then(() => sendUnlessFailed(segment));
      last = turn.catch(() => undefined);
      return new Promise<void>((resolve, reject) => {
        const mine: Waiting = { epoch: segment.epoch, reject };
        waiting.add(mine);
        // Its place is free before anybody hears of it: who waited for that appends at once.
        const free = (): void => void waiting.delete(mine);
        turn.finally(free).then(resolve, reject);
      });
    },
    end(epoch, error) {
      fail(epoch, error);
      for (const { epoch: its, reject } of waiting) if (its <= epoch) reject(error);
    },
    get inFlight() {
      return waiting.size;
    },
    async idle() {
      await last;
    },
  };
}
