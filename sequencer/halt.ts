/** What happens when the sequencer must stop: reads may go on, writes may not. */

import { type ErrorCode, isRollupError, RollupError } from '@quittance/protocol';
import type { Logger } from '../runtime/index.ts';
import { isLost } from './log-writer.ts';

/**
 * Halts because L1 no longer holds what we built on, or because engines disagree on what comes next: what is final is sound, and
 * no restart helps, so reads go on until the operator decides. After any other halt the process ends.
 */
const READABLE: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'L1_WRONG_CHAIN',
  'FOREIGN_BATCH_FINAL',
  'BATCH_REJECTED',
  'ENGINES_DISAGREE',
  'REPLICA_DIVERGED',
]);

/** Whether reads can be answered after this halt, and after each restart until the operator ends it. */
export function isReadable(error: unknown): error is RollupError {
  return isRollupError(error) && READABLE.has(error.code);
}

/** Errors whose messages have paths, or words of code that is not ours. The operator finds them in the log. */
const FOR_OPERATORS: Partial<Record<ErrorCode, string>> = {
  DATABASE_DAMAGED: 'the database is damaged',
  DATABASE_IN_USE: 'another process uses the database',
  JOURNAL_DAMAGED: 'the journal is damaged',
  DISK_FULL: 'the disk of the database is full',
  INVARIANT_BROKEN: 'the sequencer has met a bug of its own',
};

/** The message of an error without anything that only concerns the operator, such as paths. */
export function publicMessage({ code, message }: RollupError): string {
  const text = FOR_OPERATORS[code];
  return text === undefined ? message : `${text}; the operator has to act`;
}

/** The refusal of a transfer after a halt. */
export function readOnly(halted: RollupError): RollupError<'READ_ONLY'> {
  return new RollupError(
    'READ_ONLY',
    `this sequencer no longer accepts transfers (${halted.code}): ${publicMessage(halted)}`,
    {
      reason: halted.code,
    },
  );
}

/** Knows whether the sequencer has stopped, and why. */
export interface Halting {
  /** The first reason to stop; undefined while it runs. */
  readonly reason: RollupError | undefined;
  /** Stops for good, keeping the state. Later reasons change nothing. A writer that was lost is none: the node steps down. */
  halt(reason: RollupError): void;
  /** Registers what to stop. It is called at once when the halt has already happened. */
  onHalt(stop: (reason: RollupError) => Promise<unknown>): void;
}

/** The state before any halt. */
export function createHalting(logger: Logger): Halting {
  let reason: RollupError | undefined;
  const stops: ((reason: RollupError) => Promise<unknown>)[] = [];
  const run = (stop: (reason: RollupError) => Promise<unknown>, error: RollupError): void =>
    void stop(error).catch((cause: unknown) => logger.error('stopping failed', { error: cause }));
  return {
    get reason() {
      return reason;
    },
    halt(error) {
      if (reason !== undefined || isLost(error)) return;
      reason = error;
      const what = isReadable(error) ? 'the sequencer only answers reads from now on' : 'the sequencer stops for good';
      logger.error(`${what}; its state is kept`, { error });
      for (const stop of stops) run(stop, error);
    },
    onHalt(stop) {
      stops.push(stop);
      if (reason !== undefined) run(stop, reason);
    },
  };
}
