/** Counts what goes on at a time, so that nobody takes all there is. */

import { RollupError } from '@quittance/protocol';

/** Whose count, and the most of it. */
export type Share = readonly [name: string, most: number];

/** The counts. */
export interface Turns {
  /** Counts one more in each. @throws RollupError RATE_LIMITED, with nothing counted. @returns how to leave, once. */
  enter(shares: readonly Share[]): () => void;
}

/** Nobody is there. @param what for the error: `too many ‹what›`. */
export function createTurns(what: string, retryAfterSeconds: number): Turns {
  const counts = new Map<string, number>();
  return {
    enter(shares) {
      for (const [name, most] of shares) {
        const actual = (counts.get(name) ?? 0) + 1;
        if (actual <= most) continue;
        const message = `too many ${what}; come again later`;
        throw new RollupError('RATE_LIMITED', message, { retryAfterSeconds, expected: most, actual });
      }
      for (const [name] of shares) counts.set(name, (counts.get(name) ?? 0) + 1);
      return () => {
        for (const [name] of shares) {
          const rest = counts.get(name)! - 1;
          if (rest === 0) counts.delete(name);
          else counts.set(name, rest);
        }
      };
    },
  };
}
