/**
 * Watches over channels: looks at L1 again and again, and makes the move that each channel needs. Everything is read from L1 and
 * from the sources at each look: a restart forgets nothing, and what a reorganization drops is sent again.
 */

import type { BlockReference, ChannelsConstants, ChannelsReader, RollupReader } from '@quittance/chain';
import { channelCalls } from '@quittance/chain';
import { asRollupError, isRollupError, type RollupError } from '@quittance/protocol';
import { type Clock, createLoop, createMetrics, type Logger, type Metrics } from '../../runtime/index.ts';
import { createTowerActor, isForParty, type TowerAction, type TowerActor } from './act.ts';
import { createTowerAlerts, type TowerAlertOptions, type TowerAlerts } from './alerts.ts';
import { type Candidates, createStateJudge, groupStates } from './candidates.ts';
import type { VaultClaims } from './claims.ts';
import { createExitFinder, type VaultAccounts } from './exits.ts';
import { createTowerMeasurements, type TowerMeasurements } from './measurements.ts';
import { type Observed, type ObserveOptions, observeChannel } from './observe.ts';
import type { L1Time } from './phases.ts';
import { type ChannelCase, type ChannelPlan, collectTask, orderTasks, planChannel } from './plan.ts';
import type { TowerSender } from './sender.ts';
import { createShownStates } from './shown.ts';
import { CLOSE_PHASES } from './table.ts';
import { tellChannel } from './tell.ts';
import type { SourceProblem, StateSource } from './types.ts';

export interface TowerOptions {
  readonly reader: ChannelsReader;
  readonly rollup: Pick<RollupReader, 'finalState' | 'deploymentFacts'>;
  readonly sources: readonly StateSource[];
  readonly sender: TowerSender;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics?: Metrics;
  readonly post?: TowerAlertOptions['post'];
  /** Where the accounts of our vaults are looked up, so that their exit is requested; nothing is requested without. */
  readonly accounts?: VaultAccounts | undefined;
  /** Where final money of our vaults is found, so that it is brought to them; nothing is brought without. */
  readonly claims?: VaultClaims | undefined;
  /** Block of the deployment of the rollup, or one before it. */
  readonly fromBlock: number;
  /** Seconds before its end in which the secret of an HTLC is shown although nobody closes; half of what a party takes, by default. */
  readonly revealBefore?: number;
  /** Whether nothing but challenges and secrets is sent: for who watches for others. */
  readonly isGuard?: boolean;
  /** Where our payouts and bonds go; the account itself if not given. */
  readonly receiver?: string | undefined;
  /** Wei per gas. What can wait is not sent above it. */
  readonly maxFeePerGas: bigint;
  /** Seconds after which a newest block is told to be old; undefined where blocks are made on demand. */
  readonly maxHeadAgeSeconds?: number | undefined;
}

/** A channel as a look saw it. */
export interface TowerChannel extends Pick<ChannelPlan, 'vault' | 'phase' | 'move' | 'until'> {
  /** Of the newest state that we have. */
  readonly version: number;
  /** Of the state that stands on L1; undefined while nobody closes. */
  readonly standing: number | undefined;
  readonly periodEnd: number | undefined;
}

/** The outcome of one look. */
export interface TowerReport {
  readonly head: BlockReference;
  readonly channels: readonly TowerChannel[];
  readonly actions: readonly TowerAction[];
  /** What could not be read or believed. */
  readonly problems: readonly SourceProblem[];
  /** Every channel was seen. */
  readonly isComplete: boolean;
}

/** Watches over channels. */
export interface Tower {
  readonly constants: ChannelsConstants;
  readonly metrics: Metrics;
  /**
   * Looks once, and makes the moves that are to be made.
   *
   * @throws RollupError L1_UNREACHABLE, L1_WRONG_CHAIN, INVARIANT_BROKEN; what all sources fail with; or the signal's reason.
   */
  look(signal?: AbortSignal): Promise<TowerReport>;
  /** Looks until it is stopped. @param onReport hears of each look, @param onFailure of each that failed. */
  start(options: TowerLoopOptions): { stop(): Promise<void> };
}

