/** Carries out the tasks of a look. Each is executed without being sent first: what another has done already costs nothing. */

import { type ChannelCall, type ChannelCalls, type Included, rejectionOf } from '@quittance/chain';
import { ETH_TOKEN_ID, isPassing, isRollupError, isSameAddress, RollupError } from '@quittance/protocol';
import type { Clock, Logger } from '../../runtime/index.ts';
import type { TowerAlerts } from './alerts.ts';
import type { TowerMeasurements } from './measurements.ts';
import type { L1Time } from './phases.ts';
import type { TowerTask } from './plan.ts';
import type { CallCost, TowerSender } from './sender.ts';
import { tellDone, tellFailed, tellFee, tellRefused } from './tell.ts';

/** What became of a task. */
export type TowerResult =
  /** L1 included it. */
  | 'done'
  /** L1 would refuse it now, for example because another was first. */
  | 'refused'
  /** It is on its way, or behind another transaction; the next look decides. */
  | 'waiting'
  /** Gas costs more than may be paid. */
  | 'feeTooHigh'
  /** It brings in less than its gas costs. */
  | 'notWorthGas'
  /** It was sent and failed, or L1 did not say. */
  | 'failed';

/** A task and its result. */
export interface TowerAction {
  readonly move: TowerTask['move'];
  readonly key: string;
  readonly vault: string | undefined;
  readonly result: TowerResult;
  readonly transactionHash?: string;
}

export interface ActOptions {
  readonly calls: ChannelCalls;
  readonly sender: TowerSender;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly alerts: TowerAlerts;
  readonly measurements: TowerMeasurements;
  /** Wei for each exit that is requested. */
  readonly priorityFee: () => Promise<bigint>;
  /** Where our payouts and bonds go; the account itself if not given. */
  readonly receiver: string | undefined;
  /** Wei per gas. What can wait is not sent above it. */
  readonly maxFeePerGas: bigint;
}

/** How long one look waits for what can wait: a cheat that begins meanwhile must be seen. */
const PATIENCE_MS = 30_000;

/** Whether only a party can send it, and we are none. */
export function isForParty(task: TowerTask, account: string): boolean {
  return task.move === 'requestExits' && !isSameAddress(task.terms.a, account) && !isSameAddress(task.terms.b, account);
}

async function callOf(task: TowerTask, { calls, sender, receiver, priorityFee }: ActOptions): Promise<ChannelCall> {
  switch (task.move) {
    case 'challenge':
      return calls.challenge(task.shown);
    case 'reveal':
      return calls.reveal(task.secret);
    case 'requestExits':
      return calls.requestExits(task.terms, { accountIndices: task.indices, priorityFee: await priorityFee() });
    case 'claim':
      return task.claim.call;
    case 'settle':
      return calls.settle(task.terms, task.state);
    case 'payout': {
      const { terms, toB } = task;
      const isOwn = isSameAddress(toB ? terms.b : terms.a, sender.account);
      return receiver !== undefined && isOwn ? calls.payoutTo(terms, receiver) : calls.payout(terms, toB);
    }
    case 'collectBonds':
      return calls.collectBonds(receiver ?? sender.account);
  }
}

/** Wei that it brings in; undefined where that is not the question. */
function worthOf(task: TowerTask): bigint | undefined {
  if (task.move === 'collectBonds') return task.credit;
  if (task.move === 'claim') return task.terms.tokenId === ETH_TOKEN_ID ? task.claim.amount : undefined;
  return task.move === 'payout' && task.terms.tokenId === ETH_TOKEN_ID ? task.amount : undefined;
}

/** What can wait is not sent for more than it brings in, nor at any price. What cannot wait is. */
function judgePrice(task: TowerTask, cost: CallCost, maxFeePerGas: bigint): TowerResult | undefined {
  if (task.until !== undefined) return undefined;
  const worth = worthOf(task);
  if (worth !== undefined && worth <= cost.costWei) return 'notWorthGas';
  return cost.feePerGas > maxFeePerGas ? 'feeTooHigh' : undefined;
}

