/** How far something is, and waiting for it. */

import { isPassing, isRollupError, RollupError } from '@quittance/protocol';
import { type Clock, createPauses } from './time.ts';
import type { Handle, Outcome, Stage, WaitOptions } from './types.ts';

/** States in their order. */
export const STAGES: readonly Stage[] = ['accepted', 'sealed', 'proving', 'posted', 'final'];

/** The stage that each status has reached. A batch that L1 removed is posted again: only the acceptance stands then. */
const REACHED: Readonly<Record<string, Stage>> = {
  pending: 'accepted',
  sealed: 'sealed',
  proving: 'proving',
  posted: 'posted',
  disputed: 'posted',
  reverted: 'accepted',
  final: 'final',
};

/** Whether `status` is at `stage` or behind it. */
export function hasReached(status: string, stage: Stage): boolean {
  const reached = REACHED[status];
  return reached !== undefined && STAGES.indexOf(reached) >= STAGES.indexOf(stage);
}

/** Milliseconds from the first look to the second, and between later ones at most. */
const FIRST_PAUSE_MS = 100;
const MOST_PAUSE_MS = 2_000;

/** What is waited for. */
export interface Subject<T extends { readonly status: string }> {
  /** For people: `transfer 7`. */
  readonly name: string;
  readonly id: string;
  /** How it is now; undefined when nobody knows it yet. @throws what ends the waiting, and what passes, which does not. */
  readonly look: (signal: AbortSignal | undefined) => Promise<T | undefined>;
  readonly clock: Clock;
}

/** How it is, or undefined when that cannot be said at present. */
async function lookOnce<T extends { readonly status: string }>(
  subject: Subject<T>,
  signal: AbortSignal | undefined,
): Promise<T | undefined> {
  try {
    return await subject.look(signal);
  } catch (error) {
    if (isPassing(error)) return undefined;
    throw error;
  }
}

/**
 * How it is once it has reached a stage. What passes by itself, as a sequencer that restarts, is waited for.
 *
 * @throws RollupError TIMEOUT, what `look` throws, or the signal's reason.
 */
async function waitFor<T extends { readonly status: string }>(
  subject: Subject<T>,
  stage: Stage,
  { signal, timeoutMs }: WaitOptions = {},
): Promise<T> {
  const { clock, name, id } = subject;
  const deadline = timeoutMs === undefined ? Number.POSITIVE_INFINITY : clock.nowMs() + timeoutMs;
  const pause = createPauses(FIRST_PAUSE_MS, MOST_PAUSE_MS);
  for (;;) {
    signal?.throwIfAborted();
    const now = await lookOnce(subject, signal);
    if (now !== undefined && hasReached(now.status, stage)) return now;
    if (clock.nowMs() >= deadline) {
      const state = now === undefined ? 'of unknown state' : now.status;
      const message = `${name} is ${state} after ${timeoutMs} ms, not ${stage}; it may still get there`;
      throw new RollupError('TIMEOUT', message, { id, status: now?.status ?? null });
    }
    await clock.sleep(Math.min(pause(), Math.max(1, deadline - clock.nowMs())), signal);
  }
}

/** `promise` as an outcome. What is no error of ours, as the reason of a signal, becomes CANCELLED with that as its cause. */
export async function outcomeOf<T>(promise: Promise<T>): Promise<Outcome<T>> {
  try {
    return { ok: true, value: await promise };
  } catch (thrown) {
    if (isRollupError(thrown)) return { ok: false, error: thrown };
    const message = `stopped: ${(thrown as Error | undefined)?.message ?? thrown}`;
    return { ok: false, error: new RollupError('CANCELLED', message, {}, { cause: thrown }) };
  }
}

/** A handle of what is waited for. */
export function createHandle<T extends { readonly status: string }>(subject: Subject<T>): Handle<T> {
  const at = (stage: Stage) => (options?: WaitOptions) => waitFor(subject, stage, options);
  return {
    accepted: at('accepted'),
    sealed: at('sealed'),
    posted: at('posted'),
    final: at('final'),
    outcome: (stage, options) => outcomeOf(waitFor(subject, stage, options)),
  };
}