export interface TowerLoopOptions {
  /** Pause between two looks. */
  readonly intervalMs: number;
  readonly onReport?: (report: TowerReport) => void;
  readonly onFailure?: (error: unknown) => void;
}

const DEFAULT_REVEAL_BEFORE = 900;
/** Channels that are read at the same time. */
const AT_ONCE = 50;
/** L1 that is away for so long is told: the shortest period is 60 s, sensible ones are hours. */
const AWAY_MS = 300_000;
const DAY_MS = 86_400_000;
/** Gas of a challenge, at most. Source: docs/channels.md, Costs. */
const CHALLENGE_GAS = 80_000n;
/** Challenges for which there should be money. */
const LEAST_CHALLENGES = 4n;

/** What a look is made of. */
interface Parts {
  readonly options: TowerOptions;
  readonly observe: Omit<ObserveOptions, 'onTrouble'>;
  readonly actor: TowerActor;
  readonly alerts: TowerAlerts;
  readonly measurements: TowerMeasurements;
  readonly revealBefore: number;
  /** Whether the last look saw a channel that is being closed: then sources give all they have. */
  isUrgent: boolean;
}

/** The newest states of all sources. A source that fails is told, unless all do. */
async function readSources(
  { options }: Parts,
  isUrgent: boolean,
): Promise<{ readonly candidates: readonly Candidates[]; readonly problems: SourceProblem[] }> {
  const { sources, sender } = options;
  const answers = await Promise.allSettled(sources.map((source) => source.newest(isUrgent)));
  const failures = answers.flatMap((answer, place) =>
    answer.status === 'rejected' ? [{ where: sources[place]!.name, error: answer.reason as unknown }] : [],
  );
  if (failures.length === answers.length && failures[0] !== undefined) throw failures[0].error;
  const found = answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []));
  const states = found.flatMap((answer) => answer.states);
  const failed = failures.map(({ where, error }) => ({ where, message: (error as Error).message }));
  return {
    candidates: groupStates(states, sender.account),
    problems: [...found.flatMap(({ problems }) => problems), ...failed],
  };
}

/** Reads all channels, some at a time. What L1 says wrongly of one is no reason to leave the others alone. */
async function observeAll(
  { observe }: Parts,
  candidates: readonly Candidates[],
  head: BlockReference,
  time: L1Time,
  signal: AbortSignal | undefined,
): Promise<{ readonly observed: readonly Observed[]; readonly failures: readonly (readonly [string, RollupError])[] }> {
  const observed: Observed[] = [];
  const failures: (readonly [string, RollupError])[] = [];
  const options = { ...observe, onTrouble: (vault: string, error: RollupError) => void failures.push([vault, error]) };
  for (let first = 0; first < candidates.length; first += AT_ONCE) {
    signal?.throwIfAborted();
    const some = candidates.slice(first, first + AT_ONCE);
    const answers = await Promise.allSettled(some.map((one) => observeChannel(options, one, head, time)));
    let isAway = true;
    for (const [place, answer] of answers.entries()) {
      if (answer.status === 'fulfilled') observed.push(answer.value);
      else failures.push([some[place]!.vault, asRollupError('looking at a channel', answer.reason)]);
      if (answer.status === 'fulfilled' || !isRollupError(answer.reason, 'L1_UNREACHABLE')) isAway = false;
    }
    // The others would wait as long for nothing.
    if (isAway) throw failures.at(-1)![1];
  }
  return { observed, failures };
}

