/** One look: sources and L1 are read, what runs out is done, then what can wait. */

import type { BlockReference, ChannelsReader } from '@quittance/chain';
import { asRollupError, isRollupError, type RollupError } from '@quittance/protocol';
import { isForParty, type TowerAction, type TowerActor } from './act.ts';
import { type Candidates, groupStates } from './candidates.ts';
import { type HealthOptions, tellAge, tellFunds, tellProblems } from './health.ts';
import { type Observed, type ObserveOptions, observeChannel, observeMoney } from './observe.ts';
import { createPatience, type Patience } from './patience.ts';
import type { L1Time } from './phases.ts';
import {
  type ChannelCase,
  type ChannelPlan,
  collectTask,
  orderTasks,
  type PlanOptions,
  planChannel,
  type TowerTask,
} from './plan.ts';
import { CLOSE_PHASES } from './table.ts';
import { tellChannel } from './tell.ts';
import type { SourceProblem, StateSource } from './types.ts';

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

/** What a look is made of. */
export interface LookParts extends HealthOptions {
  readonly reader: ChannelsReader;
  readonly sources: readonly StateSource[];
  readonly observe: ObserveOptions;
  readonly plan: PlanOptions;
  readonly actor: TowerActor;
  /** Whether the last look saw a channel that is being closed: then sources give all they have. */
  isUrgent: boolean;
}

/** Channels that are read at the same time. */
const AT_ONCE = 50;

/** Failures by the channels that they are about. */
type Failures = (readonly [vault: string, error: RollupError])[];

/** The newest states of all sources. A source that fails is told, unless all do. */
async function readSources(
  { sources }: LookParts,
  isUrgent: boolean,
): Promise<{ readonly candidates: readonly Candidates[]; readonly problems: SourceProblem[] }> {
  const answers = await Promise.allSettled(sources.map((source) => source.newest(isUrgent)));
  const failures = answers.flatMap((answer, place) =>
    answer.status === 'rejected' ? [{ where: sources[place]!.name, error: answer.reason as unknown }] : [],
  );
  if (failures.length === answers.length && failures[0] !== undefined) throw failures[0].error;
  const found = answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []));
  const failed = failures.map(({ where, error }) => ({ where, message: (error as Error).message }));
  return {
    candidates: groupStates(found.flatMap(({ states }) => states)),
    problems: [...found.flatMap(({ problems }) => problems), ...failed],
  };
}

/** Reads all channels, some at a time. What L1 says wrongly of one is no reason to leave the others alone. */
async function observeAll(
  { observe, reader }: LookParts,
  patience: Patience,
  failures: Failures,
  candidates: readonly Candidates[],
  head: BlockReference,
  time: L1Time,
  signal: AbortSignal | undefined,
): Promise<readonly Observed[]> {
  const observed: Observed[] = [];
  for (let first = 0; first < candidates.length; first += AT_ONCE) {
    signal?.throwIfAborted();
    const some = candidates.slice(first, first + AT_ONCE);
    const answers = await Promise.allSettled(some.map((one) => observeChannel(observe, patience, one, head, time)));
    for (const [place, answer] of answers.entries()) {
      if (answer.status === 'fulfilled') observed.push(answer.value);
      else failures.push([some[place]!.vault, asRollupError('looking at a channel', answer.reason)]);
    }
    const isAway = ({ status, reason }: { status: string; reason?: unknown }) =>
      status === 'rejected' && isRollupError(reason, 'L1_UNREACHABLE');
    // Where it is L1 and not the channels, the others would wait as long for nothing.
    if (answers.every(isAway)) await reader.head();
  }
  return observed;
}

/** Channels with their plans. */
interface Planned {
  readonly one: ChannelCase;
  readonly plan: ChannelPlan;
}

/** Performs tasks, those of a channel until one of them is done, secrets aside; the first that runs out first. */
function createRound(parts: LookParts, time: L1Time, signal: AbortSignal | undefined) {
  const { actor, sender, clock, reader } = parts;
  const actions: TowerAction[] = [];
  const startMs = clock.monotonicMs();
  return {
    actions,
    /** @param mostMs of the look, after which nothing more is begun: what begins meanwhile on L1 must be seen. */
    async perform(lists: readonly (readonly TowerTask[])[], mostMs = Number.POSITIVE_INFINITY): Promise<void> {
      for (const tasks of orderTasks(lists)) {
        let isDone = false;
        for (const task of tasks) {
          signal?.throwIfAborted();
          if (clock.monotonicMs() - startMs > mostMs) return;
          // Of the same channel, only more secrets: what was read of the rest is not so any more.
          if (isDone && task.move !== 'reveal') continue;
          // One secret is shown once, in however many channels it counts.
          if (isForParty(task, sender.account) || actions.some(({ key }) => key === task.key)) continue;
          const seconds = Math.floor((clock.monotonicMs() - startMs) / 1_000);
          const action = await actor.perform(task, { ...time, now: time.now + seconds }, signal);
          actions.push(action);
          // Where L1 is away for all, each would wait as long for nothing.
          if (action.result === 'failed') await reader.head();
          isDone ||= action.result === 'done' || action.result === 'waiting';
        }
      }
    },
    /** Whether something was done about a channel: what was read of it is not so any more. */
    isStale: (vault: string): boolean =>
      actions.some((action) => action.vault === vault && (action.result === 'done' || action.result === 'waiting')),
  };
}

