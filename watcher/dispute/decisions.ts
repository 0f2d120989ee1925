/** The actor's decisions about each action, as pure functions. */

import type { BlockReference } from '@quittance/chain';
import { isRollupError } from '@quittance/protocol';
import type { Attempt } from '../store/journal.ts';
import type { Task } from './plan.ts';

/** What became of a task. */
export type TaskResult =
  /** L1 included it. */
  | 'done'
  /**
   * An earlier transaction may still be included, the assertion is not deep enough yet, or its blobs are on their way; a later
   * poll decides.
   */
  | 'waiting'
  /** The contract would refuse it, for example because another was first. */
  | 'refused'
  /** The view of L1 is not certain enough to stake a bond on (guard.ts). */
  | 'uncertain'
  /** Gas costs more than may be paid. */
  | 'feeTooHigh'
  /** The gas costs more than the action brings in: the credit is left to grow. */
  | 'notWorthGas'
  /** It was sent and failed. */
  | 'failed';

/** What L1 looked like when the tasks were planned. */
export interface PlannedOn {
  readonly head: BlockReference;
  /** The account's next nonce, read before the situation was. */
  readonly nonce: number;
  /** The same after what was done since: when L1 has a later one, another process acts for the account. */
  readonly free: number;
}

/** The nonce for a task; undefined while the node has yet to show the block that included an earlier attempt. */
export function nonceFor(
  earlier: Attempt | undefined,
  { head, nonce: seen, free }: Pick<PlannedOn, 'nonce' | 'free'> & { readonly head: Pick<BlockReference, 'number'> },
): number | undefined {
  // Not the account's next one by now: what used that up since the situation was read may have been the same task, done
  // by another watcher with this key.
  if (earlier === undefined) return free;
  // The node that answered is behind one that answered before.
  if (earlier.state === 'included' && head.number < earlier.block) return undefined;
  // Used up before the situation was read, and yet the task is still to be done: it was not this task's doing.
  if (earlier.nonce < seen) return free;
  return earlier.nonce;
}

/** Whether the block of what is to be disputed lies deep enough, its own block included. Other moves stake nothing. */
export function isDeepEnough(task: Task, head: Pick<BlockReference, 'number'>, confirmations: number): boolean {
  return task.move !== 'dispute' || head.number - task.chunkCase.blockNumber + 1 >= confirmations;
}

/** Whether an action is worth its gas at this price. @param maxFeePerGas wei. */
export function judgePrice(
  task: Task,
  { gas, costWei }: { readonly gas: bigint; readonly costWei: bigint },
  maxFeePerGas: bigint,
): 'fair' | Extract<TaskResult, 'feeTooHigh' | 'notWorthGas'> {
  if (task.move === 'collect' && task.credit <= costWei) return 'notWorthGas';
  return costWei / gas <= maxFeePerGas ? 'fair' : 'feeTooHigh';
}

/** What an error means for the action. */
export interface Failure {
  readonly result: Extract<TaskResult, 'waiting' | 'refused' | 'failed'>;
  /** The name of the contract's error, or our code. */
  readonly reason: string;
  /** Whether people should hear of it. */
  readonly isAlarming: boolean;
}

/** What an error means for its task, or undefined when it is about the watcher itself and ends the look. */
export function failureOf(error: unknown, wasSent: boolean): Failure | undefined {
  if (!isRollupError(error)) return undefined;
  const { code, data } = error;
  if (code === 'DATABASE_DAMAGED' || code === 'INVARIANT_BROKEN') return undefined;
  const reason = String(data['error'] ?? code);
  // Its blobs are on their way.
  if (code === 'BLOB_LATE') return { result: 'waiting', reason, isAlarming: false };
  // The next poll sees what used the nonce.
  if (code === 'NONCE_TAKEN' || code === 'NONCE_AHEAD') return { result: 'waiting', reason, isAlarming: false };
  // Somebody was faster, or what it stands on is read anew: the next look plans on what it finds.
  if (code === 'MOVE_OUTDATED') return { result: 'waiting', reason, isAlarming: false };
  if (code === 'L1_REJECTED' && !wasSent) return { result: 'refused', reason, isAlarming: false };
  return { result: code === 'TRANSACTION_STUCK' ? 'waiting' : 'failed', reason, isAlarming: true };
}
