/** Somebody sees the sequencer's assertion before it is included, and gets in first. */

import type { AssertionChain, AssertionSubmission, WithBlobs } from '@quittance/chain';

/** A batch with the blobs that its transaction carries. */
export type Asserted = WithBlobs<AssertionSubmission>;

/** A door to L1 through which somebody can push in. */
export interface FrontRunning {
  /** For the sequencer. */
  readonly chain: AssertionChain;
  /** Before the next assertion is sent, `first` is given it; it is sent when that ends. */
  arm(first: (submission: Asserted) => Promise<void>): void;
}

/** The door before `chain`. */
export function createFrontRunning(chain: AssertionChain): FrontRunning {
  let armed: ((submission: Asserted) => Promise<void>) | undefined;
  return {
    chain: {
      ...chain,
      async send(action, signal) {
        if (action.type === 'assertBatch' && armed !== undefined) {
          const first = armed;
          armed = undefined;
          await first({ ...action.submission, blobs: (action.blobs ?? []).map(({ blob }) => blob) });
        }
        return chain.send(action, signal);
      },
    },
    arm(first) {
      armed = first;
    },
  };
}
