/** Somebody sees the sequencer's assertion before it is included, and gets in first. */

import type { AssertionChain, AssertionSubmission } from '@quittance/chain';

/** A door to L1 through which somebody can push in. */
export interface FrontRunning {
  /** For the sequencer. */
  readonly chain: AssertionChain;
  /** Before the next assertion is sent, `first` is given it; it is sent when that ends. */
  arm(first: (submission: AssertionSubmission) => Promise<void>): void;
}

/** The door before `chain`. */
export function createFrontRunning(chain: AssertionChain): FrontRunning {
  let armed: ((submission: AssertionSubmission) => Promise<void>) | undefined;
  return {
    chain: {
      ...chain,
      async send(action, signal) {
        if (action.type === 'assertBatch' && armed !== undefined) {
          const first = armed;
          armed = undefined;
          await first(action.submission);
        }
        return chain.send(action, signal);
      },
    },
    arm(first) {
      armed = first;
    },
  };
}
