/**
 * The log of several nodes: entries go into the journal, then into the local log, and count only then. Their sequences and
 * chain are fixed at once, behind all that is on its way, so that several segments can overlap. When one fails, so does all
 * behind it: the writer is lost, and with it whatever was built on its entries.
 */

import { asRollupError, type RollupError } from '@quittance/protocol';
import {
  encodeRow,
  type Journal,
  type JournalRow,
  type LogHead,
  MAX_SEGMENT_ENTRIES,
  type Segment,
  type Storage,
  segmentOf,
} from '../../storage/index.ts';
import type { Appending, LogWriter } from '../log-writer.ts';
import { createSending } from './sending.ts';
import type { Term } from './term.ts';

/** A writer that can be ended from outside. */
export interface JournalLogWriter extends LogWriter {
  /** Ends it: what is on its way fails with this error, and so does whatever comes. */
  lose(error: RollupError): void;
}

export interface JournalWriterOptions {
  /** Its log ends where the journal does. */
  readonly storage: Pick<Storage, 'log' | 'commit'>;
  readonly journal: Pick<Journal, 'append'>;
  /** Whose epoch it appends in. */
  readonly term: Pick<Term, 'epoch' | 'ended'>;
  /** Told once why it is lost. */
  readonly onLost: (error: RollupError) => void;
}

/** What one call appends. */
interface Group extends Appending {
  readonly rows: readonly JournalRow[];
  /** Segments of it that the journal does not have yet. */
  open: number;
  readonly done: PromiseWithResolvers<void>;
}

/** A group may be longer than a segment; it is committed here once the journal has all of it. */
function* segmentsOf(head: LogHead, rows: readonly JournalRow[], epoch: number): Generator<Segment> {
  let after = head;
  for (let from = 0; from < rows.length; from += MAX_SEGMENT_ENTRIES) {
    const segment = segmentOf(after, rows.slice(from, from + MAX_SEGMENT_ENTRIES), epoch);
    after = { sequence: segment.last, chain: segment.chain };
    yield segment;
  }
}

/** A writer that continues the log of `storage`, in the epoch of `term`. */
export function createJournalLogWriter({ storage, journal, term, onLost }: JournalWriterOptions): JournalLogWriter {
  /** Behind all that is on its way. */
  let head = storage.log.head();
  const groups: Group[] = [];
  let lost: RollupError | undefined;

  const lose = (error: RollupError): void => {
    if (lost !== undefined) return;
    lost = error;
    sending.stop();
    for (const { done } of groups.splice(0)) done.reject(error);
    onLost(error);
  };
  const onFailed = (error: unknown): void => lose(asRollupError('appending to the journal', error));
  const sending = createSending({ journal, term, onFailed });

  /** The first group is in the journal: it counts here too, unless the term is over, when nothing may be acknowledged. */
  const commitFirst = ({ entries, rows, also, onCommitted, done }: Group): void => {
    const over = term.ended();
    if (over !== undefined) throw over;
    storage.commit(() => {
      for (const [position, row] of rows.entries()) storage.log.adopt(row, entries[position]!);
      also?.();
    });
    groups.shift();
    onCommitted?.();
    done.resolve();
  };
  const commitAll = (): void => {
    try {
      for (let group = groups[0]; group?.open === 0; group = groups[0]) commitFirst(group);
    } catch (error) {
      lose(asRollupError('a commit', error));
    }
  };

  return {
    get next() {
      return head.sequence + 1;
    },
    append(appending) {
      if (lost !== undefined) return Promise.reject(lost);
      const { entries, receivedMs } = appending;
      const rows = entries.map((entry, at) => encodeRow(head.sequence + 1 + at, receivedMs, entry));
      const segments = [...segmentsOf(head, rows, term.epoch)];
      const last = segments.at(-1);
      if (last !== undefined) head = { sequence: last.last, chain: last.chain };
      const group: Group = { ...appending, rows, open: segments.length, done: Promise.withResolvers() };
      // Whoever appends hears of it; where nobody listens, `onLost` has told.
      group.done.promise.catch(() => undefined);
      groups.push(group);
      const onTaken = (): void => {
        group.open -= 1;
        commitAll();
      };
      for (const segment of segments) sending.send(segment, onTaken);
      commitAll();
      return group.done.promise;
    },
    settled: () => (lost === undefined ? groups.at(-1)?.done.promise : Promise.reject(lost)),
    ready: () => sending.ready(),
    lose,
  };
}