/** Aborts after a while what can wait: it may get in later, and the next look sees that. */
async function sendInTime(
  { sender, clock }: ActOptions,
  call: ChannelCall,
  secondsLeft: number | undefined,
  signal: AbortSignal | undefined,
): Promise<Included | undefined> {
  if (secondsLeft !== undefined) return sender.send(call, secondsLeft, signal);
  const patience = new AbortController();
  const reason = new RollupError('CANCELLED', 'L1 is looked at again');
  const timer = clock.schedule(PATIENCE_MS, () => patience.abort(reason));
  const both = signal === undefined ? patience.signal : AbortSignal.any([signal, patience.signal]);
  try {
    return await sender.send(call, undefined, both);
  } catch (error) {
    if (patience.signal.aborted && signal?.aborted !== true && (error === reason || isPassing(error))) return undefined;
    throw error;
  } finally {
    timer.cancel();
  }
}

/** What an error means for its task. @throws what ends the look. */
function resultOf(task: TowerTask, error: unknown, wasSent: boolean, options: ActOptions): TowerResult {
  const { alerts, logger } = options;
  if (!isRollupError(error) || error.code === 'INVARIANT_BROKEN' || error.code === 'L1_WRONG_CHAIN') throw error;
  if (error.code === 'NONCE_TAKEN' || error.code === 'NONCE_AHEAD') return 'waiting';
  if (error.code === 'L1_REJECTED' && !wasSent) {
    logger.debug('L1 would refuse this at present', { move: task.move, key: task.key, error });
    tellRefused(alerts, task, error);
    return 'refused';
  }
  // Another was in the same block, perhaps: the next look sees what became of it.
  tellFailed(alerts, task, error);
  return error.code === 'TRANSACTION_STUCK' ? 'waiting' : 'failed';
}

/** Makes the moves. */
export interface TowerActor {
  /** @throws RollupError L1_WRONG_CHAIN, INVARIANT_BROKEN, or the signal's reason. */
  perform(task: TowerTask, time: L1Time, signal?: AbortSignal): Promise<TowerAction>;
}

/** An actor for the account of `sender`. */
export function createTowerActor(options: ActOptions): TowerActor {
  const { sender, alerts, measurements, maxFeePerGas, logger, clock } = options;

  async function attempt(
    task: TowerTask,
    time: L1Time,
    onSending: () => void,
    signal: AbortSignal | undefined,
  ): Promise<Pick<TowerAction, 'result' | 'transactionHash'>> {
    const call = await callOf(task, options);
    const cost = await sender.dryRun(call);
    const price = judgePrice(task, cost, maxFeePerGas);
    if (price === 'feeTooHigh') tellFee(alerts, task, cost, maxFeePerGas, clock.nowMs());
    if (price !== undefined) return { result: price };
    onSending();
    const { move, key } = task;
    logger.info('sending', { move, key, gas: cost.gas, costWei: cost.costWei });
    const secondsLeft = task.until === undefined ? undefined : Math.max(0, task.until - time.now);
    const sent = await sendInTime(options, call, secondsLeft, signal);
    if (sent === undefined) return { result: 'waiting' };
    measurements.spentWei.add(Number(sent.costWei), { move });
    const { transactionHash, blockNumber, gasUsed } = sent;
    logger.info('L1 has it', { move, key, transactionHash, blockNumber, gasUsed });
    tellDone(alerts, task, sent);
    return { result: 'done', transactionHash };
  }

  return {
    async perform(task, time, signal) {
      const { move, key } = task;
      const vault = task.move === 'collectBonds' ? undefined : task.vault;
      let wasSent = false;
      const onSending = (): void => {
        wasSent = true;
      };
      let outcome: Pick<TowerAction, 'result' | 'transactionHash'>;
      try {
        outcome = await attempt(task, time, onSending, signal);
      } catch (error) {
        if (signal?.aborted === true) throw error;
        outcome = { result: resultOf(task, rejectionOf(error) ?? error, wasSent, options) };
      }
      measurements.actions.add(1, { move, result: outcome.result });
      return { move, key, vault, ...outcome };
    },
  };
}
