/**
 * The one way into the log, for transfers, priority operations and seals. With one machine an append is a commit to SQLite
 * and done when the call returns; with a journal it is done once the journal has it, and others can be on their way behind it.
 */

import { isRollupError, type RollupError } from '@quittance/protocol';
import type { LogEntry, Storage } from '../storage/index.ts';

/** Whether an append failed because this machine does not lead any more, or cannot know: it steps down, and nothing is wrong. */
export function isLost(error: unknown): error is RollupError {
  return isRollupError(error, 'NOT_LEADER') || isRollupError(error, 'JOURNAL_UNAVAILABLE');
}

/** Entries that become durable together. */
export interface Appending {
  /** May be none: then only `also` is committed, after what is on its way. */
  readonly entries: readonly LogEntry[];
  /** Unix milliseconds. */
  readonly receivedMs: number;
  /** Writes what belongs to the entries, behind them in the same local commit. */
  readonly also?: () => void;
  /** Called right after the commit, before anything else runs. It must not throw. */
  readonly onCommitted?: () => void;
}

/** Appends to the log. */
export interface LogWriter {
  /** The sequence that the next entry gets: behind all that are durable or on their way. */
  readonly next: number;
  /**
   * Appends in the order of the calls; the entries have their sequences when it returns.
   *
   * @returns undefined when all of it is durable now; else a promise, which rejects with NOT_LEADER or JOURNAL_UNAVAILABLE
   * when this writer will not make it durable, nor anything after it.
   * @throws RollupError as `Storage.commit`; nothing is written then.
   */
  append(appending: Appending): Promise<void> | undefined;
  /**
   * Waits until what is on its way is durable. What was read of the pending state before may be told then.
   *
   * @returns undefined when nothing is on its way; else a promise that rejects as that of `append`.
   */
  settled(): Promise<void> | undefined;
  /** Waits until there is room for another append. @returns undefined when there is; else a promise that never rejects. */
  ready(): Promise<void> | undefined;
}

/** The log of one machine. */
export function createLocalLogWriter({ log, commit }: Pick<Storage, 'log' | 'commit'>): LogWriter {
  return {
    get next() {
      return log.head().sequence + 1;
    },
    append({ entries, receivedMs, also, onCommitted }) {
      commit(() => {
        if (entries.length > 0) log.append(entries, receivedMs);
        also?.();
      });
      onCommitted?.();
      return undefined;
    },
    settled: () => undefined,
    ready: () => undefined,
  };
}
