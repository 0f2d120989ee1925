/** Plans the moves of a tower: pure. One channel has one move at a time, the most urgent. */

import { dueNow } from '@quittance/chain';
import type { Bytes32, ChannelState, ChannelTerms } from '@quittance/protocol';
import {
  type ChannelView,
  closePhase,
  decisiveState,
  type L1Time,
  lastSecond,
  openHtlcs,
  secretPhase,
  sideOf,
} from './phases.ts';
import { CLOSE_TABLE, type CloseMove, type ClosePhase, SECRET_TABLE, STAGE_OF, type TowerMove } from './table.ts';
import type { WatchedState } from './types.ts';

/** A planned move. The same key means the same on L1. */
export type TowerTask = {
  readonly key: string;
  /** Unix seconds of L1 until which it has to be in a block; undefined when it can wait. */
  readonly until: number | undefined;
} & (
  | { readonly move: 'challenge'; readonly vault: string; readonly shown: WatchedState }
  | { readonly move: 'reveal'; readonly vault: string; readonly hash: Bytes32; readonly secret: Bytes32 }
  | {
      readonly move: 'requestExits';
      readonly vault: string;
      readonly terms: ChannelTerms;
      readonly indices: readonly number[];
    }
  | { readonly move: 'settle'; readonly vault: string; readonly terms: ChannelTerms; readonly state: ChannelState }
  | {
      readonly move: 'payout';
      readonly vault: string;
      readonly terms: ChannelTerms;
      readonly toB: boolean;
      /** Base units that are there for it. */
      readonly amount: bigint;
    }
  | { readonly move: 'collectBonds'; readonly credit: bigint }
);

/** What is to be done about a channel. */
export interface ChannelPlan {
  readonly vault: string;
  readonly phase: ClosePhase;
  /** The one move, `wait` or `none`. */
  readonly move: TowerMove | Extract<CloseMove, 'wait' | 'none'>;
  readonly task: TowerTask | undefined;
  /** Unix seconds of L1 at which something can change by itself; undefined when only others change something. */
  readonly until: number | undefined;
}

/** What planning knows beside L1. */
export interface PlanOptions {
  /** Seconds before the end of an HTLC in which its secret is shown although nobody closes. */
  readonly revealBefore: number;
}

/** A channel with all that is known of it. */
export interface ChannelCase {
  readonly view: ChannelView;
  /** Our newest state as it can be shown. */
  readonly shown: WatchedState;
  readonly secrets: ReadonlyMap<Bytes32, Bytes32>;
}

/** The secrets to show now, the one with the least time first. */
function reveals({ view, secrets }: ChannelCase, phase: ClosePhase, time: L1Time, revealBefore: number): TowerTask[] {
  const state = decisiveState(view);
  return state.htlcs
    .flatMap((htlc): TowerTask[] => {
      const secret = secrets.get(htlc.hash);
      const known = secretPhase(htlc, state, view, secret !== undefined, time, revealBefore);
      if (SECRET_TABLE[known][STAGE_OF[phase]] !== 'reveal') return [];
      const { hash } = htlc;
      const until = lastSecond(htlc, view.close);
      return [{ move: 'reveal', key: `reveal:${hash}`, until, vault: view.vault, hash, secret: secret! }];
    })
    .sort((one, other) => one.until! - other.until!);
}

/** What the table of closes says, as a task. */
function closeTask({ view, shown }: ChannelCase, move: CloseMove): TowerTask | undefined {
  const { vault, terms, close, held, party } = view;
  const until = undefined;
  switch (move) {
    case 'challenge': {
      const { version } = shown.state;
      return { move, key: `challenge:${vault}:${version}`, until: close!.periodEnd, vault, shown };
    }
    case 'settle':
      return { move, key: `settle:${vault}`, until, vault, terms, state: view.standing! };
    case 'payout': {
      const toB = party === 'b';
      const amount = dueNow(close!, held, toB);
      return {
        move,
        key: `payout:${vault}:${close!.paidSenior + close!.paidResidual}`,
        until,
        vault,
        terms,
        toB,
        amount,
      };
    }
    case 'wait':
    case 'none':
      return undefined;
  }
}

function exitTask({ view }: ChannelCase, phase: ClosePhase): TowerTask | undefined {
  const { vault, terms, exits: indices } = view;
  if (indices.length === 0 || phase === 'open') return undefined;
  return { move: 'requestExits', key: `exits:${vault}:${indices.join()}`, until: undefined, vault, terms, indices };
}

/** When something changes by itself. */
function nextChange({ view, secrets }: ChannelCase, phase: ClosePhase, time: L1Time, revealBefore: number) {
  const times: number[] = [];
  const { close } = view;
  if (close !== undefined && !close.isSettled) {
    times.push(close.periodEnd);
    for (const htlc of openHtlcs(view, time)) times.push(lastSecond(htlc, close) + 1);
  }
  if (phase === 'open') {
    for (const htlc of view.ours.state.htlcs) if (secrets.has(htlc.hash)) times.push(htlc.expiry - revealBefore);
  }
  const later = times.filter((at) => at > time.now);
  return later.length === 0 ? undefined : Math.min(...later);
}

/** The move about one channel. */
export function planChannel(one: ChannelCase, time: L1Time, { revealBefore }: PlanOptions): ChannelPlan {
  const { view } = one;
  const phase = closePhase(view, time);
  const move = CLOSE_TABLE[phase][sideOf(view)];
  const about = closeTask(one, move);
  const urgent = [...(about?.until === undefined ? [] : [about]), ...reveals(one, phase, time, revealBefore)];
  urgent.sort((first, second) => first.until! - second.until!);
  // An exit takes the rollup days: it is requested before what follows it.
  const task = urgent[0] ?? exitTask(one, phase) ?? about;
  const rest = move === 'none' ? 'none' : 'wait';
  const until = nextChange(one, phase, time, revealBefore);
  return { vault: view.vault, phase, move: task?.move ?? rest, task, until };
}

/** What comes first when nothing runs out: the same move of another channel is never kept back by one that can wait. */
const ORDER: readonly TowerMove[] = ['challenge', 'reveal', 'requestExits', 'settle', 'payout', 'collectBonds'];

/** Tasks of all channels: what runs out first comes first, then the others by their order. One secret is shown once. */
export function orderTasks(tasks: readonly TowerTask[]): readonly TowerTask[] {
  const byKey = new Map<string, TowerTask>();
  for (const task of tasks) {
    const known = byKey.get(task.key);
    if (known === undefined || (task.until ?? 0) < (known.until ?? 0)) byKey.set(task.key, task);
  }
  const end = ({ until }: TowerTask): number => until ?? Number.MAX_SAFE_INTEGER;
  return [...byKey.values()].sort(
    (one, other) => end(one) - end(other) || ORDER.indexOf(one.move) - ORDER.indexOf(other.move),
  );
}

/** Our bonds, if there are any. */
export function collectTask(credit: bigint): TowerTask | undefined {
  return credit === 0n ? undefined : { move: 'collectBonds', key: 'collectBonds', until: undefined, credit };
}
