/**
 * Carries out tasks on L1, one after the other. Each is dry-run, then written down with the nonce of its transaction, then
 * sent. After a crash, a reorg or a lost response the same task gets the same nonce until L1 shows that it was used, so
 * no chunk is ever disputed with two bonds.
 */

import { randomBytes } from 'node:crypto';
import type { AssertionAction, PinnedAssertionChain } from '@quittance/chain';
import { isRollupError } from '@quittance/protocol';
import type { Clock, Logger } from '../../runtime/index.ts';
import type { Alerts } from '../monitoring/alerts.ts';
import type { WatcherMeasurements } from '../monitoring/measurements.ts';
import type { WatcherStore } from '../store/store.ts';
import { failureAlert, feeAlert, refusalAlert } from './action-alerts.ts';
import { actionOf } from './actions.ts';
import { failureOf, isDeepEnough, judgePrice, nonceFor, type PlannedOn, type TaskResult } from './decisions.ts';
import type { Guard } from './guard.ts';

import type { Task } from './plan.ts';
import type { StepPreparer } from './steps.ts';

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
  /** Wei per gas; nothing is sent above it. */
  readonly maxFeePerGas: bigint;
}

/** Looks in a row after which a move that is planned each time and possible at none of them is no race any more. */
const MOST_OUTDATED = 5;
/** Tasks that are counted: those of all chunks of many batches. */
const MAX_OUTDATED = 1_024;

/** What a dry run says. */
type Cost = Awaited<ReturnType<PinnedAssertionChain['dryRun']>>;

/**
 * Uses up a nonce. A reorg can drop a transaction that is no longer needed, and then transactions with later nonces could
 * never be included. A commitment to nothing is harmless and cheap.
 */
async function fillGap({ chain, logger }: ActorOptions, nonce: number, signal: AbortSignal | undefined): Promise<void> {
  logger.warn('an earlier nonce is free: using it up with a commitment to nothing', { nonce });
  const commitment = `0x${randomBytes(32).toString('hex')}`;
  await chain.send({ type: 'commitStep', commitment }, signal, nonce);
}

/** Whether the view of L1 is certain enough for the bond that the task stakes. */
async function isCertain({ guard, measurements, alerts }: ActorOptions, task: Task, { head }: PlannedOn) {
  if (task.move !== 'dispute') return true;
  const refusal = await guard.refusal(head, task.chunkCase);
  if (refusal === undefined) return true;
  measurements.refusals.add(1, { reason: refusal.reason });
  alerts.raise(refusalAlert(task.chunkCase, refusal));
  return false;
}

/** Sends an action that was written down with this nonce, and writes down what became of it. */
async function send(
  { chain, store, clock, logger, measurements }: ActorOptions,
  task: Task,
  { action, gas, costWei, nonce }: Cost & { readonly action: AssertionAction; readonly nonce: number },
  signal: AbortSignal | undefined,
): Promise<void> {
  const { move, key } = task;
  logger.info('sending', { move, key, nonce, gas, costWei });
  const sent = await chain.send(action, signal, nonce);
  store.commit(() => store.journal.finish(key, sent, sent.costWei, clock.nowMs()));
  measurements.spentWei.add(Number(sent.costWei), { move });
  if (task.move === 'collect') measurements.earnedWei.add(Number(task.credit));
  const { transactionHash, blockNumber, gasUsed } = sent;
  logger.info('L1 has it', { move, key, transactionHash, blockNumber, gasUsed });
}

/** An actor for the account of `chain`. */
export function createActor(options: ActorOptions): Actor {
  const { chain, store, steps, clock, logger, alerts, measurements, maxFeePerGas, confirmations } = options;
  const { journal } = store;
  /** By task: looks in a row at which it was planned and not possible. */
  const outdated = new Map<string, number>();

  async function attempt(task: Task, on: PlannedOn, onSending: () => void, signal?: AbortSignal): Promise<TaskResult> {
    if (!isDeepEnough(task, on.head, confirmations)) return 'waiting';
    if (!(await isCertain(options, task, on))) return 'uncertain';
    const action = await actionOf(task, steps, chain.account);
    const cost = await chain.dryRun(action);
    const price = judgePrice(task, cost, maxFeePerGas);
    if (price === 'feeTooHigh') alerts.raise(feeAlert(task, cost, maxFeePerGas, clock.nowMs()));
    if (price !== 'fair') return price;
    const nonce = nonceFor(journal.get(task.key), on);
    if (nonce === undefined) return 'waiting';
    const next = await chain.nextNonce();
    if (nonce > next) {
      await fillGap(options, next, signal);
      return 'waiting';
    }
    store.commit(() => journal.begin(task.key, nonce, clock.nowMs()));
    onSending();
    await send(options, task, { action, ...cost, nonce }, signal);
    return 'done';
  }

  /** What an error means for a task: the others go on. @throws what is wrong with the watcher itself. */
  function resultOf(task: Task, error: unknown, wasSent: boolean): TaskResult {
    const failure = failureOf(error, wasSent);
    if (failure === undefined) throw error;
    const { result, reason } = failure;
    const { move, key } = task;
    let { isAlarming } = failure;
    if (isRollupError(error, 'MOVE_OUTDATED')) {
      const times = (outdated.get(key) ?? 0) + 1;
      if (outdated.size >= MAX_OUTDATED) outdated.clear(); // they are counted anew
      outdated.set(key, times);
      isAlarming = times >= MOST_OUTDATED;
      if (!isAlarming)
        logger.info('a move is not possible now; the next look plans anew', { move, key, why: error.message });
    }
    if (result === 'refused') logger.warn('L1 would refuse this at present', { move, key, reason, error });
    if (isAlarming) {
      logger.warn('an action failed', { move, key, reason, error });
      alerts.raise(failureAlert(task, failure, error as Error));
    }
    return result;
  }

  return {
    async perform(task, on, signal) {
      let result: TaskResult;
      let wasSent = false;
      const onSending = (): void => {
        wasSent = true;
      };
      try {
        result = await attempt(task, on, onSending, signal);
        outdated.delete(task.key);
      } catch (error) {
        if (signal?.aborted === true) throw error;
        result = resultOf(task, error, wasSent);
      }
      measurements.actions.add(1, { move: task.move, result });
      return result;
    },
  };
}
