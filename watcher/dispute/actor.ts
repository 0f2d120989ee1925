/**
 * Carries tasks out on L1, one after the other. Each is dry-run, then written down with the nonce of its transaction, then
 * sent. After a crash, a reorg or a lost answer the same task has the same nonce again until L1 shows that it was used up:
 * no second bond can be staked on one chunk.
 */

import { randomBytes } from 'node:crypto';
import type { BlockReference, PinnedAssertionChain } from '@quittance/chain';
import { isRollupError } from '@quittance/protocol';
import type { Clock, Logger } from '../../runtime/index.ts';
import type { Alerts } from '../monitoring/alerts.ts';
import type { WatcherMeasurements } from '../monitoring/measurements.ts';
import type { WatcherStore } from '../store/store.ts';
import { actionOf } from './actions.ts';
import type { Guard } from './guard.ts';
import type { Task } from './plan.ts';
import type { StepPreparer } from './steps.ts';

/** What became of a task. */
export type TaskResult =
  /** L1 included it. */
  | 'done'
  /** An earlier transaction for it may still be included, or the assertion is not deep enough yet; a later look knows. */
  | 'waiting'
  /** The contract would refuse it, for example because another was first. */
  | 'refused'
  /** L1's view is not certain enough to stake a bond on (guard.ts). */
  | 'uncertain'
  /** Gas is dearer than may be paid. */
  | 'tooDear'
  /** Its gas costs more than it brings: credit is left to grow. */
  | 'tooSmall'
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

/** Carries out tasks. */
export interface Actor {
  /** @throws RollupError L1_UNREACHABLE, or the signal's reason. */
  perform(task: Task, on: PlannedOn, signal?: AbortSignal): Promise<TaskResult>;
}

export interface ActorOptions {
  readonly chain: PinnedAssertionChain;
  readonly store: WatcherStore;
  readonly steps: StepPreparer;
  readonly guard: Guard;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly alerts: Alerts;
  readonly measurements: WatcherMeasurements;
  /**
   * Blocks, that of the assertion included, before a bond is staked on it. The header says nothing of authorizations, so
   * after a reorg a dispute of forged ones can reach the same batch with true ones (docs/protocol.md, Assertion).
   */
  readonly confirmations: number;
  /** Wei per gas: dearer gas is not paid. */
  readonly maxFeePerGas: bigint;
}

