/** The clock of one process: that of the world, ahead of it or behind it, and still once the process is dead. */

import { type Clock, sleepBy, type Timer } from '../../../../runtime/index.ts';

export interface ProcessClock extends Clock {
  /** Milliseconds that it is ahead. */
  skewMs: number;
  /** Until then the process stands still: what becomes due meanwhile happens then. */
  pausedUntilMs: number;
  /** Nothing that was scheduled happens any more. */
  kill(): void;
}

export function createProcessClock(world: Clock, skewMs: number): ProcessClock {
  let isDead = false;
  const timers = new Set<Timer>();
  const schedule = (delayMs: number, callback: () => void): Timer => {
    if (isDead) return { cancel: () => undefined };
    let timer: Timer;
    const arm = (ms: number): void => {
      timer = world.schedule(ms, () => {
        timers.delete(timer);
        const pauseMs = clock.pausedUntilMs - world.nowMs();
        if (pauseMs > 0) arm(pauseMs);
        else callback();
      });
      timers.add(timer);
    };
    arm(delayMs);
    return {
      cancel() {
        timer.cancel();
        timers.delete(timer);
      },
    };
  };
  const clock: ProcessClock = {
    skewMs,
    pausedUntilMs: 0,
    nowMs() {
      return world.nowMs() + this.skewMs;
    },
    monotonicMs: () => world.monotonicMs(),
    schedule,
    sleep: (delayMs, signal) => sleepBy(schedule, delayMs, signal),
    kill() {
      isDead = true;
      for (const timer of timers) timer.cancel();
      timers.clear();
    },
  };
  return clock;
}
