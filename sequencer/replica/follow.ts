/** Follows the journal: reads what the database does not have yet, and applies it, segment after segment. */

import { asRollupError, isPassing, type RollupError } from '@quittance/protocol';
import { type Clock, createLoop, type Logger } from '../../runtime/index.ts';
import type { Journal, Storage } from '../../storage/index.ts';
import type { Applier } from './apply.ts';

/** A journal is looked at so often even where nobody tells of news. */
const LOOK_MS = 1_000;

/** What a follower knows of its distance to the journal. */
export interface Distance {
  /** Sequence of the newest entry of the journal that it knows of. */
  readonly journalHead: number;
  /** When it last had all that the journal had, Unix milliseconds; undefined before. */
  readonly currentAtMs: number | undefined;
  /** Epoch of the last segment that was applied since the start; 0 before. */
  readonly epoch: number;
  /** Why the journal cannot be read at present, if so. */
  readonly trouble: RollupError | undefined;
}

export interface FollowOptions {
  readonly storage: Storage;
  readonly journal: Pick<Journal, 'head' | 'read' | 'watch'>;
  readonly applier: Applier;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly halt: (error: RollupError) => void;
}

/** Follows a journal. */
export interface Following {
  start(): void;
  /**
   * Resolves with true when the database has all that the journal has now; with false when it was stopped before.
   *
   * @throws RollupError why it never will, or JOURNAL_UNAVAILABLE.
   */
  caughtUp(): Promise<boolean>;
  readonly distance: Distance;
  /** Ends after the segment in progress. */
  stop(): Promise<void>;
}

/** Follows from the head of the database on. */
export function createFollowing({ storage, journal, applier, clock, logger, halt }: FollowOptions): Following {
  let journalHead = storage.log.head().sequence;
  let currentAtMs: number | undefined;
  let epoch = 0;
  let trouble: RollupError | undefined;
  let failed: RollupError | undefined;
  /** One reading at a time: segments are applied in their order. */
  let reading: Promise<void> = Promise.resolve();
  let isStopped = false;

  const readAll = async (): Promise<void> => {
    if (failed !== undefined) throw failed;
    try {
      const head = await journal.head();
      journalHead = Math.max(journalHead, head.sequence);
      for await (const segment of journal.read(storage.log.head())) {
        if (isStopped) return;
        journalHead = Math.max(journalHead, segment.last);
        await applier.apply(segment);
        epoch = segment.epoch;
      }
      currentAtMs = clock.nowMs();
      trouble = undefined;
    } catch (error) {
      const cause = asRollupError('following the journal', error);
      if (isPassing(cause)) trouble = cause;
      else failed = cause;
      throw cause;
    }
  };
  const read = (): Promise<void> => {
    reading = reading.then(readAll, readAll);
    return reading;
  };

  const loop = createLoop({
    clock,
    intervalMs: LOOK_MS,
    run: read,
    onError(error) {
      const cause = asRollupError('following the journal', error);
      if (isPassing(cause))
        logger.warn('the journal cannot be read; trying again', { code: cause.code, reason: cause.message });
      else halt(cause);
    },
  });
  const unwatch = journal.watch(() => loop.wake());

  return {
    start: () => loop.start(),
    async caughtUp() {
      const { sequence } = await journal.head();
      for (;;) {
        const before = storage.log.head().sequence;
        await read();
        const now = storage.log.head().sequence;
        if (now >= sequence || isStopped) return now >= sequence;
        // Whoever answered is behind who said how far the journal is.
        if (now === before) await clock.sleep(LOOK_MS);
      }
    },
    get distance() {
      return { journalHead, currentAtMs, epoch, trouble };
    },
    async stop() {
      isStopped = true;
      unwatch();
      await loop.stop();
      await reading.catch(() => undefined);
    },
  };
}