/** Plans all channels, tells what is seen, and makes the moves. */
async function act(
  parts: Parts,
  cases: readonly ChannelCase[],
  head: BlockReference,
  time: L1Time,
  signal: AbortSignal | undefined,
): Promise<Pick<TowerReport, 'channels' | 'actions'>> {
  const { options, actor, alerts, revealBefore } = parts;
  const { sender, isGuard = false } = options;
  const { account } = sender;
  const plans = cases.map((one) => ({ one, plan: planChannel(one, time, { revealBefore, isGuard }) }));
  for (const { one, plan } of plans) tellChannel(alerts, one, plan, time);
  const collect = collectTask(await options.reader.creditOf(account, head.hash));
  const lists = [...plans.map(({ plan }) => plan.tasks), collect === undefined ? [] : [collect]];
  const actions: TowerAction[] = [];
  const startMs = options.clock.monotonicMs();
  for (const tasks of orderTasks(lists)) {
    for (const task of tasks) {
      signal?.throwIfAborted();
      // One secret is shown once, in however many channels it counts.
      if (isForParty(task, account) || actions.some(({ key }) => key === task.key)) continue;
      const seconds = Math.floor((options.clock.monotonicMs() - startMs) / 1_000);
      const action = await actor.perform(task, { ...time, now: time.now + seconds }, signal);
      actions.push(action);
      // Where L1 is away for all, each would wait as long for nothing.
      if (action.result === 'failed') await options.reader.head();
      if (action.result === 'done' || action.result === 'waiting') break;
    }
  }
  const channels = plans.map(({ one: { view }, plan: { vault, phase, move, until } }) => ({
    ...{ vault, phase, move, until, version: view.ours.state.version },
    standing: view.close?.version,
    periodEnd: view.close?.periodEnd,
  }));
  return { channels, actions };
}

/** The time on L1. */
function l1Time({ timestamp }: Pick<BlockReference, 'timestamp'>, nowMs: number): L1Time {
  return { block: timestamp, now: Math.max(timestamp, Math.floor(nowMs / 1_000)) };
}

function tellAge({ options, alerts, measurements }: Parts, { number, timestamp }: BlockReference): void {
  const { clock, maxHeadAgeSeconds } = options;
  const age = Math.floor(clock.nowMs() / 1_000) - timestamp;
  measurements.l1Block.set(number);
  measurements.headAge.set(age);
  if (maxHeadAgeSeconds === undefined || age <= maxHeadAgeSeconds) return;
  const message = `the newest L1 block ${number} is ${age} s old: what happens now is not seen. Check the node`;
  alerts.raise({ kind: 'staleHead', key: String(number), message, data: { block: number, age } });
}

function tellProblems({ alerts, measurements }: Parts, problems: readonly SourceProblem[]): void {
  measurements.problems.set(problems.length);
  for (const { where, message: why } of problems) {
    const message = `${where} is not watched over as it should be: ${why}`;
    alerts.raise({ kind: 'badState', key: `${where}:${why}`, message, data: { where } });
  }
}

/** The balance is for people: a node that does not say it fails no look. */
async function measureFunds({ options, measurements, alerts }: Parts): Promise<void> {
  const { sender, clock, logger } = options;
  try {
    const { balance, feePerGas } = await sender.funds();
    measurements.balanceWei.set(Number(balance));
    const least = LEAST_CHALLENGES * CHALLENGE_GAS * feePerGas;
    if (balance >= least) return;
    const message = `${sender.account} has ${balance} wei: too little for ${LEAST_CHALLENGES} challenges. Fund it`;
    const day = Math.floor(clock.nowMs() / DAY_MS);
    alerts.raise({ kind: 'fundsLow', key: String(day), message, data: { balance, least } });
  } catch (error) {
    logger.debug('L1 did not say the balance of the account', { error });
  }
}

