/** Performs what was planned, the most urgent first, so that what can wait never keeps an answer back. */

import { isPassing, RollupError } from '@quittance/protocol';
import type { Clock } from '../runtime/index.ts';
import type { Actor } from './dispute/actor.ts';
import type { PlannedOn } from './dispute/decisions.ts';
import { isPatient, type Task } from './dispute/plan.ts';
import type { ReportedAction } from './report.ts';

/** How long one poll spends on moves that can wait. After that it looks at L1 again, however many are left. */
const PATIENCE_MS = 30_000;

/** Whether a look may end before it is done. Finality can wait too, but not behind what brings our own money back. */
export const canWait = ({ move }: Task): boolean => isPatient(move) || move === 'finalize';

export interface ActOptions {
  readonly actor: Pick<Actor, 'perform'>;
  readonly clock: Clock;
}

/**
 * Performs a task that can wait, until time is up: its transaction may get in later, and a dispute that needs an answer would
 * not be seen before it did. It has its nonce, and what the next look plans goes first.
 *
 * @returns `waiting` when it is given up.
 */
async function performPatiently(
  { actor, clock }: ActOptions,
  task: Task,
  on: PlannedOn,
  signal: AbortSignal | undefined,
): Promise<ReportedAction['result']> {
  const patience = new AbortController();
  const timer = clock.schedule(PATIENCE_MS, () =>
    patience.abort(new RollupError('CANCELLED', 'L1 is looked at again')),
  );
  const both = signal === undefined ? patience.signal : AbortSignal.any([signal, patience.signal]);
  try {
    return await actor.perform(task, on, both);
  } catch (error) {
    if (error === patience.signal.reason) return 'waiting';
    // What L1 says too late is no reason to end the look either, if it passes.
    if (patience.signal.aborted && signal?.aborted !== true && isPassing(error)) return 'waiting';
    throw error;
  } finally {
    timer.cancel();
  }
}

/**
 * Performs tasks in order. Those that can wait are left for the next poll once time is up.
 *
 * @throws as `Actor.perform`, or the signal's reason.
 */
export async function act(
  options: ActOptions,
  tasks: readonly Task[],
  { head, nonce }: Omit<PlannedOn, 'free'>,
  signal: AbortSignal | undefined,
): Promise<ReportedAction[]> {
  const { actor, clock } = options;
  const actions: ReportedAction[] = [];
  const endMs = clock.nowMs() + PATIENCE_MS;
  let free = nonce;
  for (const task of tasks) {
    if (isPatient(task.move) && clock.nowMs() >= endMs) break;
    const on = { head, nonce, free };
    const result = canWait(task)
      ? await performPatiently(options, task, on, signal)
      : await actor.perform(task, on, signal);
    if (result === 'done') free += 1;
    actions.push({ move: task.move, key: task.key, result });
  }
  return actions;
}
