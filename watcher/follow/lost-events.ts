/**
 * Notices lost events: a node behind another's answers may give a list of events without the newest ones and call that
 * all. What they led to shows in the contract's views; if it still has no event after everything up to there was read, it
 * is read again, first the last heads, then all of it.
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

/** Remembers what L1 shows without an event. */
export interface LostEvents {
  /**
   * Checks that the final batches of the model follow one another.
   *
   * @throws RollupError L1_LOGS_INCOMPLETE otherwise: the next look reads again.
   */
  requireFinals(model: L1Model): void;
  /**
   * Takes note of what L1 shows at a look that read up to `readTo`.
   *
   * @param missing what has no event, in words.
   * @returns what has none although everything was read again.
   * @throws RollupError L1_LOGS_INCOMPLETE when events were lost: the next look reads again.
   */
  note(missing: readonly string[], readTo: number): Promise<string[]>;
}

/** Nothing is missing yet. */
export function createLostEvents({ reader, store, logger }: LostEventsOptions): LostEvents {
  /** Block by which the event must have been read. */
  const dueAt = new Map<string, number>();
  const rereads = new Map<string, number>();

  /** Makes the next look read again. @returns false when all was read again before. */
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
          const what = `final batch ${last + 1}`;
          readAgain(what);
          throw failure(what);
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
