/** A clock that stands still until a test moves it. */

import { type Clock, sleepBy, type Timer } from '../../runtime/index.ts';

/** A clock under the test's control. */
export interface ManualClock extends Clock {
  /** Lets promises settle, then moves time forward, calling what becomes due in order, each with time to settle. */
  advance(ms: number): Promise<void>;
  /** Sets the time of day, forward or back; nothing becomes due by that. */
  jump(ms: number): void;
  /** How many calls are scheduled. */
  readonly scheduled: number;
}

/** A manual clock that shows `startMs`. */
export function createManualClock(startMs = 1_800_000_000_000): ManualClock {
  let now = startMs;
  let jumped = 0;
  const due = new Set<{ readonly at: number; readonly callback: () => void }>();
  const schedule = (delayMs: number, callback: () => void): Timer => {
    const entry = { at: now + delayMs, callback };
    due.add(entry);
    return { cancel: () => due.delete(entry) };
  };
  const settle = async (): Promise<void> => {
    for (let i = 0; i < 5; i++) await new Promise((resolve) => setImmediate(resolve));
  };
  return {
    nowMs: () => Math.floor(now + jumped),
    monotonicMs: () => now - startMs,
    jump(ms) {
      jumped += ms;
    },
    schedule,
    sleep: (delayMs, signal) => sleepBy(schedule, delayMs, signal),
    async advance(ms) {
      await settle();
      const end = now + ms;
      for (;;) {
        const next = [...due].filter((entry) => entry.at <= end).sort((a, b) => a.at - b.at)[0];
        if (next === undefined) break;
        now = Math.max(now, next.at);
        due.delete(next);
        next.callback();
        await settle();
      }
      now = end;
      await settle();
    },
    get scheduled() {
      return due.size;
    },
  };
}