/** After so long a look begins nothing more that can wait. */
const MOST_MS = 30_000;

const hasDeadline = ({ until }: TowerTask): boolean => until !== undefined;

/** Looks for money, and plans again with that: of channels about which nothing was done yet. */
async function planMoney(
  { observe, plan: options }: LookParts,
  patience: Patience,
  planned: readonly Planned[],
  isStale: (vault: string) => boolean,
  head: BlockReference,
  time: L1Time,
): Promise<readonly Planned[]> {
  const found: Planned[] = [];
  for (let first = 0; first < planned.length; first += AT_ONCE) {
    const some = planned.slice(first, first + AT_ONCE).map(async ({ one, plan }) => {
      if (options.isGuard || isStale(one.view.vault)) return { one, plan };
      const withMoney = await observeMoney(observe, patience, one, head);
      return { one: withMoney, plan: planChannel(withMoney, time, options) };
    });
    found.push(...(await Promise.all(some)));
  }
  return found;
}

const channelOf = ({ one: { view }, plan: { vault, phase, move, until } }: Planned): TowerChannel => ({
  ...{ vault, phase, move, until, version: view.ours.state.version },
  standing: view.close?.version,
  periodEnd: view.close?.periodEnd,
});

/** Plans all channels, tells what is seen, and makes the moves: what runs out first, and what can wait after all of that. */
async function act(
  parts: LookParts,
  patience: Patience,
  cases: readonly ChannelCase[],
  head: BlockReference,
  time: L1Time,
  signal: AbortSignal | undefined,
): Promise<Pick<TowerReport, 'channels' | 'actions'>> {
  const { alerts, sender, reader, plan: options } = parts;
  const planned = cases.map((one) => ({ one, plan: planChannel(one, time, options) }));
  for (const { one, plan } of planned) tellChannel(alerts, one, plan, time);
  const round = createRound(parts, time, signal);
  await round.perform(planned.map(({ plan }) => plan.tasks.filter(hasDeadline)));
  const withMoney = await planMoney(parts, patience, planned, round.isStale, head, time);
  const rest = withMoney.filter(({ plan }) => !round.isStale(plan.vault)).map(({ plan }) => plan.tasks);
  const credit = await patience.ask('bonds', 0n, () => reader.creditOf(sender.account, head.hash));
  const collect = collectTask(credit);
  await round.perform([...rest, collect === undefined ? [] : [collect]], MOST_MS);
  return { channels: withMoney.map(channelOf), actions: round.actions };
}

/** The time on L1. */
function l1Time({ timestamp }: Pick<BlockReference, 'timestamp'>, nowMs: number): L1Time {
  return { block: timestamp, now: Math.max(timestamp, Math.floor(nowMs / 1_000)) };
}

/** One look. @throws as `Tower.look`. */
export async function lookAt(parts: LookParts, signal: AbortSignal | undefined): Promise<TowerReport> {
  const { clock, reader, measurements } = parts;
  const head = await reader.head();
  const time = l1Time(head, clock.nowMs());
  tellAge(parts, head);
  const failures: Failures = [];
  const patience = createPatience(clock, (vault, error) => void failures.push([vault, error]));
  const wasUrgent = parts.isUrgent;
  let { candidates, problems } = await readSources(parts, wasUrgent);
  let observed = await observeAll(parts, patience, failures, candidates, head, time, signal);
  parts.isUrgent = observed.some((one) => 'one' in one && one.one.view.close?.isSettled === false);
  if (parts.isUrgent && !wasUrgent) {
    // Something has begun: whatever is newer than what a source gave counts.
    ({ candidates, problems } = await readSources(parts, true));
    failures.length = 0;
    observed = await observeAll(parts, patience, failures, candidates, head, time, signal);
  }
  const cases = observed.flatMap((one) => ('one' in one ? [one.one] : []));
  const { channels, actions } = await act(parts, patience, cases, head, time, signal);
  const unsound = observed.flatMap((one) =>
    'problem' in one ? [{ where: `channel ${one.vault}`, message: one.problem }] : [],
  );
  const unread = failures.map(([vault, { message }]) => ({ where: `channel ${vault}`, message }));
  const all = [...problems, ...unsound, ...unread];
  tellProblems(parts, all);
  for (const phase of CLOSE_PHASES) {
    measurements.channels.set(channels.filter((channel) => channel.phase === phase).length, { phase });
  }
  await tellFunds(parts);
  return { head, channels, actions, problems: all, isComplete: unread.length === 0 };
}
