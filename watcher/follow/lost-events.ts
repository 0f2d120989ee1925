/**
 * Notices lost events. A load-balanced node that lags behind may return events without the newest ones. Their effects show
 * in the contract's views; if an effect still has no event once everything up to that block was read, the last heads are
 * read again, and then everything.
 */

import type { RollupReader } from '@quittance/chain';
import { RollupError } from '@quittance/protocol';
import type { Logger } from '../../runtime/index.ts';
import type { WatcherStore } from '../store/store.ts';
import type { L1Model } from './model.ts';

export interface LostEventsOptions {
  readonly reader: RollupReader;
  readonly store: WatcherStore;
  readonly logger: Logger;
}

/** Keeps track of effects that have no event. */
export interface LostEvents {
  /**
   * Checks that the final batches of the model follow one another.
   *
   * @throws RollupError L1_LOGS_INCOMPLETE otherwise: the follower does not keep what lacks one, and reads it again.
   */
  requireFinals(model: L1Model): void;
  /**
   * Records what the views show after a poll that read up to `readTo`.
   *
   * @param missing descriptions of effects without an event.
   * @returns those that have none even though everything was read again.
   * @throws RollupError L1_LOGS_INCOMPLETE when events were lost: the next look reads again.
   */
  note(missing: readonly string[], readTo: number): Promise<string[]>;
}

/** A tracker to which nothing is missing yet. */
export function createLostEvents({ reader, store, logger }: LostEventsOptions): LostEvents {
  /** Block by which the event must have been read. */
  const dueAt = new Map<string, number>();
  const rereads = new Map<string, number>();

  /** Makes the next poll read again. @returns false when everything was already read again. */
  function readAgain(what: string): boolean {
    const times = rereads.get(what) ?? 0;
    rereads.set(what, times + 1);
    if (times > 1) return false;
    logger.error('L1 gave no event of what it shows; it is read again', { what, fromStart: times > 0 });
    const oldest = store.events.heads().at(-1);
    if (times === 0 && oldest !== undefined) store.commit(() => store.events.rewind(oldest.number));
    else store.reset();
    dueAt.clear();
    return true;
  }

  function failure(what: string): RollupError {
    return new RollupError('L1_LOGS_INCOMPLETE', `L1 shows ${what}, and gave no event of it; check the node`, { what });
  }

  return {
    requireFinals({ finals }) {
      let last = store.checkpoint.get()?.header.number;
      if (last === undefined) return; // the genesis is looked for elsewhere
      for (const { header } of finals) {
        if (header.number <= last) continue;
        if (header.number !== last + 1) {
          throw failure(`final batch ${last + 1}`);
        }
        last = header.number;
      }
    },
    async note(missing, readTo) {
      const now = new Set(missing);
      for (const known of [dueAt, rereads]) {
        for (const what of known.keys()) if (!now.has(what)) known.delete(what);
      }
      if (now.size === 0) return [];
      const { number: newest } = await reader.head();
      const lost = missing.filter((what) => readTo >= (dueAt.get(what) ?? Number.POSITIVE_INFINITY));
      for (const what of now) if (!dueAt.has(what)) dueAt.set(what, newest);
      for (const what of lost) if (readAgain(what)) throw failure(what);
      return lost;
    },
  };
}
