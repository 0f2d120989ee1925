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
  /** Whether an append that has no answer when the database fails over is on the machine that took its place. */
  isKept(): boolean;
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
  readonly #clock: ManualClock;
  #skewMs = 0;
  /** Grows with each machine that the database was on: connections to an earlier one are cut. */
  #machine = 0;
  #downUntilMs = 0;
  #doomMs: number | undefined;

  constructor(clock: ManualClock) {
    this.#clock = clock;
    this.server = createMemoryJournal({ clock: { ...clock, nowMs: () => clock.nowMs() + this.#skewMs } });
  }

  /** Somebody sets the clock of its machine, so many milliseconds ahead. */
  setClock(skewMs: number): void {
    this.#skewMs = skewMs;
  }

  get #isDown(): boolean {
    return this.#clock.monotonicMs() < this.#downUntilMs;
  }

  /** Nobody reaches it for so long. What is in flight is not taken. */
  goDown(ms: number): void {
    this.#downUntilMs = Math.max(this.#downUntilMs, this.#clock.monotonicMs() + ms);
  }

  /**
   * The machine of the database dies at the next append, and another one takes its place so many milliseconds later. That has all
   * that was acknowledged, since commits wait for it, and some of what was in flight.
   */
  doom(ms: number): void {
    this.#doomMs = ms;
  }

  /** Nothing goes wrong any more. */
  spare(): void {
    this.#doomMs = undefined;
    this.#downUntilMs = 0;
  }

  /** The machine that an append is sent to, which may die of it. */
  #reachMachine(): number {
    const machine = this.#machine;
    if (this.#doomMs !== undefined) {
      this.#machine += 1;
      this.goDown(this.#doomMs);
      this.#doomMs = undefined;
    }
    return machine;
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
    const requireReachable = (): void => {
      if (faults.isCut()) throw journalUnavailable('the network is cut');
      if (this.#isDown) throw journalUnavailable('the database is down');
    };
    const reach = async <T>(call: () => Promise<T>): Promise<T> => {
      if (!isAlive()) return never;
      requireReachable();
      const answer = await call();
      return isAlive() ? answer : never;
    };
    const { lease } = journal;
    /** Sends an append, and comes back when the journal judges it. @returns whether it has failed over meanwhile. */
    const arrive = async (): Promise<boolean> => {
      const ms = faults.appendMs();
      const machine = this.#reachMachine();
      // All in flight take as long: they stay in their order.
      if (ms > 0) await clock.sleep(ms);
      return machine !== this.#machine;
    };
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
            if (await arrive()) {
              if (faults.isKept()) await journal.append(segment);
              throw journalUnavailable('the database failed over');
            }
            requireReachable();
            await journal.append(segment);
            if (faults.isAnswerLost()) throw journalUnavailable('the answer was lost');
          });
        } finally {
          inFlight -= 1;
        }
      },
      read: (after) => {
        requireReachable();
        return this.#read(after);
      },
      watch: (onNews) => journal.watch(() => void (isAlive() && !faults.isCut() && !this.#isDown && onNews())),
    };
  }
}
