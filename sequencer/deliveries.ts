/** What is to be told, in order and a little at a time: whoever makes it happen waits for nobody who hears of it. */

import { RollupError } from '@quittance/protocol';
import { createSlices } from '../runtime/index.ts';

/** Things to be told of. */
export interface Deliveries<T> {
  /** Tells of it in a later turn of the event loop. @param weight what it counts for while it waits. */
  add(item: T, weight?: number): void;
}

export interface DeliveriesOptions<T> {
  /** Tells all who are to hear of it; others run between the steps. */
  readonly tell: (item: T) => Iterable<unknown>;
  /** One could not be told of, or too many waited and none of those is told: all who listen may have missed something. */
  readonly fail: (error: unknown) => void;
  /** Most that waits, by its weight. */
  readonly most?: number;
}

/** Some 30 MB, if all are transfers. */
export const MOST_WAITING = 20_000;
/** How long others wait for this. */
const SLICE_MS = 2;

/** The reason why whoever listens has to begin anew. */
function tooMuchWaits(most: number, actual: number): RollupError {
  const message = `more happens than can be told of: ${most} may wait; subscribe again from where it was`;
  return new RollupError('RATE_LIMITED', message, { retryAfterSeconds: 1, expected: most, actual });
}

/** Deliveries of which none waits. */
export function createDeliveries<T>({ tell, fail, most = MOST_WAITING }: DeliveriesOptions<T>): Deliveries<T> {
  const waiting: { readonly item: T; readonly weight: number }[] = [];
  let weightWaiting = 0;
  let isRunning = false;

  const drain = async (): Promise<void> => {
    const pause = createSlices(SLICE_MS);
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      weightWaiting -= next.weight;
      try {
        for (const _ of tell(next.item)) {
          const paused = pause();
          if (paused !== undefined) await paused;
        }
      } catch (error) {
        fail(error);
      }
    }
    isRunning = false;
  };

  return {
    add(item, weight = 1) {
      weightWaiting += weight;
      if (weightWaiting > most) {
        const error = tooMuchWaits(most, weightWaiting);
        waiting.length = 0;
        weightWaiting = 0;
        fail(error);
        return;
      }
      waiting.push({ item, weight });
      if (isRunning) return;
      isRunning = true;
      setImmediate(() => void drain());
    },
  };
}