async function lookAt(parts: Parts, signal: AbortSignal | undefined): Promise<TowerReport> {
  const { options, measurements } = parts;
  const head = await options.reader.head();
  const time = l1Time(head, options.clock.nowMs());
  tellAge(parts, head);
  const wasUrgent = parts.isUrgent;
  let { candidates, problems } = await readSources(parts, wasUrgent);
  let { observed, failures } = await observeAll(parts, candidates, head, time, signal);
  parts.isUrgent = observed.some((one) => 'one' in one && one.one.view.close?.isSettled === false);
  if (parts.isUrgent && !wasUrgent) {
    // Something has begun: whatever is newer than what a source gave counts.
    ({ candidates, problems } = await readSources(parts, true));
    ({ observed, failures } = await observeAll(parts, candidates, head, time, signal));
  }
  const unsound = observed.flatMap((one) =>
    'problem' in one ? [{ where: `channel ${one.vault}`, message: one.problem }] : [],
  );
  const unread = failures.map(([vault, { message }]) => ({ where: `channel ${vault}`, message }));
  const all = [...problems, ...unsound, ...unread];
  tellProblems(parts, all);
  const cases = observed.flatMap((one) => ('one' in one ? [one.one] : []));
  const { channels, actions } = await act(parts, cases, head, time, signal);
  for (const phase of CLOSE_PHASES) {
    measurements.channels.set(channels.filter((channel) => channel.phase === phase).length, { phase });
  }
  await measureFunds(parts);
  return { head, channels, actions, problems: all, isComplete: unread.length === 0 };
}

function createParts(options: TowerOptions, constants: ChannelsConstants, metrics: Metrics): Parts {
  const { reader, rollup, sender, clock, logger, post, accounts, claims, fromBlock, receiver, maxFeePerGas } = options;
  const { revealBefore = DEFAULT_REVEAL_BEFORE } = options;
  const measurements = createTowerMeasurements(metrics);
  const alerts = createTowerAlerts({ clock, logger, measurements, post });
  const judge = createStateJudge({ chainId: reader.chainId, channels: reader.contract }, reader.vaultOf);
  const shown = createShownStates({ reader, fromBlock });
  const exits = accounts && createExitFinder({ reader, rollup, accounts, fromBlock });
  const priorityFee = async () => (await rollup.deploymentFacts()).priorityFee;
  const calls = channelCalls(constants);
  return {
    ...{ options, alerts, measurements, revealBefore, isUrgent: false },
    observe: { reader, judge, shown, exits, claims, revealBefore },
    actor: createTowerActor({
      calls,
      sender,
      clock,
      logger,
      alerts,
      measurements,
      priorityFee,
      receiver,
      maxFeePerGas,
    }),
  };
}

/** A tower. @throws RollupError as `ChannelsReader.connect`. */
export async function createTower(options: TowerOptions): Promise<Tower> {
  const { reader, clock, logger, metrics = createMetrics() } = options;
  const constants = await reader.connect();
  const parts = createParts(options, constants, metrics);
  const { alerts, measurements } = parts;
  let seenMs = clock.nowMs();

  async function look(signal?: AbortSignal): Promise<TowerReport> {
    try {
      const report = await lookAt(parts, signal);
      seenMs = clock.nowMs();
      measurements.looks.add(1, { result: report.isComplete ? 'done' : 'incomplete' });
      if (report.isComplete) measurements.lastLook.set(Math.floor(seenMs / 1_000));
      return report;
    } catch (error) {
      measurements.looks.add(1, { result: 'failed' });
      const awayMs = clock.nowMs() - seenMs;
      if (awayMs >= AWAY_MS && signal?.aborted !== true) {
        const message = `nothing was seen of L1 for ${Math.floor(awayMs / 1_000)} s: ${(error as Error).message}`;
        alerts.raise({ kind: 'l1Away', key: String(seenMs), message, data: { seconds: Math.floor(awayMs / 1_000) } });
      }
      throw error;
    } finally {
      await alerts.deliver(signal);
    }
  }

  return {
    constants,
    metrics,
    look,
    start({ intervalMs, onReport, onFailure }) {
      const loop = createLoop({
        ...{ clock, intervalMs },
        async run(signal) {
          const report = await look(signal);
          onReport?.(report);
          // The next move may be possible at once.
          if (report.actions.some(({ result }) => result === 'done')) loop.wake();
        },
        onError(error) {
          logger.warn('a look failed; the next one comes soon', { error });
          onFailure?.(error);
        },
      });
      loop.start();
      return loop;
    },
  };
}
