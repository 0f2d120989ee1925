/**
 * One run of the parts after another in one process: when L1 took back what they were built on, they are stopped, what it
 * took back is taken back here, and they start anew as after a restart. Reads go on all the time.
 */

import { asRollupError, isPassing, type RollupError } from '@quittance/protocol';
import type { Clock, Logger } from '../runtime/index.ts';
import type { Parts } from './parts.ts';
import type { Prepared } from './start/prepare.ts';

/** What a start made. */
export interface Run {
  readonly prepared: Prepared;
  readonly parts: Parts;
}

export interface RunsOptions {
  /** Makes the next run, not started, from the database and L1. */
  readonly begin: () => Promise<Run>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Pause between attempts while L1 cannot be asked. */
  readonly retryMs: number;
  readonly halt: (reason: RollupError) => void;
  /** Why nothing may start, if so. */
  readonly halted: () => RollupError | undefined;
}

/** The runs. */
export interface Runs {
  /** The present one: it stays until the next is ready. */
  readonly present: Run;
  /** Why the parts are between two runs, if they are: what the present ones count holds no longer. */
  readonly changing: RollupError | undefined;
  /** Starts the parts, unless the start found a reason to halt. */
  start(): void;
  /** Resolves when no change is on its way any more. */
  settled(): Promise<void>;
  /**
   * Stops the parts, does `change` once nothing depends on what it changes, and starts others. Does not wait for it, and
   * does nothing while another change is on its way. @param reason what senders are told meanwhile.
   */
  restart(reason: RollupError, change: () => Promise<void>): void;
  /** Stops the parts, and what refuses transfers says this. */
  halt(reason: RollupError): Promise<unknown>;
  /** Stops the parts in the order in which work goes through them. @param reason what senders are told, if it is a special one. */
  stop(reason?: RollupError): Promise<void>;
}

async function stopParts({ parts }: Run): Promise<void> {
  const { intake, reader, sealer, publisher, folding } = parts;
  for (const part of [intake, reader, sealer, publisher, folding]) await part.stop();
}

/** The runs that follow on the first. */
export function createRuns(first: Run, { begin, clock, logger, retryMs, halt, halted }: RunsOptions): Runs {
  const stopping = new AbortController();
  let present = first;
  let restarting: Promise<void> | undefined;
  let changing: RollupError | undefined;

  const start = (): void => {
    const reason = halted() ?? present.prepared.halted;
    if (reason !== undefined) halt(reason);
    else present.parts.start();
  };

  /** Until it is done, or cannot be. A passing error is that of L1, which is asked again. */
  async function untilDone<T>(work: () => Promise<T>): Promise<T> {
    for (;;) {
      stopping.signal.throwIfAborted();
      try {
        return await work();
      } catch (error) {
        if (!isPassing(asRollupError('starting anew', error))) throw error;
        logger.warn('starting anew failed; trying again', { error });
        await clock.sleep(retryMs, stopping.signal);
      }
    }
  }

  async function change(reason: RollupError, work: () => Promise<void>): Promise<void> {
    present.parts.intake.refuse(reason);
    await stopParts(present);
    await untilDone(work);
    present = await untilDone(begin);
    if (!stopping.signal.aborted) start();
  }

  return {
    get present() {
      return present;
    },
    get changing() {
      return changing;
    },
    start,
    settled: async () => restarting,
    restart(reason, work) {
      if (restarting !== undefined) return;
      changing = reason;
      restarting = change(reason, work)
        .catch((error: unknown) => {
          if (!stopping.signal.aborted) halt(asRollupError('starting anew', error));
        })
        .finally(() => {
          restarting = undefined;
          changing = undefined;
        });
    },
    halt(reason) {
      const { intake, sealer, publisher, reader, folding } = present.parts;
      intake.refuse(reason);
      return Promise.all([intake.stop(), sealer.stop(), publisher.stop(), reader.stop(), folding.stop()]);
    },
    async stop(reason) {
      stopping.abort();
      if (reason !== undefined) present.parts.intake.refuse(reason);
      await restarting;
      await stopParts(present);
    },
  };
}
