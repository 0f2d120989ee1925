/** Lets work that takes long on the main thread pass in turns between senders, a little in each turn of the event loop. */

import { RollupError } from '@quittance/protocol';
import { createTurns, type Source } from '../mempool/turns.ts';

/** Lets work pass. */
export interface Gate {
  /**
   * Runs `work` when it is its sender's turn.
   *
   * @param units what it costs (`weights.ts`).
   * @throws RollupError RATE_LIMITED when too much waits and most of it is this sender's; or what `work` throws.
   */
  pass<T>(source: Source, units: number, work: () => T): Promise<T>;
}

/** Most work that waits. */
const MAX_WAITING = 1_000;
/** Work of so many units is done before everything else gets its turn: a millisecond or so. */
const UNITS_PER_TURN = 20;

interface Waiting {
  readonly units: number;
  run(): void;
  refuse(error: unknown): void;
}

function tooMuchWaits(): RollupError {
  const message = `${MAX_WAITING} reads are waiting, most of them of this address; ask again later`;
  return new RollupError('RATE_LIMITED', message, { retryAfterSeconds: 1, expected: MAX_WAITING, actual: MAX_WAITING });
}

/** A gate that nothing waits at. */
export function createGate(): Gate {
  const waiting = createTurns<Waiting>(MAX_WAITING);
  let isOpen = false;

  const open = (): void => {
    for (let units = 0; units < UNITS_PER_TURN && waiting.size > 0; ) {
      const [next] = waiting.take(1) as [Waiting];
      next.run();
      units += next.units;
    }
    isOpen = waiting.size > 0;
    if (isOpen) setImmediate(open);
  };

  return {
    pass<T>(source: Source, units: number, work: () => T): Promise<T> {
      const { promise, resolve, reject } = Promise.withResolvers<T>();
      const run = (): void => {
        try {
          resolve(work());
        } catch (error) {
          reject(error);
        }
      };
      waiting.add(source, { units, run, refuse: reject })?.refuse(tooMuchWaits());
      if (!isOpen) {
        isOpen = true;
        setImmediate(open);
      }
      return promise;
    },
  };
}
