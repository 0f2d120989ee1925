/** A background task that repeats until stopped, wakes up early when asked, and never overlaps itself. */

import type { Clock, Timer } from './clock.ts';

export interface LoopOptions {
  readonly clock: Clock;
  /** Pause between the end of one run and the start of the next. */
  readonly intervalMs: number;
  /** One run. Must not throw for what it can handle; an error that it throws goes to onError. */
  readonly run: (signal: AbortSignal) => Promise<void>;
  readonly onError: (error: unknown) => void;
}

/** A repeating task. */
export interface Loop {
  start(): void;
  /** Runs as soon as possible instead of after the interval. */
  wake(): void;
  /** Aborts the signal and waits for the run in progress. */
  stop(): Promise<void>;
}

/** A loop that is not yet started. */
export function createLoop(options: LoopOptions): Loop {
  const controller = new AbortController();
  let timer: Timer | undefined;
  let running: Promise<void> | undefined;
  let wanted = false;
  let started = false;

  const run = (): void => {
    timer?.cancel();
    timer = undefined;
    if (controller.signal.aborted || !started) return;
    if (running !== undefined) {
      wanted = true;
      return;
    }
    wanted = false;
    running = options
      .run(controller.signal)
      .catch((error: unknown) => {
        if (!controller.signal.aborted) options.onError(error);
      })
      .finally(() => {
        running = undefined;
        if (controller.signal.aborted) return;
        if (wanted) run();
        else timer = options.clock.schedule(options.intervalMs, run);
      });
  };

  return {
    start() {
      started = true;
      run();
    },
    wake: run,
    async stop() {
      controller.abort(new Error('the service is stopping'));
      timer?.cancel();
      await running;
    },
  };
}
