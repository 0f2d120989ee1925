/** The journal that the nodes of a cluster share, as each of them reaches it: late, not at all, or without an answer. */

import type { Clock } from '../../../runtime/index.ts';
import type { Journal, LogHead, Segment } from '../../../storage/index.ts';
import { journalUnavailable } from '../../../storage/journal/errors.ts';
import { decodeSegment } from '../../../storage/journal/segment.ts';
import { createMemoryJournal, type MemoryJournal } from '../journal/memory.ts';
import type { ManualClock } from '../manual-clock.ts';

/** What goes wrong between a node and the journal. */
export interface JournalFaults {
  /** Whether the node does not reach it. */
  isCut(): boolean;
  /** Whether the node learns nothing of an append that was taken. */
  isAnswerLost(): boolean;
  /** Milliseconds that an append takes. */
  appendMs(): number;
}

/** A connection of one process. */
export interface SimConnection extends Journal {
  /** Appends that have no answer yet. */
  readonly inFlight: number;
}

export class SimJournal {
  readonly server: MemoryJournal;
  #skewMs = 0;

  constructor(clock: ManualClock) {
    this.server = createMemoryJournal({ clock: { ...clock, nowMs: () => clock.nowMs() + this.#skewMs } });
  }

  /** Somebody sets the clock of its machine, so many milliseconds ahead. */
  setClock(skewMs: number): void {
    this.#skewMs = skewMs;
  }

  /** Segments behind `after`, each against its chain, without those before it. */
  async *#read(after: LogHead): AsyncIterable<Segment> {
    const { stored } = this.server;
    const first = stored.findIndex(({ last }) => last > after.sequence);
    if (first < 0) return;
    let head = after;
    for (const segment of stored.slice(first)) {
      yield decodeSegment(segment, head);
      head = { sequence: segment.last, chain: segment.chain };
    }
  }

  /** Connects a process. Nothing is answered to one that is dead. */
  open(name: string, clock: Clock, faults: JournalFaults, isAlive: () => boolean): SimConnection {
    const journal = this.server.open({ name, clock: clock as ManualClock });
    const never = new Promise<never>(() => undefined);
    let inFlight = 0;
    const reach = async <T>(call: () => Promise<T>): Promise<T> => {
      if (!isAlive()) return never;
      if (faults.isCut()) throw journalUnavailable('the network is cut');
      const answer = await call();
      return isAlive() ? answer : never;
    };
    const { lease } = journal;
    return {
      ...journal,
      get inFlight() {
        return inFlight;
      },
      lease: {
        acquire: () => reach(() => lease.acquire()),
        renew: (term) => reach(() => lease.renew(term)),
        release: (term) => reach(() => lease.release(term)),
        holder: () => reach(() => lease.holder()),
      },
      nodes: {
        put: (row) => reach(() => journal.nodes.put(row)),
        list: () => reach(() => journal.nodes.list()),
      },
      head: () => reach(() => journal.head()),
      quorum: () => reach(() => journal.quorum()),
      async append(segment) {
        inFlight += 1;
        try {
          await reach(async () => {
            const ms = faults.appendMs();
            // All in flight take as long: they stay in their order.
            if (ms > 0) await clock.sleep(ms);
            if (faults.isCut()) throw journalUnavailable('the network is cut');
            await journal.append(segment);
            if (faults.isAnswerLost()) throw journalUnavailable('the answer was lost');
          });
        } finally {
          inFlight -= 1;
        }
      },
      read: (after) => {
        if (faults.isCut()) throw journalUnavailable('the network is cut');
        return this.#read(after);
      },
      watch: (onNews) => journal.watch(() => void (isAlive() && !faults.isCut() && onNews())),
    };
  }
}