/** An actor for the account of `chain`. */
export function createActor(options: ActorOptions): Actor {
  const { chain, store, steps, guard, clock, logger, alerts, measurements, maxFeePerGas, confirmations } = options;
  const { journal } = store;

  /** The nonce for this task, or undefined while L1 may show more of an earlier try than it did. */
  function nonceFor(key: string, { head, nonce: seen, free }: PlannedOn): number | undefined {
    const earlier = journal.get(key);
    // Not the account's next one by now: what used that up since the situation was read may have been the same task, done
    // by another watcher with this key.
    if (earlier === undefined) return free;
    // The node that answered is behind one that answered before.
    if (earlier.state === 'included' && head.number < earlier.block) return undefined;
    // Used up before the situation was read, and yet the task is still to be done: it was not this task's doing.
    if (earlier.nonce < seen) return free;
    return earlier.nonce;
  }

  /**
   * Uses a nonce up. A reorg can drop a transaction of the account that nothing calls for any more; what was written down
   * with later nonces could never be included. An announcement of nothing harms nobody and is cheap.
   */
  async function fillGap(nonce: number, signal: AbortSignal | undefined): Promise<void> {
    logger.warn('a nonce before that of an action is free; it is used up', { nonce });
    const commitment = `0x${randomBytes(32).toString('hex')}`;
    await chain.send({ type: 'commitStep', commitment }, signal, nonce);
  }

  async function isCertain({ move, ...task }: Task, { head }: PlannedOn): Promise<boolean> {
    if (move !== 'dispute' || !('chunkCase' in task)) return true;
    const { assertionId, number, headerHash, contentHash, chunk, blockNumber } = task.chunkCase;
    const refusal = await guard.refusal(head, { assertionId, headerHash, contentHash, blockNumber });
    if (refusal === undefined) return true;
    const { reason, message } = refusal;
    measurements.refusals.add(1, { reason });
    alerts.raise({
      kind: 'challengeRefused',
      key: `${assertionId}:${headerHash}:${chunk}:${reason}`,
      message: `batch ${number} is wrong but not challenged: ${message}`,
      data: { assertionId, batch: number, chunk, reason },
    });
    return false;
  }

  function isAffordable(task: Task, gas: bigint, costWei: bigint): boolean {
    const feePerGas = costWei / gas;
    if (feePerGas <= maxFeePerGas) return true;
    alerts.raise({
      kind: 'feeAboveLimit',
      key: `${task.key}:${Math.floor(clock.nowMs() / 3_600_000)}`,
      message: `${task.move} is not sent: gas costs ${feePerGas} wei, the limit is ${maxFeePerGas}`,
      data: { move: task.move, feePerGas, maxFeePerGas, costWei },
    });
    return false;
  }

  async function attempt(
    task: Task,
    on: PlannedOn,
    signal: AbortSignal | undefined,
    onSending: () => void,
  ): Promise<TaskResult> {
    const { move, key } = task;
    if (move === 'dispute' && on.head.number - task.chunkCase.blockNumber + 1 < confirmations) return 'waiting';
    if (!(await isCertain(task, on))) return 'uncertain';
    const action = await actionOf(task, steps, chain.account);
    const { gas, costWei } = await chain.dryRun(action);
    if (task.move === 'collect' && task.credit <= costWei) return 'tooSmall';
    if (!isAffordable(task, gas, costWei)) return 'tooDear';
    const nonce = nonceFor(key, on);
    if (nonce === undefined) return 'waiting';
    const next = await chain.nextNonce();
    if (nonce > next) {
      await fillGap(next, signal);
      return 'waiting';
    }
    store.commit(() => journal.begin(key, nonce, clock.nowMs()));
    onSending();
    logger.info('sending', { move, key, nonce, gas, costWei });
    const sent = await chain.send(action, signal, nonce);
    // The forecast's price: the real one is at most that of the transaction manager's limit.
    const spent = (costWei * sent.gasUsed) / gas;
    store.commit(() => journal.finish(key, sent, spent, clock.nowMs()));
    measurements.spentWei.add(Number(spent), { move });
    const { transactionHash, blockNumber, gasUsed } = sent;
    logger.info('L1 has it', { move, key, transactionHash, blockNumber, gasUsed });
    return 'done';
  }

  /** What an error means for a task: the others go on. @throws what is wrong with the watcher itself. */
  function resultOf({ key, move }: Task, error: unknown, wasSent: boolean): TaskResult {
    if (!isRollupError(error) || error.code === 'DATABASE_DAMAGED' || error.code === 'INVARIANT_BROKEN') throw error;
    const reason = String(error.data['error'] ?? error.code);
    if (error.code === 'NONCE_TAKEN' || error.code === 'NONCE_AHEAD') return 'waiting'; // the next look knows more
    const isRefusal = error.code === 'L1_REJECTED' && !wasSent;
    logger.warn(isRefusal ? 'L1 would refuse this at present' : 'an action failed', { move, key, reason, error });
    if (isRefusal) return 'refused';
    alerts.raise({
      kind: 'actionFailed',
      key: `${key}:${reason}`,
      message: `${move} failed: ${error.message}`,
      data: { move, key, reason },
    });
    return error.code === 'TRANSACTION_STUCK' ? 'waiting' : 'failed';
  }

  return {
    async perform(task, on, signal) {
      let result: TaskResult;
      let wasSent = false;
      try {
        result = await attempt(task, on, signal, () => {
          wasSent = true;
        });
      } catch (error) {
        if (signal?.aborted === true) throw error;
        result = resultOf(task, error, wasSent);
      }
      measurements.actions.add(1, { move: task.move, result });
      return result;
    },
  };
}
