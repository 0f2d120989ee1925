/**
 * Decides what to read again when L1's answers do not fit together. What a node left out may lie anywhere after the last
 * operation that is known; but a node that goes on like this is not asked for all of that with every look.
 */

import { isRollupError } from '@quittance/protocol';
import type { ReadingPoint } from './reading-point.ts';

/** Where to read again: where this reading began, or everything after the last operation that is known. */
export type Retrial = 'here' | 'lastOperation' | 'giveUp';

/** One look at L1. */
export interface Trial {
  /** What to do after this error. @param point where the reading that failed began. */
  after(error: unknown, point: Pick<ReadingPoint, 'isRereading'>): Retrial;
}

/** What earlier looks tell the later ones. */
export interface Retrials {
  begin(): Trial;
  /** A look came to its end. */
  succeeded(): void;
}

/** So often in one look L1 may change while it is read. */
const MAX_CHANGES = 3;
/** Going back in vain is repeated after 0, 1, 3, 7, … failed looks, at most so many. */
const MAX_PAUSE = 63;

/** Nothing has failed yet. */
export function createRetrials(): Retrials {
  /** Failed looks until going back is tried again. */
  let pause = 0;
  let nextPause = 0;
  return {
    begin() {
      let changes = 0;
      let hasGoneBack = false;
      return {
        after(error, { isRereading }) {
          if (isRollupError(error, 'L1_REORG')) {
            changes += 1;
            return changes > MAX_CHANGES ? 'giveUp' : 'here';
          }
          if (!isRollupError(error, 'L1_LOGS_INCOMPLETE') && !isRollupError(error, 'L1_INCONSISTENT')) return 'giveUp';
          if (hasGoneBack) {
            pause = nextPause;
            nextPause = Math.min(MAX_PAUSE, 2 * nextPause + 1);
            return 'giveUp';
          }
          if (isRereading) return 'giveUp';
          if (pause > 0) {
            pause -= 1;
            return 'giveUp';
          }
          hasGoneBack = true;
          return 'lastOperation';
        },
      };
    },
    succeeded() {
      pause = 0;
      nextPause = 0;
    },
  };
}
